"""Only what pages can meet of a style sheet, and all of that."""

from pathlib import Path

import pytest

from portal.core.settings import PROJECT_ROOT
from portal.web.pruning import pruned, words
from portal.web.static_files import SHEETS, bought, bundle

NAMES = frozenset({"btn", "btn-sm", "is-on", "w-1/2"})


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        (".btn{color:red}.card{color:blue}", ".btn{color:red}"),
        (".card,.btn,a{color:red}", ".btn,a{color:red}"),
        (".btn.card,.card .btn{color:red}", ""),
        ("p{margin:0}:root{--x:1}", "p{margin:0}:root{--x:1}"),
        (".btn:not(.card){color:red}", ".btn:not(.card){color:red}"),
        (".btn:not(:is(.card,.x),.y),.card{a:b}", ".btn:not(:is(.card,.x),.y){a:b}"),
        ("a[href$='.pdf']{a:b}", "a[href$='.pdf']{a:b}"),
        (r".w-1\/2{a:b}", r".w-1\/2{a:b}"),
        ("@media print{.card{a:b}.btn{c:d}}", "@media print{.btn{c:d}}"),
        ("@media print{.card{a:b}}", ""),
        ("@media (min-width:1px){@supports (a:b){.btn{c:d}.x{y:z}}}", "@media (min-width:1px){@supports (a:b){.btn{c:d}}}"),
        ("@keyframes card{from{a:b}to{c:d}}", "@keyframes card{from{a:b}to{c:d}}"),
        ('@charset "UTF-8";.card{a:b}', '@charset "UTF-8";'),
        ("""/*! .btn{} */.btn{content:"}.card{"}""", """.btn{content:"}.card{"}"""),
        (r""".btn{content:"\""}.card{a:b}""", r""".btn{content:"\""}"""),
    ],
)  # fmt: skip
def test_rule_is_kept_where_its_classes_are_written(sheet: str, left: str) -> None:
    assert pruned(sheet, NAMES) == left


def test_words_are_what_could_be_a_class(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p class="btn btn-sm{% if on %} is-on{% endif %}">1</p>', encoding="utf-8")

    assert words([tmp_path / "a.html"]) == {"p", "class", "btn", "btn-sm", "if", "on", "is-on", "endif"}


def test_own_sheets_are_sent_whole_after_a_part_of_the_bought_one() -> None:
    static = PROJECT_ROOT / "static"
    own = [(static / name).read_text(encoding="utf-8") for name in SHEETS[1:]]

    part = bought(str(static))

    assert bundle(str(static)).decode() == "\n".join([part, *own])
    assert len(part) < (static / SHEETS[0]).stat().st_size / 4
    assert {name for name in ("btn", "btn-primary", "form-control", "table") if f".{name}{{" not in part} == set()
