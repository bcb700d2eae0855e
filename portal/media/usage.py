"""Who uses a file: a registry that the rooms above fill, so that nothing is thrown away that something shows.

A room registers, where it is loaded, a function that names its uses of some files. A use is anything that would lose its
picture: a draft, a revision on its way, a release that may come back, an object in the recycle bin.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core.messages import Message, Words


@dataclass(frozen=True)
class Use:
    """One use of the file `sha256`: in what sort of thing (`where`, such as 草稿), and what the thing is called."""

    sha256: str
    where: Message
    title: Words
    object_id: str | None = None


Finder = Callable[[Session, Sequence[str]], Iterable[Use]]

_finders: list[Finder] = []


def register_usage(finder: Finder) -> Finder:
    """This function will have `finder` asked, with a tenant's session and SHA-256s, from now on; it can stand as a decorator."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


Holder = Callable[[Session], Iterable[str]]

_holders: list[Holder] = []


def register_holder(holder: Holder) -> Holder:
    """This function will have `holder` asked, with a tenant's session, for the SHA-256s of files that may come back to a screen.

    Such a file is in nobody's way when it is deleted from the library; its bytes stay.
    """
    if holder not in _holders:
        _holders.append(holder)
    return holder


def held_by_others(session: Session) -> frozenset[str]:
    """This function will return the files of the session's tenant that some room holds on to, in the library or not."""
    return frozenset(sha256 for holder in _holders for sha256 in holder(session))


def uses_of(session: Session, shas: Sequence[str]) -> tuple[Use, ...]:
    """This function will return every use of the files in the session's tenant, in the order of the rooms."""
    return tuple(use for finder in _finders for use in finder(session, shas)) if shas else ()
