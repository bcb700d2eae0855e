"""What the web layer gives to templates: sentences, icons, the addresses of rows."""

import re

import pytest
from flask import Flask, g, url_for
from flask_babel import force_locale, gettext
from markupsafe import Markup

from portal.core.ids import new_id
from portal.web.formats import ground, uptime
from portal.web.i18n import sentence
from portal.web.rendering import asset, icon, row_address
from portal.web.state import state
from tests.world.browser import Browser
from tests.world.cast import Cast


def test_address_of_a_row_is_what_url_for_says(app: Flask, cast: Cast) -> None:
    one, other = new_id(), new_id()
    with app.test_request_context("/"):
        app.preprocess_request()
        found = []
        for tenant in (cast.yunqi.tenant, cast.jiangzhou.tenant):
            state().tenant = tenant
            in_path, in_query = row_address("media.asset", "media_id"), row_address("enterprises.new", "customer")
            found += [(in_path(each), url_for("media.asset", media_id=each)) for each in (one, other)]
            found += [(in_query(each), url_for("enterprises.new", customer=each)) for each in (one, 'a&b="<一')]

    assert [pair for pair in found if pair[0] != pair[1]] == []
    assert len({address for address, _same in found}) == 6


def test_licences_stand_below_the_name_on_pages_outside_of_the_enterprise_too(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)

    pages = [browser.get(path).text for path in (cast.yunqi.path, "/account")]

    inside, outside = (re.findall(r"<small class=\"cut\">(.*?)</small>", page)[0] for page in pages)
    assert inside == outside
    assert inside.startswith("订购 ")


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_sentence_is_translated_and_escapes_what_is_put_into_it(app: Flask, language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        app.preprocess_request()
        plain = sentence("用户与权限")
        filled = sentence("选中 %(name)s", name="<b>&")

        assert str(plain) == gettext("用户与权限")
        assert str(filled) == gettext("选中 %(name)s", name="&lt;b&gt;&amp;")
        assert isinstance(plain, Markup)


def test_percent_is_written_twice_in_a_sentence(app: Flask) -> None:
    with app.test_request_context("/"):
        assert (sentence("100%%"), sentence("%(n)d%%", n=5)) == ("100%", "5%")


def test_icon_is_drawn_from_the_sprite_and_takes_nothing_as_markup(app: Flask) -> None:
    with app.test_request_context("/"):
        assert f'class="i i-s" aria-hidden="true" focusable="false"><use href="{asset("icons.svg")}#x"' in icon(
            "x", "i-s"
        )
        assert "<b>" not in icon("<b>", "<b>")
        assert g.sprite == asset("icons.svg")


@pytest.mark.parametrize(("seed", "found"), [("", 0), ("123456789012", 6), ("a1\u0663", 1)])
def test_ground_of_a_crest_comes_from_the_digits(seed: str, found: int) -> None:
    assert ground(seed) == found


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 分", "0 min"),
        (3599, "59 分", "59 min"),
        (3600, "1 小时 0 分", "1 h 0 min"),
        (86399, "23 小时 59 分", "23 h 59 min"),
        (17 * 86400 + 23 * 3600 + 59, "17 天 23 小时", "17 d 23 h"),
    ],
)
def test_uptime_is_said_in_its_two_largest_units(app: Flask, seconds: int, zh: str, en: str) -> None:
    said = []
    for locale in ("zh_Hans_CN", "en"):
        with app.test_request_context(), force_locale(locale):
            said.append(uptime(seconds))

    assert said == [zh, en]
