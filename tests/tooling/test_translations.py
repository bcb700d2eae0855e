from pathlib import Path

import pytest

from portal.core.settings import PROJECT_ROOT
from tools import translations

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "portal" / "web").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "portal" / "rules.py").write_text('N_("最多 %(most)d 个", most=10)\n')
    return tmp_path


def write_english(project: Path, text: str) -> None:
    path = project / translations.ENGLISH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + text)


def faults(project: Path) -> list[str]:
    return list(translations.problems(translations.extract(project), translations.read_english(project)))


def test_extract_finds_sentences_in_code_and_templates(project):
    (project / "portal" / "web" / "views.py").write_text(
        'flash(_("已保存"))\nngettext("一台", "%(num)d 台", n)\nother("不是")\n'
    )
    (project / "templates" / "page.html").write_text(
        '{% extends "base.html" %}\n{{ _("提交") }}{% trans %}发布{% endtrans %}\n'
    )

    found = {message.id for message in translations.extract(project) if message.id}

    assert found == {"最多 %(most)d 个", "已保存", ("一台", "%(num)d 台"), "提交", "发布"}


def test_extract_stops_at_a_template_with_a_mistake(project):
    (project / "templates" / "page.html").write_text('{{ _("提交") ')

    with pytest.raises(Exception, match="unexpected end of template"):
        translations.extract(project)


@pytest.mark.parametrize(
    ("english", "fault"),
    [
        ("", "missing"),
        ('msgid "最多 %(most)d 个"\nmsgstr ""\n', "empty"),
        ('#, fuzzy\nmsgid "最多 %(most)d 个"\nmsgstr "At most %(most)d"\n', "fuzzy"),
        ('msgid "最多 %(most)d 个"\nmsgstr "At most ten"\n', "other placeholders"),
        ('msgid "最多 %(most)d 个"\nmsgstr "At most %(max)d"\n', "other placeholders"),
    ],
)
def test_sentence_that_is_not_well_said_is_named_with_its_place(project, english, fault):
    write_english(project, english)

    assert faults(project) == [f"portal/rules.py:1: {fault}: 最多 %(most)d 个"]


def test_complete_catalogue_has_no_faults(project):
    write_english(project, 'msgid "最多 %(most)d 个"\nmsgstr "At most %(most)d"\n')

    assert faults(project) == []


def test_plural_may_leave_the_number_out_of_the_singular(project):
    (project / "portal" / "rules.py").write_text('ngettext("一台", "%(num)d 台", n)\n')
    write_english(project, 'msgid "一台"\nmsgid_plural "%(num)d 台"\nmsgstr[0] "one box"\nmsgstr[1] "%(num)d boxes"\n')

    assert faults(project) == []


def test_update_adds_new_sentences_keeps_old_ones_and_drops_unused_ones(project):
    write_english(project, 'msgid "没有了"\nmsgstr "Gone"\n\nmsgid "最多 %(most)d 个"\nmsgstr "At most %(most)d"\n')
    (project / "portal" / "web" / "views.py").write_text('_("已保存")\n')

    translations.update(project)
    first = (project / translations.ENGLISH).read_bytes()
    translations.update(project)

    kept = {message.id: message.string for message in translations.read_english(project) if message.id}
    assert kept == {"最多 %(most)d 个": "At most %(most)d", "已保存": ""}
    assert (project / translations.ENGLISH).read_bytes() == first


def test_one_thing_has_one_word() -> None:
    """What stands under a television is a 机顶盒 and a box, on every page, in every document and on the television itself."""
    said = [(str(one.id), str(one.string)) for one in translations.read_english(PROJECT_ROOT) if one.id]
    television = (PROJECT_ROOT / "static" / "tv" / "words.js").read_text()

    assert [sentence for sentence, _english in said if "盒子" in sentence] == []
    assert [english for _sentence, english in said if "set-top" in english.lower()] == []
    assert "盒子" not in television
