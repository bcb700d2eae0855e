"""Layouts, components, style sheets, scripts and vendored files: each rule of the look that a machine can check."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

from tests.web import gallery
from tests.web import gallery_data as data
from tests.web import gallery_forms as forms

ROOT = gallery.ROOT
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Rooms' own templates use filters that the application adds; a sweep over the application compiles those.
SHARED = [path for path in TEMPLATES if path.parent.name in {"templates", "layouts", "components", "errors"}]
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
MODULES = {path.stem for path in (ROOT / "static" / "js").glob("*.js")}
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")))


def relative(path: Path) -> str:
    """This function will name a file by its path inside the project."""
    return str(path.relative_to(ROOT))


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """This function will keep one tag."""
        self.found.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        """This function will return the values of one attribute, in the page's order."""
        return [attrs[name] or "" for _, attrs in self.found if name in attrs]


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """Every page of the gallery, in the light theme."""
    return {page: gallery.render(page) for page in gallery.pages()}


@pytest.mark.parametrize("path", SHARED, ids=relative)
def test_template_compiles_and_is_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    gallery.environment().get_template(str(path.relative_to(ROOT / "templates")))

    assert len(source.splitlines()) <= 350


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    found = re.findall(r"\sstyle=|<style|\son(?!ly=)[a-z]+=[\"']|javascript:|<script(?![^>]*\ssrc=)", source)

    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_reads_no_field_that_is_a_method_of_dicts(path: Path) -> None:
    tree = gallery.environment().parse(path.read_text(encoding="utf-8"))
    called = {id(node.node) for node in tree.find_all(nodes.Call)}

    read = {node.attr for node in tree.find_all(nodes.Getattr) if id(node) not in called}

    # Of a dict, Jinja would print the method. Submissions and their views do have a field `items`, and are no dicts.
    assert read & ({name for name in dir(dict) if not name.startswith("_")} - {"items"}) == set()


@pytest.mark.parametrize("path", COMPONENTS, ids=relative)
def test_component_file_holds_nothing_but_documented_macros(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = gallery.environment().parse(source)
    macros = [node.name for node in tree.find_all(nodes.Macro)]
    comments = " ".join(re.findall(r"{#.*?#}", source, re.DOTALL))

    undocumented = [name for name in macros if not re.search(rf"\b{name}\b", comments)]
    output = [
        node
        for node in tree.body
        if isinstance(node, nodes.Output) and str(getattr(node.nodes[0], "data", "x")).strip()
    ]

    assert (undocumented, output) == ([], [])


def macro_names() -> list[tuple[str, str]]:
    """This function will return (component file, macro) for every macro that pages may use."""
    found = []
    for path in COMPONENTS:
        tree = gallery.environment().parse(path.read_text(encoding="utf-8"))
        found += [(path.name, node.name) for node in tree.find_all(nodes.Macro) if not node.name.startswith("_")]
    return found


def called_names(folder: Path) -> set[str]:
    """This function will return every name that a template below the folder calls."""
    names: set[str] = set()
    for path in sorted(folder.rglob("*.html")):
        tree = gallery.environment().parse(path.read_text(encoding="utf-8"))
        names |= {node.node.name for node in tree.find_all(nodes.Call) if isinstance(node.node, nodes.Name)}
    return names


def test_every_macro_is_rendered_somewhere() -> None:
    folders = [ROOT / "templates" / "layouts", ROOT / "templates" / "components", ROOT / "templates" / "errors"]
    called = set().union(*(called_names(folder) for folder in [*folders, ROOT / "tests" / "web" / "gallery"]))

    never = [(file, name) for file, name in macro_names() if name not in called]

    assert never == []


def test_every_icon_is_in_the_sprite(rendered: dict[str, str]) -> None:
    literal = {
        name for path in TEMPLATES for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    drawn = {name for html in rendered.values() for name in re.findall(r"icons\.svg#([a-z0-9-]+)", html)}

    assert (literal | drawn) - SPRITE == set()


def test_every_module_named_by_a_page_exists(rendered: dict[str, str]) -> None:
    named = {name for html in rendered.values() for value in Tags(html).values("data-module") for name in value.split()}

    assert named - MODULES == set()


def test_every_static_file_named_by_a_page_exists(rendered: dict[str, str]) -> None:
    paths = {
        value.partition("#")[0]
        for html in rendered.values()
        for name in ("src", "href")
        for value in Tags(html).values(name)
        if value.startswith("/static/")
    }

    assert [path for path in sorted(paths) if not (ROOT / path.lstrip("/")).is_file()] == []


def test_every_style_sheet_is_linked_once(rendered: dict[str, str]) -> None:
    linked = re.findall(r"/static/css/([a-z-]+)\.css", rendered["parts"])

    assert sorted(linked) == sorted(path.stem for path in STYLES)


@pytest.mark.parametrize("path", STYLES, ids=relative)
def test_style_sheet_uses_only_known_tokens_and_own_files(path: Path) -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    source = path.read_text(encoding="utf-8")
    known = set(re.findall(r"(--pt-[a-z0-9-]+):", tokens))

    unknown = set(re.findall(r"var\((--pt-[a-z0-9-]+)", source)) - known

    assert unknown == set()
    assert re.findall(r"url\((?!\"?data:)|@import|https?:", source) == []
    assert source.count("{") == source.count("}")


@pytest.mark.parametrize("page", gallery.pages())
def test_page_has_one_heading_a_title_and_no_duplicate_ids(page: str, rendered: dict[str, str]) -> None:
    tags = Tags(re.sub(r"<template.*?</template>", "", rendered[page], flags=re.DOTALL))
    ids, names = tags.values("id"), [tag for tag, _ in tags.found]

    assert names.count("h1") == 1
    assert names[: names.index("body")].count("title") == 1  # drawings below have titles of their own
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("page", gallery.pages())
def test_every_form_that_changes_state_carries_the_token(page: str, rendered: dict[str, str]) -> None:
    found = re.findall(r"<form[^>]*method=\"post\".*?</form>", rendered[page], re.DOTALL)

    without = [form[:80] for form in found if 'name="csrf_token"' not in form]

    assert without == []


def test_pill_refuses_an_unknown_state() -> None:
    template = gallery.environment().from_string('{% from "components/status.html" import pill %}{{ pill("on_fire") }}')

    with pytest.raises(Exception, match="on_fire"):
        template.render()


def component(source: str, **context: Any) -> str:
    """This function will render a line that uses components, with the gallery's globals."""
    return gallery.environment().from_string(source).render(asset_url=data.asset_url, **context)


def test_desktop_shows_own_slots_and_the_operators_where_there_is_none() -> None:
    html = component(
        '{% from "components/tv.html" import desktop %}{{ desktop(doc, asset_url) }}',
        doc=data.document(slots=[data.slot(2, "客房送餐")]),
    )

    shown = re.findall(r'<span class="cap">([^<]+)', html)

    assert shown[:3] == ["热播剧场", "客房送餐", "4K 影院"]
    assert len(shown) == 10


def test_text_of_a_document_is_escaped_on_the_television() -> None:
    doc = data.document(slots=[data.slot(1, "<script>alert(1)</script>")])
    doc["marquee"][0]["text"] = '<img src=x onerror="alert(1)">'

    html = component('{% from "components/tv.html" import desktop %}{{ desktop(doc, asset_url) }}', doc=doc)

    assert ("<script" in html, "<img src=x" in html) == (False, False)


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize(
    "call", ["desktop(doc, asset_url)", "zone(doc, asset_url)", "splash(doc, asset_url, 2)", "ad(doc, asset_url)"]
)
def test_every_screen_draws_a_full_and_an_empty_document(call: str, empty: bool) -> None:
    source = '{% from "components/tv.html" import desktop, zone, splash, ad %}{{ ' + call + " }}"

    html = component(source, doc=data.document(empty=empty))

    assert len(html.strip()) > 40


def test_chosen_filter_is_taken_away_by_its_own_address() -> None:
    chip = {"label": "类型", "value": "图片", "clear": "/media?sort=name", "options": []}

    html = component(
        '{% from "components/tables.html" import filters %}{{ filters("/media", chips=[chip]) }}', chip=chip
    )

    assert 'href="/media?sort=name"' in html


def test_error_summary_links_every_wrong_field_nested_ones_too() -> None:
    html = component(
        '{% from "components/forms.html" import error_summary %}{{ error_summary(form) }}', form=forms.bad_form()
    )

    assert re.findall(r'href="#([^"]+)"', html) == ["text", "priority", "windows-0-from_"]


def test_refused_window_keeps_what_was_typed() -> None:
    html = component(
        '{% from "components/forms.html" import windows %}{{ windows(form.windows) }}', form=forms.bad_form()
    )

    assert 'name="windows-0-from_" value="2026-13-40" aria-invalid="true"' in html


def test_characters_of_a_change_are_marked_on_their_side() -> None:
    source = '{% from "components/diff.html" import chars %}{{ chars(ops, "before") }}|{{ chars(ops, "after") }}'

    html = component(source, ops=[("=", "11 月 "), ("-", "21"), ("+", "28"), ("=", " 日")])

    assert html == "11 月 <del>21</del> 日|11 月 <ins>28</ins> 日"


def test_more_than_three_actions_go_into_a_menu() -> None:
    source = '{% from "components/tables.html" import row_actions %}{{ row_actions(actions) }}'

    shown = component(source, actions=[{"label": f"做 {n}", "href": "#"} for n in range(5)])
    outside = shown.partition("<details")[0]

    assert re.findall(r"做 \d", outside) == ["做 0", "做 1"]


def test_vendored_files_match_their_manifest() -> None:
    vendor = ROOT / "static" / "vendor"
    packages = json.loads((vendor / "manifest.json").read_text(encoding="utf-8"))["packages"]
    stated = {name: digest for package in packages for name, digest in package["files"].items()}

    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.iterdir()
        if path.suffix in {".js", ".mjs", ".css"}
    }

    assert present == stated
    assert all(package["licence"] and package["version"] for package in packages)
