"""Is every sentence of the interface there in English? `python -m tools.translations`, with `--update` to bring in new ones.

Source sentences are Chinese and stand in the code: `_("...")`, `ngettext(...)`, and `N_("...")` below Flask. The check names every
sentence that the English catalogue lacks, leaves empty or marks as fuzzy, and every one whose placeholders differ.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = Path("translations/en/LC_MESSAGES/messages.po")
# `gettext` is what a `{% trans %}` block counts as.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "_l": None, "N_": (1,), "ngettext": (1, 2), "gettext": None}
# A syntax error must be an error, not a template whose sentences are passed over; the rest as the application has it.
JINJA = {"silent": "false", "trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
FOLDERS = {
    "portal": [("**.py", "python")],
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")],
}
PLACEHOLDER = re.compile(r"%\((\w+)\)")
# The moment of an update says nothing, and would be the one line that every two branches change.
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)


def extract(root: Path) -> Catalog:
    """This function will return every marked sentence of the code and the templates below `root`."""
    found = Catalog(project="zone-portal", creation_date=UNDATED, revision_date=UNDATED, fuzzy=False)
    for folder, methods in FOLDERS.items():
        options = {pattern: JINJA for pattern, method in methods if method == "jinja2"}
        for file, line, text, comments, context in extract_from_dir(
            root / folder, methods, options, KEYWORDS, ("NOTE:",)
        ):
            found.add(text, None, [(f"{folder}/{file}", line)], auto_comments=comments, context=context)
    return found


def read_english(root: Path) -> Catalog:
    """This function will return the English catalogue below `root`, an empty one where there is none."""
    path = root / ENGLISH
    if not path.exists():
        return Catalog(locale="en", project="zone-portal", creation_date=UNDATED, revision_date=UNDATED, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="en")


def problems(source: Catalog, english: Catalog) -> Iterator[str]:
    """This function will give one line for each sentence of `source` that `english` does not say well."""
    for message in source:
        if message.id:
            fault = _fault(message, english.get(message.id, message.context))
            if fault:
                file, line = message.locations[0]
                yield f"{file}:{line}: {fault}: {_texts(message.id)[0]}"


def _fault(message: Message, translated: Message | None) -> str | None:
    if translated is None:
        return "missing"
    texts = _texts(translated.string)
    if not texts or not all(texts):
        return "empty"
    if translated.fuzzy:
        return "fuzzy"
    wanted = _placeholders(_texts(message.id))
    # A singular may do without the number: "one box".
    if any(not (_placeholders([text]) <= wanted) for text in texts) or _placeholders(texts) != wanted:
        return "other placeholders"
    return None


def _texts(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _placeholders(texts: list[str]) -> set[str]:
    return {name for text in texts for name in PLACEHOLDER.findall(text)}


def update(root: Path) -> None:
    """This function will add new sentences to the English catalogue, empty, and take out those no longer used."""
    english = read_english(root)
    english.update(extract(root), no_fuzzy_matching=True)
    english.obsolete.clear()
    english.creation_date = english.revision_date = UNDATED
    text = BytesIO()
    write_po(text, english, width=120, include_lineno=False)
    path = root / ENGLISH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue())


def main(arguments: list[str]) -> int:
    """This function will update or check the catalogue and return the exit code."""
    if arguments == ["--update"]:
        update(ROOT)
    source = extract(ROOT)
    lines = list(problems(source, read_english(ROOT)))
    for line in lines:
        print(line)
    print(f"{len(source)} sentences, {len(lines)} of them not well said in English ({ENGLISH})")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
