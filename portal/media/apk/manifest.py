"""`AndroidManifest.xml` in its binary form: what the app is called and wants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.media.apk.chunks import (
    INT_DEC,
    INT_HEX,
    NO_STRING,
    STRING,
    STRING_POOL,
    XML,
    BadResources,
    Chunk,
    Strings,
    Value,
    chunks,
)
from portal.media.limits import APKS

_RESOURCE_MAP, _START, _END = 0x0180, 0x0102, 0x0103
_NODE = 16  # the line number and the comment of every node come before its own part
_ATTRIBUTE = 20
_DIGITS = 9  # of a number of 32 bits that was written as text

LABEL, ICON, NAME = 0x01010001, 0x01010002, 0x01010003
_VERSION_CODE, _VERSION_NAME, _VERSION_MAJOR, _MIN_SDK = 0x0101021B, 0x0101021C, 0x01010576, 0x0101020C

Attributes = Mapping[int | str, Value]


@dataclass(frozen=True)
class Manifest:
    """What stands in a manifest; `version_name`, `label` and `icon` may be references into the resources."""

    package: str
    version_code: int
    version_name: Value | None
    label: Value | None
    icon: Value | None
    permissions: tuple[str, ...]
    min_sdk: int
    split: str | None


def read_manifest(data: bytes) -> Manifest:
    """This function will read a binary manifest; raises `BadResources`."""
    top: Attributes = {}
    application: Attributes = {}
    permissions: set[str] = set()
    min_sdk = 1
    for depth, name, attributes in _elements(data):
        match (depth, name):
            case (1, "manifest"):
                top = attributes
            case (2, "application"):
                application = attributes
            case (2, "uses-sdk"):
                min_sdk = _number(attributes.get(_MIN_SDK)) or 1
            case (2, "uses-permission" | "uses-permission-sdk-23" | "uses-permission-sdk-m"):
                permissions.add(_text(attributes.get(NAME)))
    package = _text(top.get("package"))
    if not package or not application:
        raise BadResources("a manifest without package or application")
    return Manifest(
        package=package,
        version_code=(_number(top.get(_VERSION_MAJOR)) or 0) << 32 | (_number(top.get(_VERSION_CODE)) or 0),
        version_name=top.get(_VERSION_NAME),
        label=application.get(LABEL),
        icon=application.get(ICON),
        permissions=tuple(sorted(permissions - {""})),
        min_sdk=min_sdk,
        split=_text(top.get("split")) or None,
    )


def _elements(data: bytes) -> Iterator[tuple[int, str, Attributes]]:
    outer = next(chunks(memoryview(data)), None)
    if outer is None or outer.type != XML:
        raise BadResources("no binary XML")
    strings: Strings | None = None
    ids: tuple[int, ...] = ()
    depth = 0
    for chunk in outer.children():
        if chunk.type == STRING_POOL:
            strings = Strings(chunk)
        elif chunk.type == _RESOURCE_MAP:
            ids = chunk.numbers(f"{min((len(chunk.data) - chunk.header) // 4, APKS.strings)}I", chunk.header)
        elif chunk.type == _START:
            depth += 1
            if strings is None or depth > APKS.depth:
                raise BadResources("an element out of place")
            yield depth, *_element(chunk, strings, ids)
        elif chunk.type == _END:
            depth -= 1


def _element(chunk: Chunk, strings: Strings, ids: tuple[int, ...]) -> tuple[str, Attributes]:
    _ns, name, start, size, count = chunk.numbers("IIHHH", _NODE)
    if size < _ATTRIBUTE or count > APKS.attributes:
        raise BadResources("an element with absurd attributes")
    attributes: dict[int | str, Value] = {}
    for index in range(count):
        at = _NODE + start + index * size
        _namespace, key, raw, _size, kind, number = chunk.numbers("IIIHxBI", at)
        text = strings.get(raw) if raw != NO_STRING else strings.get(number) if kind == STRING else None
        # Known by its number where it has one: the name beside it may be anything.
        attributes.setdefault(ids[key] if key < len(ids) and ids[key] else strings[key], Value(kind, number, text))
    return strings[name], attributes


def _text(value: Value | None) -> str:
    return (value.as_text() or "") if value else ""


def _number(value: Value | None) -> int | None:
    if value is None:
        return None
    if value.type in {INT_DEC, INT_HEX}:
        return value.data
    text = value.text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
