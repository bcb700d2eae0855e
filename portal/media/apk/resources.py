"""`resources.arsc`: what a reference such as `@string/app_name` means for a Chinese television of the usual density."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.media.apk.chunks import REFERENCE, STRING, STRING_POOL, TABLE, BadResources, Chunk, Strings, Value, chunks
from portal.media.limits import APKS

_PACKAGE, _TYPE = 0x0200, 0x0201
_NO_ENTRY, _NO_ENTRY_16 = 0xFFFFFFFF, 0xFFFF
_SPARSE, _OFFSET16 = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008
_DEEPEST = 6
_ANY_DENSITY = 0xFFFE


@dataclass(frozen=True)
class Found:
    """One value that a resource may have: for which language (two letters, empty for all) and density (0 for all)."""

    value: Value
    language: str
    density: int


class Resources:
    """The table of an app's resources."""

    def __init__(self, data: bytes) -> None:
        table = next(chunks(memoryview(data)), None)
        if table is None or table.type != TABLE:
            raise BadResources("no table of resources")
        parts = list(table.children())
        pool = next((part for part in parts if part.type == STRING_POOL), None)
        if pool is None:
            raise BadResources("a table without strings")
        self._strings = Strings(pool)
        self._packages = {part.numbers("I", 8)[0]: part for part in parts if part.type == _PACKAGE}

    def text(self, value: Value | None) -> str | None:
        """This function will return the text that a value means, in Chinese where there is any, else in no special language."""
        return self._follow(value, lambda one: (one.language == "zh", one.language == "", one.language == "en"))

    def files(self, value: Value | None) -> list[str]:
        """This function will return the names of the files that a value means, the finest picture first."""
        if value is None or value.type != REFERENCE:
            return []
        found = sorted(self._all(value.data), key=lambda one: one.density % _ANY_DENSITY, reverse=True)
        return [one.value.text for one in found if one.value.text]

    def _follow(self, value: Value | None, rank: Callable[[Found], tuple[bool, ...]]) -> str | None:
        for _ in range(_DEEPEST):
            if value is None or value.type != REFERENCE:
                return value.as_text() if value else None
            found = list(self._all(value.data))
            value = max(found, key=rank).value if found else None
        return None

    def _all(self, reference: int) -> Iterator[Found]:
        package = self._packages.get(reference >> 24)
        if package is None:
            return
        start = package.numbers("H", 2)[0]
        for chunk in chunks(package.data[start:]):
            if chunk.type == _TYPE and chunk.numbers("B", 8)[0] == reference >> 16 & 0xFF:
                found = self._entry(chunk, reference & 0xFFFF)
                if found is not None:
                    yield found

    def _entry(self, chunk: Chunk, index: int) -> Found | None:
        flags, count, start = chunk.numbers("BxxII", 9)
        offset = _offset(chunk, flags, count, index)
        if offset is None:
            return None
        at = start + offset
        size, kind, _key = chunk.numbers("HHI", at)
        if kind & (_COMPLEX | _COMPACT) or size < 8:  # noqa: PLR2004 - the length of a plain entry's head
            return None
        _size, type_, number = chunk.numbers("HxBI", at + size)
        text = self._strings[number] if type_ == STRING else None
        language = bytes(chunk.data[28:30]).decode("ascii", "replace").strip("\0")
        (density,) = chunk.numbers("H", 34)
        return Found(Value(type_, number, text), language, density)


def _offset(chunk: Chunk, flags: int, count: int, index: int) -> int | None:
    if count > APKS.strings:
        raise BadResources("too many resources")
    if flags & _SPARSE:
        for place in range(count):
            entry, offset = chunk.numbers("HH", chunk.header + 4 * place)
            if entry == index:
                return offset * 4
        return None
    if index >= count:
        return None
    if flags & _OFFSET16:
        (offset,) = chunk.numbers("H", chunk.header + 2 * index)
        return None if offset == _NO_ENTRY_16 else offset * 4
    (offset,) = chunk.numbers("I", chunk.header + 4 * index)
    return None if offset == _NO_ENTRY else offset
