"""The export that people read: a workbook of the records and a sheet that says what it holds."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from portal.audit import sentences, words
from portal.audit.export.scope import Reading, Scope
from portal.audit.leaf import leaf
from portal.audit.models import AuditRecord
from portal.audit.notes import read_note
from portal.audit.proofs import columns_of
from portal.audit.queries import tenant_names
from portal.audit.sentences import Vocabulary
from portal.audit.tree import leaf_hash
from portal.core import clock
from portal.core.messages import N_, Message
from portal.core.sheets import Cell, temporary_book

_PIECE = 1 << 16

Translate = Callable[[Message], str]

# number, time and so on, with the widths of their columns
_COLUMNS: Final[tuple[tuple[Message, int], ...]] = (
    (N_("编号"), 10),
    (N_("时间"), 20),
    (N_("企业"), 18),
    (N_("动作"), 18),
    (N_("结果"), 8),
    (N_("经办人"), 14),
    (N_("账号"), 16),
    (N_("角色"), 16),
    (N_("三层"), 16),
    (N_("认证级别"), 10),
    (N_("方式"), 16),
    (N_("地址"), 16),
    (N_("对象"), 24),
    (N_("内容"), 48),
    (N_("内容指纹"), 66),
    (N_("签名"), 90),
    (N_("散列"), 66),
    (N_("请求编号"), 38),
    (N_("事件"), 28),
)
_HIDDEN: Final = N_("未导出")


def written_workbook(scope: Scope, say: Translate, vocabulary: Vocabulary) -> Iterator[bytes]:
    """This function will yield the file in pieces, once it was written; `say` puts words into the reader's language."""
    with temporary_book() as (book, path):
        with scope.session() as session:
            reading = Reading(scope, session)
            columns = [(say(title), width) for title, width in _COLUMNS]
            book.sheet(say(N_("操作日志")), columns, _rows(reading, say, vocabulary))
            about = [(say(name), say(value)) for name, value in _about(reading)]
        book.sheet(say(N_("说明")), [(say(N_("项目")), 20), (say(N_("内容")), 100)], about)
        book.close()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _rows(reading: Reading, say: Translate, vocabulary: sentences.Vocabulary) -> Iterator[list[Cell]]:
    for records in reading.batches():
        own = reading.scope.tenant
        names: Mapping[str, str] = (
            {own.id: own.name} if own else tenant_names(reading.session, [one.tenant_id for one in records])
        )
        for record in records:
            yield _row(record, names.get(record.tenant_id or "", ""), say, vocabulary, personal=reading.scope.personal)


def _row(
    record: AuditRecord, tenant: str, say: Translate, vocabulary: sentences.Vocabulary, *, personal: bool
) -> list[Cell]:
    def private(value: str | Message) -> str:
        if not personal:
            return say(_HIDDEN)
        if not record.opened.is_readable:
            return say(words.DESTROYED)
        return say(value) if isinstance(value, Message) else value

    def word(kind: str, code: str) -> str:
        known = vocabulary.get(kind, {}).get(code)
        return say(known) if known else code

    return [
        record.seq,
        record.at,
        tenant,
        say(sentences.title(record.event)),
        say(words.OUTCOMES.get(record.outcome, Message(record.outcome))),
        private(record.actor_name),
        private(record.actor_username),
        word("role", record.actor_role),
        say(words.LAYERS[record.actor_layer]) if record.actor_layer in words.LAYERS else "",
        record.auth_level,
        word("method", record.auth_method),
        private(record.address),
        private(record.told_title),
        private(sentences.summary(record.event, record.told_title, record.told_details, vocabulary)),
        record.decided_on,
        b64encode(record.signature).decode(),
        leaf_hash(leaf(columns_of(record))).hex(),
        record.request_id,
        record.event,
    ]


def _about(reading: Reading) -> Iterator[tuple[Message, Message]]:
    scope = reading.scope
    note = read_note(scope.checkpoint.note).checkpoint
    yield N_("导出时间"), Message(f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}")
    yield (
        N_("条件"),
        Message("%(filters)s", {"filters": ", ".join(f"{k}={v}" for k, v in scope.wanted.named().items()) or "—"}),
    )
    yield N_("条数"), Message(str(reading.count))
    if reading.stopped_at is not None:
        yield N_("不完整"), N_("只到第 %(n)d 条为止，更早的没有导出；请缩小时间范围再导出一次。", n=reading.stopped_at)
    yield N_("检查点"), N_("日志前 %(n)d 条，根 %(root)s", n=note.size, root=note.root.hex())
    yield N_("核对"), N_("这张表给人看；要在别处核对签名和散列，请导出“JSON 行”，用 docs/verify_export.py 检查。")
