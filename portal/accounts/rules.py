"""What a user name, a password and a dynamic token must look like. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from portal.core.messages import N_, Message

LONGEST_USERNAME = 80
SHORTEST_USERNAME = 3
LONGEST_NAME = 60
LONGEST_FACTOR_NAME = 40
CODE_DIGITS = 6

# letters of any script and digits, with . _ - between them, and at most one @ before the organisation's part
_USERNAME = re.compile(r"[^\W_]+([._-][^\W_]+)*(@[^\W_]+([._-][^\W_]+)*)?")
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")
_COMMON = Path(__file__).parent / "data" / "common_passwords.txt"
_OURS = Path(__file__).parent / "data" / "own_words.txt"
_LETTERS_BESIDE = 4  # beside words of ours a password has to hold at least so many letters of its own
LONG_ENOUGH_ALONE = 15  # NIST SP 800-63B-4 3.1.1.2: a password that is the only factor
_TELLING_LENGTH = 4  # a shorter user name may stand in a password by chance


@dataclass(frozen=True)
class PasswordProfile:
    """What a new password must satisfy: characters at least and at most, whether common ones are refused, of how many kinds its
    characters are, and how many former ones it must not be; and after how long it has to be a new one, if ever.
    """

    name: str
    least: int
    most: int
    refuse_common: bool
    kinds: int = 1
    remembers: int = 0
    lasts: timedelta | None = None

    @property
    def hint(self) -> Message:
        """What a person is told beside the field."""
        if self.lasts is None:
            return N_("至少 %(least)d 个字符，可以是一句话；不要用常见密码", least=self.least)
        return N_(
            "至少 %(least)d 个字符，大写字母、小写字母、数字、符号里至少 %(kinds)d 种；不能是最近用过的 %(remembers)d 个；%(days)d 天要换一次",
            least=self.least,
            kinds=self.kinds,
            remembers=self.remembers,
            days=self.lasts.days,
        )


# Every account has a second factor, so 8 characters do (NIST SP 800-63B-4 3.1.1); no rules of composition, no rotation.
MODERN = PasswordProfile("modern", least=8, most=128, refuse_common=True)
# What assessors of GB/T 22239-2019 level 3 look for: complexity and regular change.
MLPS3 = PasswordProfile("mlps3", least=8, most=128, refuse_common=True, kinds=3, remembers=5, lasts=timedelta(days=90))
PROFILES: Mapping[str, PasswordProfile] = MappingProxyType({each.name: each for each in (MODERN, MLPS3)})


def username(text: str) -> str:
    """This function will return a user name as it is stored and compared: NFKC, lower case, no white space around."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def username_problem(name: str) -> Message | None:
    """This function will say why `name`, already folded by `username`, cannot be taken, or return None."""
    if not SHORTEST_USERNAME <= len(name) <= LONGEST_USERNAME:
        return N_("用户名要有 %(least)d 到 %(most)d 个字符。", least=SHORTEST_USERNAME, most=LONGEST_USERNAME)
    if not _USERNAME.fullmatch(name):
        return N_("用户名只能有文字、数字和中间的 . _ -，可以加一个 @ 和单位名，如 linxiao@yunqi。")
    return None


def display_name(text: str) -> str:
    """This function will return a person's name with single spaces and without invisible characters."""
    visible = "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] != "C")
    return " ".join(visible.split())


def display_name_problem(name: str) -> Message | None:
    """This function will say why `name`, already tidied by `display_name`, cannot be a person's, or return None."""
    if not name:
        return N_("请填写姓名。")
    if len(name) > LONGEST_NAME:
        return N_("姓名最多 %(most)d 个字符。", most=LONGEST_NAME)
    return None


def factor_name_problem(name: str) -> Message | None:
    """This function will say why `name`, already tidied by `display_name`, cannot be a passkey's, or return None."""
    if not name:
        return N_("请填写名称。")
    if len(name) > LONGEST_FACTOR_NAME:
        return N_("名称最多 %(most)d 个字符。", most=LONGEST_FACTOR_NAME)
    return None


def password(text: str) -> str:
    """This function will return a password as it is hashed: NFKC, so that every keyboard yields the same; never cut."""
    return unicodedata.normalize("NFKC", text)


def password_problem(new: str, *, name: str, profile: PasswordProfile = MODERN) -> Message | None:
    """This function will say why `new`, already folded by `password`, cannot be the password of user `name`, or return None."""
    if len(new) < profile.least:
        return N_("密码至少 %(least)d 个字符，可以是一句话。", least=profile.least)
    if len(new) > profile.most:
        return N_("密码最多 %(most)d 个字符。", most=profile.most)
    if profile.refuse_common and (is_common(new) or _is_made_of_our_words(new)):
        return N_("这个密码太常见，别人很容易猜到，请换一个。")
    if _kinds(new) < profile.kinds:
        return N_("大写字母、小写字母、数字、符号里至少要有 %(kinds)d 种。", kinds=profile.kinds)
    local_part = name.partition("@")[0]
    if len(local_part) >= _TELLING_LENGTH and local_part in new.casefold():
        return N_("密码里不能有用户名，请换一个。")
    return None


def _kinds(text: str) -> int:
    """Letters without case, such as 中, count as symbols: they are as hard to guess."""
    upper, lower, digit = any(map(str.isupper, text)), any(map(str.islower, text)), any(map(str.isdigit, text))
    other = any(not (char.isupper() or char.islower() or char.isdigit()) for char in text)
    return upper + lower + digit + other


def is_common(candidate: str) -> bool:
    """This function will tell whether the password stands on the list of those that are tried first, in any case."""
    return candidate.casefold() in _common_passwords()


def _is_made_of_our_words(candidate: str) -> bool:
    """Whether little is left of a password without the names of operator, products and this portal (ASVS 6.2.11)."""
    left = folded = candidate.casefold()
    for word in _own_words():
        left = left.replace(word, "")
    return left != folded and sum(map(str.isalpha, left)) < _LETTERS_BESIDE


@cache
def _own_words() -> tuple[str, ...]:
    """The longest first, so that no part of one is left over."""
    return tuple(sorted(_OURS.read_text(encoding="utf-8").split(), key=len, reverse=True))


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def code(text: str) -> str | None:
    """This function will return the six digits of a dynamic token, or None where `text` holds something else.

    White space and hyphens are dropped and full-width digits are folded.
    """
    folded = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    return folded if _CODE.fullmatch(folded) else None


def may_rest(role_minutes: int | None, idle: timedelta) -> timedelta:
    """This function will return how long a session may rest before it ends: the time of its role, else `idle`."""
    return timedelta(minutes=role_minutes) if role_minutes else idle
