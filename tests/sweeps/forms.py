"""The forms that people see: found on the pages, filled as a browser would fill them, and sent by whoever may."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

Fields = list[tuple[str, str]]


@dataclass
class FoundForm:
    """A form with method post: where it leads, and what it would send untouched."""

    action: str
    fields: Fields = field(default_factory=list)


def forms_of(page: str, path: str) -> list[FoundForm]:
    """This function will return the page's post forms; a button that leads elsewhere makes one more, with the same fields."""
    reader = _Reader(path)
    reader.feed(page)
    return reader.found


def endpoint_of(app: Flask, action: str) -> str | None:
    """This function will return the endpoint that an address belongs to for a post, or None."""
    path, _mark, query = action.partition("?")
    try:
        return app.url_map.bind("localhost").match(path, method="POST", query_args=query)[0]
    except (HTTPException, RequestRedirect):
        return None


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.found: list[FoundForm] = []
        self._path = path
        self._form: FoundForm | None = None
        self._elsewhere: list[FoundForm] = []
        self._select: str | None = None
        self._chosen: list[str] | None = None
        self._first: str | None = None
        self._area: tuple[str, list[str]] | None = None
        self._many = False
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "template":  # what stands in one is no part of the page yet
            self._templates += 1
        elif self._templates:
            return
        elif tag == "form":
            self._form = FoundForm(given.get("action") or self._path) if _is_post(given) else None
            self._elsewhere = []
        elif self._form is not None:
            self._read_field(tag, given)

    def _read_field(self, tag: str, given: Mapping[str, str | None]) -> None:
        name = given.get("name")
        if tag == "button" or given.get("type") == "submit":
            self._read_button(given)
        elif tag == "input" and name and given.get("type") != "file":
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._put(name, given.get("value") or ("on" if given.get("type") == "checkbox" else ""))
        elif tag == "select" and name:
            self._select, self._chosen, self._first = name, [], None
            self._many = "multiple" in given
        elif tag == "option" and self._chosen is not None:
            value = given.get("value") or ""
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self._chosen.append(value)
        elif tag == "textarea" and name:
            self._area = name, []

    def _read_button(self, given: Mapping[str, str | None]) -> None:
        elsewhere = given.get("formaction")
        form = FoundForm(elsewhere) if elsewhere else None
        if form is not None:
            self._elsewhere.append(form)
        if given.get("name") and form is not None:
            form.fields.append((str(given["name"]), given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        if self._form is None or self._templates:
            return
        if tag == "select" and self._select is not None:
            chosen = self._chosen or ([] if self._many or self._first is None else [self._first])
            for value in chosen:
                self._put(self._select, value)
            self._select, self._chosen = None, None
        elif tag == "textarea" and self._area is not None:
            self._put(self._area[0], "".join(self._area[1]).lstrip("\n"))
            self._area = None
        elif tag == "form":
            for form in self._elsewhere:
                form.fields = [*self._form.fields, *form.fields]
            self.found += [self._form, *self._elsewhere]
            self._form = None

    def _put(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.fields.append((name, value))


def _is_post(given: Mapping[str, Any]) -> bool:
    return (given.get("method") or "get").lower() == "post"
