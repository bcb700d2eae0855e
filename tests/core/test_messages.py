"""Sentences that are kept and told later, in whatever language the reader has."""

import pytest
from sqlalchemy.dialects import sqlite

from portal.core.messages import N_, THEN, Message, Name, Words, listed, packed, unpacked
from portal.core.models import WordsText

DIALECT = sqlite.dialect()
NESTED = N_("%(first)s 等 %(n)d 项", first=N_("第 %(n)d 帧", n=2), n=3)
NAMED = N_("「%(package)s」将于明天续订。", package=Name("酒店月包", "Hotel package"))


def kept(words: Words) -> str:
    stored = WordsText().process_bind_param(words, DIALECT)
    assert stored is not None
    return stored


@pytest.mark.parametrize("message", [N_("系统发布"), N_("回滚到版本 %(n)d", n=4), NESTED, NAMED])
def test_packed_message_is_unpacked_as_it_was(message: Message) -> None:
    assert unpacked(packed(message)) == message


@pytest.mark.parametrize("words", ["早餐七点", "", '{"text": "x"}', N_("系统发布"), NESTED, NAMED])
def test_words_come_back_from_the_database_as_they_were(words: Words) -> None:
    assert WordsText().process_result_value(kept(words), DIALECT) == words


def test_typed_words_cannot_pretend_to_be_a_sentence() -> None:
    forged = kept(N_("系统发布"))

    assert WordsText().process_result_value(kept(forged), DIALECT) == forged[1:]


def test_sentence_is_found_by_the_words_in_it() -> None:
    assert "早餐七点" in kept(N_("下架：%(title)s", title="早餐七点"))


@pytest.mark.parametrize(
    ("parts", "text"), [(["甲"], "甲"), (["甲", "乙"], "甲、乙"), ([N_("周一"), "乙", "丙"], "周一、乙、丙")]
)
def test_list_has_separators_between_its_parts(parts: list[Words], text: str) -> None:
    assert str(listed(parts)) == text
    assert str(listed(parts, THEN)) == text.replace("、", "；")
