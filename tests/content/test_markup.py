import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.content.markup import markup_fault, text_of
from portal.core.html import sanitize_html

pieces = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<h2 class='c-red'>",
        "</h2>",
        "<br>",
        "<table><tr><td>",
        "</td></tr></table>",
        "<li>",
        "<ul>",
        "&lt;",
        "&",
        "<",
        "<script>",
        "</script>",
        "<a href='x'>",
        "</a>",
        "<!-- ",
        " -->",
        "<p style='x'",
        ">",
        "文字",
        "a < b",
        "\x00",
        "<em onclick=x>",
    ]
)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "院长寄语",
        '<h2 class="c-red a-center">通知</h2><p>第一行<br>第二行</p>',
        "<ul><li>一</li><li><strong>二</strong></li></ul>",
        "<table><tr><th>科室</th><td>电话</td></tr></table>",
        "<p>1 &lt; 2 &amp; 3</p>",
    ],
)
def test_markup_of_the_contract_has_no_fault(html: str) -> None:
    assert markup_fault(html) is None


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<p style="color:red">a</p>',
        '<p class="c-red evil">a</p>',
        '<p class="C-RED">a</p>',
        '<a href="https://example.com">a</a>',
        '<img src="x">',
        "<p>a",
        "a</p>",
        "<p><strong>a</p></strong>",
        "<p>a<",
        "<p>a</p><img src=x onerror=alert(1)",
        "<!-- a --><p>b</p>",
        "<!DOCTYPE html><p>a</p>",
        "<?php a ?>",
        "<p>\x00</p>",
        "<svg><p>a</p></svg>",
    ],
)
def test_markup_outside_the_contract_has_a_fault(html: str) -> None:
    assert markup_fault(html) is not None


@settings(deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
def test_cleaned_markup_never_has_a_fault(html: str) -> None:
    assert markup_fault(sanitize_html(html)) is None


def test_text_has_a_line_per_block_and_no_markup() -> None:
    html = "<h2>科室 &amp; 专家</h2><p>一<br>二</p><ul><li>a <strong>b</strong></li></ul><p> </p>"

    assert text_of(html) == "科室 & 专家\n一\n二\na b"
