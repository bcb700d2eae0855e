"""Sample forms of the gallery: every kind of control, filled and refused."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    validators,
)

from tests.web.gallery_data import AT, TEXT, sha


def choices(**labels: str) -> list[SelectChoice]:
    """This function will return the choices of a field, value by label."""
    return [SelectChoice(value, label) for value, label in labels.items()]


class WindowForm(Form):
    """One window, with the field names that the windows editor expects."""

    from_ = DateField(validators=[validators.Optional()])
    until = DateField(validators=[validators.Optional()])
    days = SelectMultipleField(choices=choices(**{str(n): str(n) for n in range(1, 8)}))
    start = TimeField(validators=[validators.Optional()])
    end = TimeField(validators=[validators.Optional()])


class MarqueeForm(Form):
    """A form with every kind of control."""

    text = TextAreaField("文字", [validators.Length(max=60, message="最多 60 个字，现在多了几个")])
    colour = ColorField("颜色")
    speed = RadioField("速度", choices=choices(slow="慢", normal="中", fast="快"))
    edge = RadioField("位置", choices=choices(top="屏幕上方", bottom="屏幕下方"))
    priority = IntegerField("优先级", [validators.NumberRange(0, 9, "写 0 到 9 之间的数")])
    urgent = BooleanField("加急")
    title = StringField("标题", [validators.Optional()])
    kind = SelectField("打开什么", choices=choices(column="栏目", item="条目"))
    image = FileField("图片")
    film = FileField("视频")
    password = PasswordField("密码")
    targets = SelectMultipleField("给谁看", choices=choices(g1="总部", g2="华东区", g3="西湖店"))
    features = SelectMultipleField("还要显示", choices=choices(logo="定制logo", slots="专属推荐位"))
    windows = FieldList(FormField(WindowForm), "什么时候显示")
    picture = RadioField("图片", choices=choices(**{sha(n): str(n) for n in range(4)}))


def good_form() -> MarqueeForm:
    """This function will return a filled form without errors."""
    return MarqueeForm(
        data={
            "text": "今晚 19:30 一楼云栖厅举办江南丝竹演出，欢迎前往欣赏",
            "colour": "#ffe2ae",
            "speed": "normal",
            "edge": "bottom",
            "priority": 5,
            "urgent": True,
            "targets": ["g2"],
            "windows": [{"from_": AT.date(), "until": None, "days": ["1", "5"], "start": AT.time(), "end": None}],
            "picture": sha(1),
        }
    )


def bad_form() -> MarqueeForm:
    """This function will return a form that was refused, with what was typed still in it."""
    form = MarqueeForm(
        MultiDict(
            {
                "text": TEXT * 2,
                "priority": "12",
                "speed": "normal",
                "edge": "bottom",
                "kind": "column",
                "picture": sha(1),
                "windows-0-from_": "2026-13-40",
                "windows-0-until": "2026-11-01",
            }
        )
    )
    form.validate()
    return form
