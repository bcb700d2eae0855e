"""What kinds and purposes of files are called."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.core.messages import N_, Message
from portal.media.states import Kind, Purpose

KINDS: Mapping[Kind, Message] = MappingProxyType({Kind.IMAGE: N_("图片"), Kind.VIDEO: N_("视频")})

PURPOSES: Mapping[Purpose, Message] = MappingProxyType(
    {
        Purpose.SLOT_LARGE: N_("推荐位（大）"),
        Purpose.SLOT_MIDDLE: N_("推荐位（中）"),
        Purpose.SLOT_SMALL: N_("推荐位（小）"),
        Purpose.ITEM: N_("专区条目"),
        Purpose.FRAME: N_("开机前导页"),
        Purpose.AD: N_("广告联播"),
        Purpose.LOGO: N_("定制 Logo"),
        Purpose.ICON: N_("栏目图标"),
    }
)
