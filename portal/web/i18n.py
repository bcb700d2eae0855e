"""Languages: Chinese is the source, English the second; messages from below Flask are translated here."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, session
from flask_babel import Babel, get_translations, gettext
from markupsafe import Markup

from portal.core.messages import Message, Name
from portal.core.settings import PROJECT_ROOT
from portal.web.sessions import current_session

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
LANGUAGE_TAGS: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}  # as HTML names them (BCP 47)
_SENTENCES = 8192
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def translate(message: Message) -> str:
    """This function will return the sentence of `message` in the reader's language."""
    return _said(message, lambda text: str(gettext(text)), language)


def teller() -> Callable[[Message], str]:
    """This function will return what translates into the language of the reader of now, also when the request is over."""
    catalogue, tongue = get_translations(), language()
    return lambda message: _said(message, lambda text: str(catalogue.ugettext(text)), lambda: tongue)


def in_english(message: Message) -> str:
    """This function will return the English sentence of `message` where there is no reader: on the command line, in English like all that it prints."""
    return _said(message, _english, lambda: "en")


def _said(message: Message, sentence_of: Callable[[str], str], tongue: Callable[[], str]) -> str:
    def told(value: object) -> object:
        if isinstance(value, Message):
            return _said(value, sentence_of, tongue)
        return value.in_language(tongue()) if isinstance(value, Name) else value

    text = sentence_of(message.text)
    return text % {key: told(value) for key, value in message.params.items()} if message.params else text


def _english(text: str) -> str:
    found = _english_sentences().get(text)
    return str(found.string) if found is not None and found.string else text


@lru_cache
def _english_sentences() -> Catalog:
    with (PROJECT_ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def language() -> str:
    """This function will return the reader's language code: the one chosen, else Chinese."""
    if not has_request_context():
        return "zh"
    signed_in = current_session().signed_in
    if signed_in is not None:
        return signed_in.language
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return "zh"


def named(entries: Mapping[str, Any], code: str | None) -> str:
    """This function will return the name of the entry `code` of the catalogue in the reader's language, or nothing where there is none."""
    entry = entries.get(code or "")
    return str(entry.name.in_language(language())) if entry else ""


def compile_stale(folder: Path) -> None:
    """This function will compile every catalogue below `folder` whose text is newer than its compiled form."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as text:
                catalogue = read_po(text, locale=source.parts[-3])
            partial = compiled.with_suffix(".mo.part")
            with partial.open("wb") as binary:
                write_mo(binary, catalogue)
            partial.replace(compiled)


def install(app: Flask, folder: Path) -> None:
    """This function will make `app` speak both languages, with catalogues from `folder`."""
    Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(folder),
        locale_selector=lambda: _LOCALES[language()],
    )
    # Not Jinja's own way, which looks for the catalogue and formats the sentence anew in every cell of a long list.
    app.jinja_env.globals.update({"_": sentence, "gettext": sentence})


def sentence(text: str, /, **values: object) -> Markup:
    """This function will return a template's sentence in the reader's language, `values` escaped into its placeholders.

    As with Jinja's own, `%` is written `%%`, with values or without.
    """
    catalogue = _catalogue()
    return _pattern(catalogue, text) % values if values else _fixed(catalogue, text)


@lru_cache(maxsize=_SENTENCES)
def _pattern(catalogue: Any, text: str) -> Markup:
    return Markup(catalogue.ugettext(text))  # noqa: S704 - our own translations, checked by the sweeps


@lru_cache(maxsize=_SENTENCES)
def _fixed(catalogue: Any, text: str) -> Markup:
    return _pattern(catalogue, text) % {}


def _catalogue() -> Any:
    """The catalogue of the reader's language, found once a request; no page changes its language half way."""
    try:
        return g.catalogue
    except AttributeError:
        g.catalogue = get_translations()
        return g.catalogue
