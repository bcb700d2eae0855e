"""The part of a style sheet that markup can meet. Of Tabler's that is a seventh, and a telephone would read all of it before its first picture.

A selector is kept when each class that it asks for is a word somewhere in the templates or scripts. A word need not be a class there, so
too much is kept rather than too little; only a class whose name is put together of parts could be missed, and tests look at every page for that.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MARK = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]""", re.DOTALL)
_SPLIT = re.compile(r"[(),]")
_INNERMOST = re.compile(r"\([^()]*\)")
_ATTRIBUTE = re.compile(r"\[[^\]]*\]")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_GROUPS = ("@media", "@supports", "@layer", "@container")


def words(files: Iterable[Path]) -> frozenset[str]:
    """This function will return every word in some files that could be the name of a class."""
    return frozenset(word for file in files for word in _WORD.findall(file.read_text(encoding="utf-8")))


def pruned(sheet: str, names: Collection[str]) -> str:
    """This function will return a style sheet without the selectors that ask for a class not among `names`, in the same order."""
    return "".join(_kept(_COMMENT.sub("", sheet), names))


def _kept(sheet: str, names: Collection[str]) -> Iterator[str]:
    for head, body in _rules(sheet):
        if body is None:
            yield f"{head};"
        elif head.lstrip().startswith(_GROUPS):
            inside = "".join(_kept(body, names))
            if inside:
                yield f"{head}{{{inside}}}"
        elif head.lstrip().startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            met = [one for one in _selectors(head) if all(name in names for name in _asked(one))]
            if met:
                yield f"{','.join(met)}{{{body}}}"


def _rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """What stands before each block and in it; a statement without a block has None."""
    start, depth, head = 0, 0, ""
    for mark in _MARK.finditer(sheet):
        if mark[0] == "{":
            depth += 1
            if depth == 1:
                head, start = sheet[start : mark.start()], mark.end()
        elif mark[0] == "}":
            depth -= 1
            if depth == 0:
                yield head, sheet[start : mark.start()]
                start = mark.end()
        elif mark[0] == ";" and depth == 0:
            yield sheet[start : mark.start()], None
            start = mark.end()


def _selectors(head: str) -> Iterator[str]:
    start, depth = 0, 0
    for mark in _SPLIT.finditer(head):
        depth += {"(": 1, ")": -1, ",": 0}[mark[0]]
        if mark[0] == "," and depth == 0:
            yield head[start : mark.start()]
            start = mark.end()
    yield head[start:]


def _asked(selector: str) -> list[str]:
    """The classes without which a selector meets nothing; what stands in brackets may be an alternative or its opposite."""
    bare = _ATTRIBUTE.sub("", selector)
    while (inner := _INNERMOST.sub("", bare)) != bare:
        bare = inner
    return [name.replace("\\", "") for name in _CLASS.findall(bare)]
