"""How the fields of content and their choices are called, and how a change of each is shown."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from portal.core.messages import N_, Message


class FieldKind(StrEnum):
    """How a change is shown: words with their characters marked, a choice of the form, a file, a switch, windows, groups, an object."""

    TEXT = "text"
    CHOICE = "choice"
    IMAGE = "image"
    FLAG = "flag"
    WINDOWS = "windows"
    TARGETS = "targets"
    OBJECT = "object"


FIELDS: Final[Mapping[str, tuple[Message, FieldKind]]] = {
    "position": (N_("位置"), FieldKind.TEXT),
    "title": (N_("标题"), FieldKind.TEXT),
    "subtitle": (N_("副标题"), FieldKind.TEXT),
    "image": (N_("图片"), FieldKind.IMAGE),
    "icon": (N_("图标"), FieldKind.IMAGE),
    "parent": (N_("上级栏目"), FieldKind.OBJECT),
    "column": (N_("所属栏目"), FieldKind.OBJECT),
    "kind": (N_("类型"), FieldKind.CHOICE),
    "html": (N_("正文"), FieldKind.TEXT),
    "asset": (N_("文件"), FieldKind.IMAGE),
    "caption": (N_("文字"), FieldKind.TEXT),
    "seconds": (N_("展示时长（秒）"), FieldKind.TEXT),
    "order": (N_("排序"), FieldKind.TEXT),
    "text": (N_("文字"), FieldKind.TEXT),
    "colour": (N_("颜色"), FieldKind.TEXT),
    "speed": (N_("速度"), FieldKind.CHOICE),
    "edge": (N_("屏幕位置"), FieldKind.CHOICE),
    "priority": (N_("优先级"), FieldKind.TEXT),
    "urgent": (N_("紧急"), FieldKind.FLAG),
    "over_ads": (N_("广告播放时也显示"), FieldKind.FLAG),
    "playlist": (N_("播放列表"), FieldKind.OBJECT),
    "package": (N_("应用包名"), FieldKind.TEXT),
    "version_code": (N_("版本号"), FieldKind.TEXT),
    "version_name": (N_("版本名称"), FieldKind.TEXT),
    "name": (N_("名称"), FieldKind.TEXT),
    "app_file": (N_("安装包 SHA-256"), FieldKind.TEXT),
    "permissions": (N_("要的权限"), FieldKind.TEXT),
    "signer_sha256": (N_("签名证书指纹"), FieldKind.TEXT),
    "targets": (N_("投放分组"), FieldKind.TARGETS),
    "windows": (N_("时段"), FieldKind.WINDOWS),
    "hidden": (N_("隐藏"), FieldKind.FLAG),
    "deleted": (N_("删除"), FieldKind.FLAG),
    "action.open": (N_("点击后打开"), FieldKind.CHOICE),
    "action.column": (N_("打开的栏目"), FieldKind.OBJECT),
    "action.item": (N_("打开的内容"), FieldKind.OBJECT),
    "action.package": (N_("打开的应用"), FieldKind.TEXT),
    "action.url": (N_("打开的地址"), FieldKind.TEXT),
    "action.asset": (N_("播放的视频"), FieldKind.IMAGE),
}

CHOICES: Final[Mapping[str, Message]] = {
    "image": N_("图片"),
    "video": N_("视频"),
    "text": N_("图文"),
    "slow": N_("慢"),
    "normal": N_("中"),
    "fast": N_("快"),
    "top": N_("屏幕上方"),
    "bottom": N_("屏幕下方"),
    "column": N_("栏目"),
    "item": N_("内容"),
    "app": N_("应用"),
    "url": N_("网页"),
    "live": N_("直播频道"),
}
