"""Chinese text as a Latin keyboard finds it. The one place that knows the library.

Its dictionary of phrases takes 45 MB in every process, for readings that a search hardly ever needs; the few words of
this trade that are read otherwise than their characters stand here instead. That of characters takes 10 MB, and is loaded
with the first name that somebody saves.
"""

import os
from collections.abc import Callable
from functools import cache

_READ_OTHERWISE = {
    "重庆": "chóng qìng",
    "长春": "cháng chūn",
    "长沙": "cháng shā",
    "长治": "cháng zhì",
    "长江": "cháng jiāng",
    "厦门": "xià mén",
    "六安": "lù ān",
    "蚌埠": "bèng bù",
    "乐山": "lè shān",
    "乐清": "yuè qīng",
    "音乐": "yīn yuè",
    "银行": "yín háng",
    "商行": "shāng háng",
    "会计": "kuài jì",
    "便宜": "pián yi",
    "单县": "shàn xiàn",
    "尉犁": "yù lí",
    "重阳": "chóng yáng",
    "重症": "zhòng zhèng",
    "大厦": "dà shà",
}


def pinyin_of(text: str, longest: int = 400) -> str:
    """This function will return full pinyin and initials, `yunqijiudian yqjd`, in lower case, at most `longest` characters."""
    syllables = _reader()(text)
    return f"{''.join(syllables)} {''.join(syllable[:1] for syllable in syllables)}".lower()[:longest]


@cache
def _reader() -> Callable[[str], list[str]]:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin, load_phrases_dict  # noqa: PLC0415 - as the docstring of this module says

    load_phrases_dict({word: [[one] for one in reading.split()] for word, reading in _READ_OTHERWISE.items()})
    return lazy_pinyin
