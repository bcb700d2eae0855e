"""Sentences for people, marked for translation below Flask and translated by the web layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """A Chinese source sentence and the values of its `%(name)s` placeholders; a value may be a `Message` itself."""

    text: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def __hash__(self) -> int:
        return hash((self.text, tuple(sorted((key, str(value)) for key, value in self.params.items()))))


def N_(text: str, **params: object) -> Message:  # noqa: N802 - gettext's own name, which the extractor looks for
    """This function will mark `text` for translation and return it with its placeholders' values."""
    return Message(text, MappingProxyType(params))
