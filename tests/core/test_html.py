"""Rich text: what stays, what goes, and that no known trick gets a script, a link or a style through."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.errors import Refused
from portal.core.html import CLASSES, MAX_CHARACTERS, MAX_DEPTH, TAGS, sanitize_html

ATTACKS = [
    # scripts, straight and disguised
    "<script>alert(1)</script>",
    "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script/xss>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<script>alert(1)",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<scr<script></script>ipt>alert(1)</script>",
    "<script><!--<script>alert(1)</script>--></script>",
    "<p><script>alert(1)</script></p>",
    "</p><script>alert(1)</script><p>",
    "<table><script>alert(1)</script></table>",
    "<script>alert(1)</style></script>",
    "<style></script><script>alert(1)</script></style>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ufeff<script>alert(1)</script>",
    "<%00script>alert(1)</script>",
    "<ſcript>alert(1)</ſcript>",
    # event handlers
    '<p onclick="alert(1)">x</p>',
    "<p onclick=alert(1)>x</p>",
    "<p/onclick=alert(1)>x</p>",
    '<p\tonmouseover\x0b="alert(1)">x</p>',
    '<p class="c-red" onclick="alert(1)">x</p>',
    '<p class="c-red"onclick="alert(1)">x</p>',
    "<p class='c-red\"onclick=alert(1)'>x</p>",
    '<p class="c-red&quot; onclick=&quot;alert(1)">x</p>',
    "<p class=c-red` onclick=alert(1)//`>x</p>",
    "<td onfocus=alert(1) tabindex=1 autofocus>x</td>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<select autofocus onfocus=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    # links and loads
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="https://evil.example/">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<img src="https://evil.example/pixel.png">',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)"></object>',
    '<embed src="javascript:alert(1)">',
    '<form action="javascript:alert(1)"><button>x</button></form>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<base href="javascript:alert(1)//">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<blockquote cite="javascript:alert(1)">x</blockquote>',
    '<table background="javascript:alert(1)"><tr><td>x</td></tr></table>',
    # styles
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<p style="position:fixed;top:0;left:0;width:100%">x</p>',
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<font color=red size=99>x</font>",
    # comments and conditionals
    "<!--<script>alert(1)</script>-->",
    "<!--><script>alert(1)</script>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY e '<script>alert(1)</script>'>]>&e;",
    # parsers that disagree (mutation)
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<noembed><img title="</noembed><img src=x onerror=alert(1)>">',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>">',
    '<title><img title="</title><img src=x onerror=alert(1)>">',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg><foreignObject><p><style><!--</style><img src=x onerror=alert(1)>--></p></foreignObject></svg>",
    "<table><td><svg><desc><td><title><![CDATA[</title><img src=x onerror=alert(1)>]]></svg></table>",
    "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
    "\ud800<script>alert(1)</script>\udfff",
    # classes
    '<p class="c-red modal fixed-top">x</p>',
    '<p class="C-RED">x</p>',
    '<p class="c-red\u00a0evil">x</p>',
    '<br class="c-red" clear="all">',
]


class Inventory(HTMLParser):
    """What a lenient parser finds in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.classes: set[str] = set()
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            self.classes.update((value or "").split())

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def inventory(html: str) -> Inventory:
    found = Inventory()
    found.feed(html)
    found.close()
    return found


def test_corpus_of_attacks_is_large_enough() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS)
    assert len(ATTACKS) >= 60


@pytest.mark.parametrize("attack", ATTACKS)
def test_sanitize_html_leaves_nothing_but_the_contract(attack: str) -> None:
    clean = sanitize_html(attack)

    found = inventory(clean)
    assert found.tags - TAGS == set()
    assert found.attributes - {"class"} == set()
    assert found.classes - CLASSES == set()
    assert found.others == []
    assert sanitize_html(clean) == clean


@pytest.mark.parametrize("attack", ATTACKS)
def test_sanitize_html_disarms_an_attack_inside_ordinary_text(attack: str) -> None:
    clean = sanitize_html(f"<h2>今日菜单</h2>{attack}")

    found = inventory(clean)
    assert clean.startswith("<h2>今日菜单</h2>")
    assert found.tags - TAGS == set()
    assert found.attributes - {"class"} == set()


@pytest.mark.parametrize(
    "html",
    [
        "<p>一行文字</p>",
        "<h2>标题</h2><h3>小标题</h3>",
        "<p><strong>粗</strong><em>斜</em><u>线</u><s>删</s><br>换行</p>",
        "<ul><li>一</li><li>二</li></ul><ol><li>三</li></ol>",
        "<blockquote><p>引用</p></blockquote>",
        "<table><tr><th>周一</th><td>红烧肉</td></tr></table>",
        *(f'<p class="{name}">字</p>' for name in sorted(CLASSES)),
        '<p class="c-red a-center">字</p>',
        "<p>3 &lt; 5 &amp; 7 &gt; 2</p>",
        "<p>👨‍👩‍👧 𠮷野家</p>",
        "",
    ],
)
def test_sanitize_html_keeps_what_boxes_can_show(html: str) -> None:
    assert sanitize_html(html) == html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="https://example.org">链接</a>', "链接"),
        ("<div><p>文</p></div>", "<p>文</p>"),
        ("<h1>大</h1>", "大"),
        ("<b>粗</b>", "粗"),
        ("前<script>alert(1)</script>后", "前后"),
        ("前<style>p{}</style>后", "前后"),
        ("前<!-- 注 -->后", "前后"),
        ("<p>未关", "<p>未关</p>"),
        ("<table><tbody><tr><td>格</td></tr></tbody></table>", "<table><tr><td>格</td></tr></table>"),
        ('<p class="c-red Mso">字</p>', '<p class="c-red">字</p>'),
        ('<p class="Mso">字</p>', "<p>字</p>"),
        ("<p>一\r\n二\r三</p>", "<p>一\n二\n三</p>"),
        ("<p>响\x07铃\x9f</p>", "<p>响铃</p>"),
        ("<p>\ud83d 半个</p>", "<p> 半个</p>"),
        ("3 < 5", "3 &lt; 5"),
    ],
)
def test_sanitize_html_takes_out_the_rest_and_keeps_its_text(html: str, expected: str) -> None:
    assert sanitize_html(html) == expected


@pytest.mark.parametrize("html", ["x" * (MAX_CHARACTERS + 1), "&" * MAX_CHARACTERS])
def test_sanitize_html_refuses_what_is_or_becomes_too_long(html: str) -> None:
    with pytest.raises(Refused) as refusal:
        sanitize_html(html)

    assert refusal.value.code == "html_too_long"


def test_sanitize_html_takes_the_longest_text() -> None:
    html = "字" * MAX_CHARACTERS

    assert sanitize_html(html) == html


def test_sanitize_html_takes_the_deepest_nesting_and_refuses_one_level_more() -> None:
    deepest = "<blockquote>" * MAX_DEPTH + "字" + "</blockquote>" * MAX_DEPTH

    assert sanitize_html(deepest) == deepest
    with pytest.raises(Refused) as refusal:
        sanitize_html(f"<blockquote>{deepest}</blockquote>")
    assert refusal.value.code == "html_too_deep"


_PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in sorted(TAGS)] + [f"</{tag}>" for tag in sorted(TAGS)]),
    st.sampled_from(
        ["<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<a href=x>", "</a>", "<!--", "-->"]
    ),
    st.sampled_from(
        ["<tbody>", "<caption>", "<select>", "<option>", "<b>", "<div>", "<math>", "<template>", "<textarea>"]
    ),
    st.sampled_from(
        ['<p class="c-red">', "<td class='x c-blue'>", '<h2 onclick="x">', "&lt;", "&amp;", "&nbsp;", "&#0;", "&"]
    ),
    st.text(max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=30).map("".join))
def test_sanitize_html_is_a_fixed_point_and_within_the_contract(html: str) -> None:
    clean = sanitize_html(html)

    found = inventory(clean)
    assert sanitize_html(clean) == clean
    assert found.tags - TAGS == set()
    assert found.attributes - {"class"} == set()


def test_sanitize_html_makes_no_text_longer_than_its_input_by_tags_alone() -> None:
    html = "<p>" + "<strong><em>字</em></strong>" * 200 + "</p>"

    clean = sanitize_html(html)

    assert re.sub(r"<[^>]+>", "", clean) == "字" * 200
