"""Reads of the system's own state: settings in force, background work, storage."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.core import database as databases
from portal.core.jobs import Recurring, recurring
from portal.core.messages import N_, Message
from portal.core.outbox import OutboxRow
from portal.core.settings import Settings, variable
from portal.media.models import MediaAsset
from portal.tenants.models import Tenant

SHOWN = 100
LONGEST_ERROR = 300
HIDDEN = N_("已设置，不显示")
NOT_SET = N_("没有设置")

SETTING_LABELS: Mapping[str, Message] = MappingProxyType(
    {
        "instance_dir": N_("本机写入的文件夹"),
        "host": N_("监听地址"),
        "port": N_("端口"),
        "base_url": N_("访问地址"),
        "trusted_proxies": N_("可信的反向代理"),
        "database_url": N_("数据库"),
        "redis_url": N_("Redis"),
        "public_dir": N_("发布文件夹"),
        "public_s3_url": N_("发布到的对象存储"),
        "media_dir": N_("媒体文件夹"),
        "secret_file": N_("密钥文件"),
        "unfinished_dir": N_("未传完文件的文件夹"),
        "scan_command": N_("病毒扫描程序"),
        "deletions_file": N_("注销记录文件"),
        "password_profile": N_("密码规则"),
        "smtp_url": N_("邮件服务器"),
        "mail_from": N_("发件地址"),
        "audit_mail": N_("检查点寄给谁"),
        "live_hosts": N_("可用的直播地址"),
        "mqtt_url": N_("消息代理"),
        "mqtt_ca_file": N_("消息代理的证书机构"),
        "mqtt_public_url": N_("告诉机顶盒的消息代理地址"),
        "audit_dir": N_("操作日志检查点的文件夹"),
        "certificates_dir": N_("证书的文件夹"),
        "tls_certificate": N_("https 的证书"),
        "tls_key": N_("https 的私钥"),
        "security_contact": N_("漏洞报告的联系方式"),
        "workers": N_("服务进程数"),
        "threads": N_("每个进程的线程数"),
        "access_log": N_("访问日志"),
        "metrics_address": N_("监测数字的地址"),
        "idle_minutes": N_("无操作多少分钟后退出"),
        "absolute_hours": N_("登录最长多少小时"),
        "test_captcha": N_("测试用校验码"),
        "test_clock": N_("测试用时钟"),
        "fault_point": N_("测试用故障点"),
    }
)


@dataclass(frozen=True)
class SettingLine:
    """A setting as it is in force; `value` is a message where it is secret or not set."""

    label: Message
    variable: str
    value: str | Message


@dataclass(frozen=True)
class Work:
    """Something the worker has not done yet, and for whom."""

    row: OutboxRow
    tenant: str | None

    @property
    def error(self) -> str:
        """Why it failed last, cut short."""
        return (self.row.last_error or "")[:LONGEST_ERROR]


@dataclass(frozen=True)
class Folder:
    """A folder that the portal writes."""

    label: Message
    path: Path


@dataclass(frozen=True)
class Disk:
    """A disk, the folders that lie on it, and how much of it is taken and free, in bytes."""

    folders: Sequence[Folder]
    used: int
    free: int


@dataclass(frozen=True)
class Stored:
    """What is stored: the disks, the size of the database, the media of all tenants."""

    disks: Sequence[Disk]
    database: int
    files: int
    file_bytes: int


def settings_lines(settings: Settings) -> list[SettingLine]:
    """This function will return every setting in force; the value of a private one is never among them."""
    lines = []
    for item in fields(Settings):
        value = getattr(settings, item.name)
        lines.append(
            SettingLine(
                SETTING_LABELS.get(item.name) or Message(item.name),
                variable(item.name),
                _shown(value, item.metadata["private"]),
            )
        )
    return lines


def waiting(system: Session) -> list[Work]:
    """This function will return what the worker has not done yet, what failed first, then the oldest."""
    rows = system.execute(
        select(OutboxRow, Tenant.short_name)
        .outerjoin(Tenant, Tenant.id == OutboxRow.tenant_id)
        .where(OutboxRow.done_at.is_(None))
        .order_by(OutboxRow.last_error.is_(None), OutboxRow.created_at)
        .limit(SHOWN)
    )
    return [Work(row, tenant) for row, tenant in rows]


def done_since(system: Session, at: datetime) -> int:
    """This function will count the work that was finished since `at`."""
    return system.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.done_at > at)) or 0


def clockwork() -> tuple[Recurring, ...]:
    """This function will return what happens again and again."""
    return recurring()


def stored(system: Session, settings: Settings) -> Stored:
    """This function will measure the disks and the database."""
    files, file_bytes = system.execute(select(func.count(), func.coalesce(func.sum(MediaAsset.stored_bytes), 0))).one()
    return Stored(disks(settings), _database_bytes(), files, int(file_bytes))


def _shown(value: object, private: bool) -> str | Message:
    if value is None or value == ():
        return NOT_SET
    if private:
        return HIDDEN
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return str(value) if not isinstance(value, timedelta) else f"{value.total_seconds():+.0f} s"


def disks(settings: Settings) -> list[Disk]:
    """This function will measure the disks that hold the portal's folders, each once, however many of the folders share it."""
    folders = (
        Folder(N_("媒体文件夹"), settings.media_dir),
        Folder(N_("发布文件夹"), settings.public_dir),
        Folder(N_("本机写入的文件夹"), settings.instance_dir),
    )
    together: dict[int, list[Folder]] = {}
    for folder in folders:
        together.setdefault(_existing(folder.path).stat().st_dev, []).append(folder)
    return [_disk(shared) for shared in together.values()]


def _disk(folders: Sequence[Folder]) -> Disk:
    usage = shutil.disk_usage(_existing(folders[0].path))
    return Disk(folders, usage.used, usage.free)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _database_bytes() -> int:
    database = databases.database()
    if database.is_sqlite:
        files = [Path(f"{database.url.database}{suffix}") for suffix in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists())
    with database.engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
