"""Sentences for people as the command line says them: in English, like all else that it prints."""

from functools import lru_cache

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from portal.core.messages import Message, Name
from portal.core.settings import PROJECT_ROOT


def in_english(message: Message) -> str:
    """This function will return the English sentence of `message`, and the Chinese one where none is known."""
    found = _sentences().get(message.text)
    text = str(found.string) if found is not None and found.string else message.text
    return text % {name: _told(value) for name, value in message.params.items()} if message.params else text


def _told(value: object) -> object:
    if isinstance(value, Message):
        return in_english(value)
    return value.en if isinstance(value, Name) else value


@lru_cache
def _sentences() -> Catalog:
    with (PROJECT_ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")
