import pytest

from portal.accounts import rules


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("LinXiao@Yunqi", "linxiao@yunqi"),
        ("  linxiao  ", "linxiao"),
        ("ｌｉｎｘｉａｏ＠ｙｕｎｑｉ", "linxiao@yunqi"),
        ("林晓@云栖", "林晓@云栖"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)
def test_username_is_folded(typed: str, stored: str) -> None:
    assert rules.username(typed) == stored


@pytest.mark.parametrize("name", ["lin", "linxiao@yunqi", "lin.xiao-2@yun_qi", "林晓明", "a1" * 40])
def test_username_is_taken(name: str) -> None:
    assert rules.username_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 81, "lin xiao", "lin@@yunqi", "@yunqi", "lin@", ".lin", "lin..xiao", "lin/xiao", "<b>lin"]
)
def test_username_is_refused(name: str) -> None:
    assert rules.username_problem(name) is not None


def test_display_name_loses_what_cannot_be_seen() -> None:
    assert rules.display_name("  林\u202e 晓\x00\n 明 ") == "林 晓 明"


@pytest.mark.parametrize(
    "password",
    ["kaleidoscope-7", "        ", "湖畔早餐真好吃呀", "a" * 40 + "é" * 88, "Tr0ub4dor&3", "ﬁne words here"],
)
def test_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert rules.password_problem(rules.password(password), name="linxiao") is None


@pytest.mark.parametrize("password", ["", "short7!", "a" * 129])
def test_password_of_wrong_length_is_refused(password: str) -> None:
    assert rules.password_problem(rules.password(password), name="linxiao") is not None


@pytest.mark.parametrize(
    "password", ["password1", "PassWord1", "12345678", "ｐａｓｓｗｏｒｄ", "woaini1314", "qwertyuiop"]
)
def test_common_password_is_refused_in_any_case(password: str) -> None:
    assert rules.password_problem(rules.password(password), name="linxiao") is not None


@pytest.mark.parametrize(
    "password",
    ["Tianyi2026!", "ChinaTelecom189", "天翼高清天翼高清", "portal-zone-2026", "dianxin@@2026", "iptvadmin1"],
)
def test_password_made_of_our_own_words_is_refused(password: str) -> None:
    assert rules.password_problem(rules.password(password), name="linxiao") is not None


@pytest.mark.parametrize("password", ["portal of my green uncle", "walk-the-tianyi-dog", "三只猫在天翼屋顶上"])
def test_word_of_ours_among_others_is_taken(password: str) -> None:
    assert rules.password_problem(rules.password(password), name="linxiao") is None


def test_password_with_the_user_name_in_it_is_refused() -> None:
    assert rules.password_problem("xx-LinXiao-2026", name="linxiao@yunqi") is not None
    assert rules.password_problem("a-lin-like-word", name="lin@yunqi") is None


def test_password_is_the_same_from_every_keyboard() -> None:
    assert rules.password("ｃａｆｅ\u0301 2026") == rules.password("caf\u00e9 2026")


def test_password_keeps_its_spaces() -> None:
    assert rules.password(" two  words ") == " two  words "


@pytest.mark.parametrize(
    "typed", ["407123", " 407 123 ", "407-123", "４０７１２３", "４０７\u3000１２３", "407\u00a0123\n"]
)
def test_code_is_read_as_people_type_it(typed: str) -> None:
    assert rules.code(typed) == "407123"


@pytest.mark.parametrize("typed", ["", "40712", "4071234", "40712a", "٤٠٧١٢٣", "407,123"])
def test_code_of_another_form_is_none(typed: str) -> None:
    assert rules.code(typed) is None
