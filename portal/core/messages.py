"""Sentences for people, marked for translation below Flask and translated by the web layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Name:
    """What something of the catalogue is called in Chinese and in English; the catalogue's data say both, not our translations."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def in_language(self, language: str) -> str:
        """This function will return the English name for `en` and its variants, the Chinese one otherwise."""
        return self.en if language.lower().startswith("en") else self.zh


@dataclass(frozen=True)
class Message:
    """A Chinese source sentence and the values of its `%(name)s` placeholders; a value may be a `Message` itself, or a `Name`."""

    text: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def __hash__(self) -> int:
        return hash((self.text, tuple(sorted((key, str(value)) for key, value in self.params.items()))))


Words = str | Message
"""What something is called: what a person typed, or a sentence of ours where nobody typed anything."""


def packed(message: Message) -> dict[str, Any]:
    """This function will return `message` as JSON that `unpacked` reads, so that it can be told later in any language."""
    return {"text": message.text, "params": {name: _packed_value(value) for name, value in message.params.items()}}


def unpacked(stored: Mapping[str, Any]) -> Message:
    """This function will return the message that `packed` stored."""
    params = {name: _unpacked_value(value) for name, value in stored["params"].items()}
    return Message(stored["text"], MappingProxyType(params))


def _unpacked_value(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    return Name(**value) if "zh" in value else unpacked(value)


def _packed_value(value: object) -> object:
    if isinstance(value, Message):
        return packed(value)
    if isinstance(value, Name):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, int) else str(value)


def N_(text: str, **params: object) -> Message:  # noqa: N802 - gettext's own name, which the extractor looks for
    """This function will mark `text` for translation and return it with its placeholders' values."""
    return Message(text, MappingProxyType(params))


AND, THEN = N_("、"), N_("；")


def named(name: Name) -> Message:
    """This function will return a sentence that is nothing but the name, in the reader's language."""
    return Message("%(name)s", MappingProxyType({"name": name}))


def listed(parts: Sequence[Words | Name], between: Message = AND) -> Message:
    """This function will return the parts as one list, with the reader's language's separators between them."""
    text = "%(between)s".join(f"%({number})s" for number in range(len(parts)))
    return Message(text, {"between": between} | {str(number): part for number, part in enumerate(parts)})
