"""From what pydantic finds wrong to a sentence per field."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from portal.core.errors import Invalid
from portal.core.messages import N_, Message

WHOLE = ""
"""The name of the field for what is wrong with all of a payload together."""

_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any]], Message]]] = {
    "refused": lambda ctx: ctx["message"],
    "missing": lambda ctx: N_("请填写此项。"),
    "string_too_short": lambda ctx: N_("请填写此项。"),
    "string_too_long": lambda ctx: N_("最多 %(max)d 个字符。", max=ctx["max_length"]),
    "too_long": lambda ctx: N_("最多 %(max)d 项。", max=ctx["max_length"]),
    "greater_than_equal": lambda ctx: N_("不能小于 %(min)s。", min=ctx["ge"]),
    "less_than_equal": lambda ctx: N_("不能大于 %(max)s。", max=ctx["le"]),
    "int_type": lambda ctx: N_("请填写整数。"),
    "bool_type": lambda ctx: N_("只能是“是”或“否”。"),
    "literal_error": lambda ctx: N_("不是可选的值。"),
    "union_tag_invalid": lambda ctx: N_("不是可选的值。"),
    "union_tag_not_found": lambda ctx: N_("请选择打开什么。"),
    "extra_forbidden": lambda ctx: N_("没有这一项。"),
}

_ACTION: Final = "action"


def invalid_from(error: ValidationError) -> Invalid:
    """This function will return the `Invalid` that says what `error` found: `field.index.field` to its sentences, `""` for the whole."""
    found: dict[str, list[Message]] = {}
    for detail in error.errors(include_url=False):
        sentence = _SENTENCES.get(detail["type"])
        told = detail.get("ctx", {})
        empty = detail["input"] == ""  # a choice that was not made is no wrong choice
        message = sentence(told) if sentence else N_("请填写此项。") if empty else N_("格式不对。")
        at = (told["at"],) if told.get("at") else ()
        found.setdefault(_field((*detail["loc"], *at)), []).append(message)
    return Invalid(found)


def _field(place: tuple[int | str, ...]) -> str:
    # pydantic names the chosen member of a union after the field; a form has no such level.
    if len(place) > 1 and place[0] == _ACTION:
        place = (place[0], *place[2:])
    return ".".join(str(step) for step in place)
