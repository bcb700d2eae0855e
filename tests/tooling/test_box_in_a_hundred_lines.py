"""docs/box.py is what it is called: a box in a hundred lines, without the blank ones and what is said about them."""

import io
import tokenize

from tests.world.boxes import PATH

_SAID = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(source: str) -> int:
    """Lines on which something stands that is neither a comment nor a string that is a statement of its own."""
    lines: set[int] = set()
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NEWLINE:
            if any(each.type != tokenize.STRING for each in statement):
                lines.update(line for each in statement for line in range(each.start[0], each.end[0] + 1))
            statement = []
        elif token.type not in _SAID:
            statement.append(token)
    return len(lines)


def test_a_box_fits_into_a_hundred_lines() -> None:
    assert lines_of_code(PATH.read_text(encoding="utf-8")) <= 100


def test_code_is_counted_and_what_is_said_is_not() -> None:
    source = '"""Said."""\n\n# said\na = 1  # said\nb = [\n    1,\n]\n"""Said\n\nmore."""\n'

    assert lines_of_code(source) == 4
