"""What a search brings back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from portal.core.messages import Message, Words


@dataclass(frozen=True)
class Hit:
    """One thing: what it is called, what tells it from others of that name, and the page it stands on."""

    title: Words
    detail: Words
    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """Things of one kind, at most as many as were asked for; `more` is the list that shows all of them, where there is one."""

    name: str
    label: Message
    icon: str
    hits: Sequence[Hit]
    more: str = ""
    has_more: bool = False


def bounded(kind: Kind, most: int) -> Kind:
    """This function will cut the hits, of which one too many was fetched, and say whether there are more."""
    return Kind(kind.name, kind.label, kind.icon, kind.hits[:most], kind.more, len(kind.hits) > most)
