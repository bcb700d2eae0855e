"""Each event as a sentence: what happened, and what to whom. The placeholders are the event's details and `target`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from portal.audit.events import Event
from portal.audit.words import DETAILS, VALUES
from portal.core.messages import N_, Message, Words, listed

_TARGET = N_("%(target)s")
_NOTHING = "—"
_NAMELESS = frozenset({"logo", "frame", "schedule_entry", "default_playlist", "power"})
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Sentence:
    """An event's words: `title` for the act, `summary` for what it was done to."""

    title: Message
    summary: Message = _TARGET


SENTENCES: Mapping[Event, Sentence] = MappingProxyType(
    {
        Event.ACCESS_DENIED: Sentence(N_("拒绝访问"), N_("%(method)s %(path)s · %(permission)s")),
        Event.SIGNED_IN: Sentence(N_("登录"), N_("%(target)s · %(method)s")),
        Event.PASSWORD_ACCEPTED: Sentence(N_("密码通过，等待动态口令")),
        Event.SIGN_IN_FAILED: Sentence(N_("登录失败"), N_("%(username)s · %(reason)s")),
        Event.SIGNED_OUT: Sentence(N_("退出登录")),
        Event.SESSIONS_FORGOTTEN: Sentence(N_("清除过期的登录记录"), N_("%(count)s 条，%(older_than)s 以前")),
        Event.SESSION_ENDED: Sentence(N_("登录已结束"), N_("%(target)s · %(reason)s")),
        Event.TENANT_CHOSEN: Sentence(N_("进入企业"), N_("%(target)s · 企业 ID %(enterprise_id)s")),
        Event.PASSWORD_CHANGED: Sentence(N_("修改密码")),
        Event.TOTP_ENROLLED: Sentence(N_("绑定动态口令")),
        Event.PASSKEY_ENROLLED: Sentence(N_("登记通行密钥"), N_("%(target)s · %(name)s")),
        Event.PASSKEY_RENAMED: Sentence(N_("通行密钥改名"), N_("%(target)s · %(name)s")),
        Event.PASSKEY_REMOVED: Sentence(N_("移除通行密钥"), N_("%(target)s · %(name)s")),
        Event.PASSKEY_FELL_BACK: Sentence(N_("通行密钥可能被复制"), N_("%(target)s · 使用次数倒退到 %(count)s")),
        Event.CERTIFICATE_ISSUED: Sentence(N_("签发数字证书"), N_("%(username)s · %(serial)s")),
        Event.CERTIFICATE_REVOKED: Sentence(N_("吊销数字证书"), N_("%(username)s · %(serial)s")),
        Event.CAPTCHA_FAILED: Sentence(N_("页面校验码不对"), N_("%(module)s")),
        Event.RECOVERY_CODES_MADE: Sentence(N_("生成恢复代码"), N_("%(target)s · %(count)s 个")),
        Event.RECOVERY_CODE_USED: Sentence(N_("使用恢复代码"), N_("%(target)s · 还剩 %(left)s 个")),
        Event.SIGNATURE_GIVEN: Sentence(N_("本人签名"), N_("%(target)s · %(method)s")),
        Event.OFFICER_RECOVERED: Sentence(N_("在服务器上恢复管理员"), N_("%(username)s · %(role)s · %(reason)s")),
        Event.FACTORS_CLEARED: Sentence(N_("清除第二因素"), N_("%(username)s · 连同密码：%(password_too)s")),
        Event.AUTHORITY_CREATED: Sentence(N_("建立证书机构"), N_("%(serial)s")),
        Event.LEVEL_RAISED: Sentence(N_("提升认证级别"), N_("%(target)s · %(method)s · %(level)s 级")),
        Event.ROLE_LEVEL_CHANGED: Sentence(N_("改角色的认证级别"), N_("%(role)s · %(level)s 级")),
        Event.PERSON_LEVEL_CHANGED: Sentence(N_("改账号的认证级别"), N_("%(username)s · %(level)s 级")),
        Event.TENANT_LEVEL_CHANGED: Sentence(N_("改企业的认证级别"), N_("%(target)s · %(level)s 级")),
        Event.USER_CREATED: Sentence(N_("新建账号"), N_("%(username)s · %(role)s")),
        Event.USER_CHANGED: Sentence(N_("修改账号"), N_("%(target)s · %(fields)s")),
        Event.USER_DISABLED: Sentence(N_("停用账号"), N_("%(username)s")),
        Event.USER_ENABLED: Sentence(N_("恢复账号"), N_("%(username)s")),
        Event.OFFICER_PROPOSED: Sentence(N_("提请管理员任免"), N_("%(act)s · %(username)s · %(role)s · %(reason)s")),
        Event.OFFICER_CONFIRMED: Sentence(N_("确认管理员任免"), N_("%(act)s · %(username)s · %(role)s")),
        Event.OFFICER_REFUSED: Sentence(N_("否决管理员任免"), N_("%(act)s · %(username)s · %(role)s")),
        Event.LINK_ISSUED: Sentence(N_("发出一次性链接"), N_("%(username)s · %(purpose)s")),
        Event.LINK_VOIDED: Sentence(N_("作废一次性链接"), N_("%(username)s")),
        Event.LINK_USED: Sentence(N_("使用一次性链接"), N_("%(target)s · %(purpose)s")),
        Event.MEMBER_ADDED: Sentence(N_("加入企业"), N_("%(username)s · %(role)s")),
        Event.MEMBER_CHANGED: Sentence(N_("变更成员角色"), N_("%(username)s · %(role)s")),
        Event.MEMBER_REMOVED: Sentence(N_("移出企业"), N_("%(username)s")),
        Event.STEPPED_UP: Sentence(N_("再次确认身份"), N_("%(module)s · %(method)s")),
        Event.ROLE_POLICY_CHANGED: Sentence(N_("修改会话时限"), N_("%(role)s · 无操作 %(minutes)s 分钟")),
        Event.MODULE_POLICY_CHANGED: Sentence(
            N_("修改模块策略"), N_("%(module)s · 校验码%(captcha)s · 认证级别 %(level)s · %(minutes)s 分钟内")
        ),
        Event.PREFERENCES_CHANGED: Sentence(N_("修改偏好"), N_("%(target)s · %(fields)s")),
        Event.ACL_ENTRY_ADDED: Sentence(
            N_("加入访问控制条目"), N_("%(acl)s · %(effect)s %(subject)s · %(permission)s · %(place)s")
        ),
        Event.ACL_ENTRY_REMOVED: Sentence(
            N_("删除访问控制条目"), N_("%(acl)s · %(effect)s %(subject)s · %(permission)s · %(place)s")
        ),
        Event.USER_GROUP_CREATED: Sentence(N_("新建用户组"), N_("%(name)s")),
        Event.USER_GROUP_CHANGED: Sentence(N_("修改用户组"), N_("%(name)s · 加入 %(added)s 人 · 移出 %(removed)s 人")),
        Event.USER_GROUP_DELETED: Sentence(N_("删除用户组"), N_("%(name)s")),
        Event.SUPPORT_OPENED: Sentence(N_("打开支持会话"), N_("%(reason)s · 到 %(until)s")),
        Event.SUPPORT_ENDED: Sentence(N_("结束支持会话"), N_("%(target)s · %(reason)s")),
        Event.CUSTOMER_CREATED: Sentence(N_("新建客户"), N_("%(name)s · 行业 %(industry_code)s")),
        Event.CUSTOMER_CHANGED: Sentence(N_("修改客户"), N_("%(target)s · %(fields)s")),
        Event.CONTACT_REVEALED: Sentence(N_("查看完整联系方式"), N_("%(target)s · %(fields)s")),
        Event.TENANT_CREATED: Sentence(N_("开通企业"), N_("%(name)s · 企业 ID %(enterprise_id)s")),
        Event.TENANT_CHANGED: Sentence(N_("修改企业"), N_("%(target)s · %(fields)s")),
        Event.GROUP_CREATED: Sentence(N_("新建分组"), N_("%(name)s")),
        Event.GROUP_RENAMED: Sentence(N_("分组改名"), N_("%(target)s → %(name)s")),
        Event.GROUP_MOVED: Sentence(N_("移动分组"), N_("%(target)s → %(parent)s")),
        Event.GROUP_DELETED: Sentence(N_("删除分组"), N_("%(name)s")),
        Event.APPLICATION_DRAFTED: Sentence(N_("起草企业ID申请"), N_("%(name)s")),
        Event.APPLICATION_CHANGED: Sentence(N_("修改企业ID申请"), N_("%(target)s · %(fields)s")),
        Event.APPLICATION_SUBMITTED: Sentence(N_("提交企业ID申请"), N_("%(name)s")),
        Event.APPLICATION_TAKEN_BACK: Sentence(N_("撤回企业ID申请"), N_("%(name)s")),
        Event.APPLICATION_RETURNED: Sentence(N_("退回企业ID申请"), N_("%(name)s · %(reason)s")),
        Event.APPLICATION_APPROVED: Sentence(N_("通过企业ID申请"), N_("%(name)s · 企业 ID %(enterprise_id)s")),
        Event.APPLICATION_GIVEN_UP: Sentence(N_("作废企业ID申请"), N_("%(name)s")),
        Event.HANDED_OVER: Sentence(N_("交接企业ID"), N_("交给%(step)s %(receiver)s")),
        Event.JOB_OPENED: Sentence(
            N_("开装维工单"), N_("%(group)s · %(places)s 台 · %(phones)s 个装维人员 · 至 %(last_on)s")
        ),
        Event.JOB_CHANGED: Sentence(N_("修改装维工单"), N_("%(target)s · %(fields)s")),
        Event.JOB_CLOSED: Sentence(N_("关闭装维工单"), N_("%(target)s · 已绑定 %(taken)s 台")),
        Event.JOB_REOPENED: Sentence(N_("重开装维工单"), N_("%(target)s · 已绑定 %(taken)s 台")),
        Event.CHANNEL_REPLACED: Sentence(N_("更换频道"), N_("%(group)s")),
        Event.DELETION_ASKED: Sentence(N_("提请删除企业"), N_("%(target)s · 企业 ID %(enterprise_id)s · %(reason)s")),
        Event.DELETION_CONFIRMED: Sentence(N_("确认删除企业"), N_("企业 ID %(enterprise_id)s · %(due_on)s 起执行")),
        Event.DELETION_DECLINED: Sentence(N_("否决删除企业"), N_("企业 ID %(enterprise_id)s")),
        Event.DELETION_WITHDRAWN: Sentence(N_("撤回删除企业"), N_("企业 ID %(enterprise_id)s")),
        Event.TENANT_CLOSED: Sentence(
            N_("关闭要删除的企业"), N_("企业 ID %(enterprise_id)s · 结束 %(sessions)s 个登录")
        ),
        Event.TENANT_ROWS_WIPED: Sentence(
            N_("清除企业数据"), N_("企业 ID %(enterprise_id)s · %(table)s · %(count)s 条")
        ),
        Event.TENANT_WIPED: Sentence(
            N_("企业已删除，密钥已销毁"),
            N_("企业 ID %(enterprise_id)s · %(people)s 人 · %(files)s 个文件 · %(rows)s 行"),
        ),
        Event.SUBSCRIPTION_ORDERED: Sentence(N_("订购套餐"), N_("%(offering)s · %(boxes)s 台 · ¥%(price)s")),
        Event.SUBSCRIPTION_CHANGE_REQUESTED: Sentence(N_("申请变更套餐"), N_("%(offering)s · %(effective_on)s 生效")),
        Event.SUBSCRIPTION_CHANGE_WITHDRAWN: Sentence(N_("撤回套餐变更"), N_("原定 %(effective_on)s 生效")),
        Event.SUBSCRIPTION_CANCELLED: Sentence(N_("退订套餐"), N_("%(effective_on)s 生效")),
        Event.SUBSCRIPTION_SUSPENDED: Sentence(N_("停机"), N_("%(reason)s")),
        Event.SUBSCRIPTION_RESUMED: Sentence(N_("复机")),
        Event.GRANT_GIVEN: Sentence(N_("深度定制授权"), N_("%(feature)s · 至 %(ends_on)s · %(reason)s")),
        Event.GRANT_ENDED: Sentence(N_("结束深度定制"), N_("%(feature)s")),
        Event.MEDIA_ADDED: Sentence(N_("上传文件"), N_("%(name)s · %(kind)s")),
        Event.MEDIA_DELETED: Sentence(N_("删除文件"), N_("%(name)s")),
        Event.MEDIA_RESTORED: Sentence(N_("恢复文件"), N_("%(name)s")),
        Event.APP_FORGOTTEN: Sentence(N_("清除没有用到的安装包"), N_("%(name)s")),
        Event.MEDIA_TAGGED: Sentence(N_("改文件的标签"), N_("%(name)s · 加：%(added)s · 去：%(removed)s")),
        Event.FILE_KEPT_OUT: Sentence(N_("病毒扫描没有放行"), N_("%(name)s · %(reason)s")),
        Event.APP_ADDED: Sentence(N_("上传安装包"), N_("%(name)s · %(package)s · %(version_code)s")),
        Event.VIDEO_RECEIVED: Sentence(N_("收下要转换的视频"), N_("%(name)s")),
        Event.VIDEO_READY: Sentence(N_("视频转换完成"), N_("%(name)s")),
        Event.VIDEO_FAILED: Sentence(N_("视频没能转换"), N_("%(name)s · %(reason)s")),
        Event.VIDEO_CANCELLED: Sentence(N_("取消转换视频"), N_("%(name)s")),
        Event.VIDEO_PUT_AWAY: Sentence(N_("收起视频转换的结果"), N_("%(name)s")),
        Event.DRAFT_SAVED: Sentence(N_("保存草稿"), N_("%(kind)s · %(title)s")),
        Event.DRAFT_EDITED: Sentence(N_("编辑草稿"), N_("%(kind)s · %(title)s · 自动保存 %(saves)s 次")),
        Event.DRAFT_DISCARDED: Sentence(N_("放弃草稿"), N_("%(kind)s · %(title)s")),
        Event.CONTENT_CLASSIFIED: Sentence(N_("变更密级"), N_("%(target)s · %(before)s → %(after)s")),
        Event.APPROVAL_VOIDED: Sentence(N_("审核通过作废"), N_("%(kind)s · %(title)s")),
        Event.OBJECT_PURGED: Sentence(N_("彻底删除"), N_("%(kind)s · %(title)s")),
        Event.SUBMITTED: Sentence(N_("提交审核"), N_("%(items)s 项")),
        Event.SUPERSEDED: Sentence(N_("送审被新版替代"), N_("%(title)s")),
        Event.WITHDRAWN: Sentence(N_("撤回送审"), N_("%(items)s")),
        Event.APPROVED: Sentence(N_("通过审核"), N_("%(title)s")),
        Event.RETURNED: Sentence(N_("退回送审"), N_("%(title)s · %(reason)s")),
        Event.COMMENTED: Sentence(N_("写审核意见"), N_("%(title)s · %(text)s")),
        Event.RESCHEDULED: Sentence(N_("改发布时间"), N_("%(publish_at)s")),
        Event.RELEASE_STARTED: Sentence(N_("开始发布"), N_("版本 %(number)s · %(reason)s")),
        Event.RELEASE_PUBLISHED: Sentence(N_("发布版本"), N_("版本 %(number)s · %(channels)s 个频道")),
        Event.RELEASE_FAILED: Sentence(N_("发布失败"), N_("版本 %(number)s · %(error)s")),
        Event.ROLLED_BACK: Sentence(N_("回滚"), N_("版本 %(number)s，内容同版本 %(to)s · %(reason)s")),
        Event.TAKEN_DOWN: Sentence(N_("下架"), N_("%(title)s · %(reason)s")),
        Event.TAKE_DOWN_LIFTED: Sentence(N_("解除下架"), N_("%(title)s · %(reason)s")),
        Event.OBJECT_SKIPPED: Sentence(N_("发布时跳过"), N_("%(title)s")),
        Event.NOTICES_READ: Sentence(N_("看过消息"), N_("%(count)s 条")),
        Event.AUDIT_EXPORTED: Sentence(N_("导出操作日志"), N_("%(format)s · %(count)s 条 · %(filters)s")),
        Event.CHECKPOINT_MAILED: Sentence(N_("寄出检查点"), N_("%(up_to)s 条 · %(count)s 位收件人")),
        Event.LIST_EXPORTED: Sentence(N_("导出列表"), N_("%(target)s · %(count)s 行")),
        Event.REPORT_EXPORTED: Sentence(N_("导出报表"), N_("%(report)s · %(month)s · %(count)s 条")),
        Event.DATABASE_CREATED: Sentence(N_("建立数据库")),
        Event.JOB_RETRIED: Sentence(N_("重试后台工作"), N_("%(kind)s · 第 %(attempts)s 次之后")),
        Event.BOX_BOUND: Sentence(N_("绑定机顶盒"), N_("%(serial)s · %(group)s · %(how)s")),
        Event.BOX_TOKEN_ISSUED: Sentence(N_("机顶盒领取凭证"), N_("%(serial)s")),
        Event.BOX_SERIAL_CLAIMED: Sentence(N_("别的设备冒用序列号"), N_("%(serial)s")),
        Event.BOX_WAITING: Sentence(N_("机顶盒等待确认"), N_("%(serial)s · %(model)s")),
        Event.BOX_REJECTED: Sentence(N_("拒绝机顶盒"), N_("%(serial)s · %(model)s")),
        Event.BOX_UNBOUND: Sentence(N_("解绑机顶盒"), N_("%(serial)s · %(reason)s")),
        Event.BOX_STOLEN: Sentence(N_("机顶盒报失"), N_("%(serial)s · %(group)s 换新频道 · %(reason)s")),
        Event.BOX_REPLACED: Sentence(N_("更换机顶盒"), N_("%(serial)s → %(successor)s")),
        Event.BOX_NAMED: Sentence(N_("机顶盒改名"), N_("%(serial)s · %(name)s")),
        Event.BOXES_MOVED: Sentence(N_("机顶盒移组"), N_("%(count)s 台 → %(group)s")),
        Event.BOXES_FELL_SILENT: Sentence(N_("机顶盒离线"), N_("%(count)s 台")),
        Event.BOXES_CAME_BACK: Sentence(N_("机顶盒恢复在线"), N_("%(count)s 台")),
        Event.BOX_ALERTS_SET: Sentence(N_("设置离线提醒"), N_("%(after_minutes)s 分钟")),
        Event.BOXES_COMMANDED: Sentence(N_("远程操作机顶盒"), N_("%(command)s · %(count)s 台")),
        Event.BOX_REQUESTS_FORGOTTEN: Sentence(N_("清除过期的机顶盒申请"), N_("%(count)s 条")),
        Event.BOX_COMMANDS_FORGOTTEN: Sentence(N_("清除旧的远程操作"), N_("%(count)s 条")),
        Event.BOX_TOKENS_FORGOTTEN: Sentence(N_("清除早已换过的机顶盒凭证"), N_("%(count)s 条")),
        Event.KEY_ROTATED: Sentence(N_("轮换密钥"), N_("原密钥 %(former)s")),
        Event.AUDIT_KEY_ROTATED: Sentence(N_("轮换日志签名密钥"), N_("新密钥 %(key)s · 原密钥 %(former)s")),
        Event.KEY_RETIRED: Sentence(N_("停用旧密钥"), N_("%(key)s")),
        Event.VALUES_RESEALED: Sentence(N_("换新密钥加密"), N_("%(column)s · %(count)s 条")),
        Event.SEAL_BROKEN: Sentence(N_("密文打不开"), N_("%(column)s · %(reason)s")),
        Event.CONTENT_ALTERED: Sentence(N_("内容被改动"), N_("指纹 %(sha256)s")),
        Event.POINTERS_RENEWED: Sentence(N_("重新签名"), N_("版本 %(number)s · %(channels)s 个频道")),
        Event.ROOT_KEY_MADE: Sentence(N_("生成根密钥"), N_("%(key)s")),
        Event.ROOT_KEY_REPLACED: Sentence(N_("更换根密钥"), N_("%(key)s，取代 %(before)s")),
        Event.RELEASE_KEY_MADE: Sentence(N_("生成签名密钥"), N_("%(kind)s · %(key)s")),
        Event.RELEASE_KEY_REVOKED: Sentence(N_("吊销签名密钥"), N_("%(key)s · %(reason)s")),
        Event.KEY_LIST_ISSUED: Sentence(N_("签发密钥清单"), N_("第 %(number)s 版")),
        Event.BACKUP_MADE: Sentence(N_("备份"), N_("%(made_at)s")),
        Event.BACKUP_RESTORED: Sentence(
            N_("恢复备份"), N_("%(made_at)s 的备份 · 结束 %(sessions)s 个登录，作废 %(codes)s 个恢复代码")
        ),
        Event.REMINDER_SENT: Sentence(N_("发出提醒"), N_("%(kind)s · %(due_on)s")),
    }
)

Vocabulary = Mapping[str, Mapping[str, Message]]


def title(event: str) -> Message:
    """This function will return what happened; an event that this version does not know is named as it is stored."""
    known = _known(event)
    return SENTENCES[known].title if known else Message(event)


def summary(event: str, target: Words, details: Mapping[str, Any], words: Vocabulary = VALUES) -> Message:
    """This function will return what it happened to, with `words` in place of codes."""
    known = _known(event)
    if known is None:
        return target if isinstance(target, Message) else Message(target or _NOTHING)
    values = {name: worded(name, details.get(name), words) for name in known.keys}
    values |= {name: told(details[name], details) for name in ("title",) if details.get(name)}
    return Message(SENTENCES[known].summary.text, {**values, "target": told(target, details) or _NOTHING})


def told(title: Words, details: Mapping[str, Any]) -> Words:
    """This function will return a stored title for the reader: ours in their language, what somebody typed as it was typed.

    What nobody names, such as a splash frame, is called by a sentence; records that did not keep it as one have its text, numbers
    filled in.
    """
    if isinstance(title, Message) or str(details.get("kind")) not in _NAMELESS:
        return title
    number = _NUMBER.search(title)
    return Message(_NUMBER.sub("%(n)d", title), {"n": int(number[0])}) if number else Message(title)


def detail_lines(details: Mapping[str, Any], words: Vocabulary = VALUES) -> list[tuple[Message, Words]]:
    """This function will return every detail of a record with its name, in a fixed order."""
    return [(DETAILS.get(name, Message(name)), worded(name, details[name], words)) for name in sorted(details)]


def worded(name: str, value: Any, words: Vocabulary = VALUES) -> Words:
    """This function will return a detail's value for people: a code's word, a list with commas, a dash for nothing."""
    if value is None or value in ("", []):
        return _NOTHING
    if isinstance(value, Message):
        return value
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    if isinstance(value, list):
        return listed([worded(name, each, words) for each in value])
    return words.get(name, {}).get(str(value)) or str(value)


def _known(event: str) -> Event | None:
    try:
        return Event(event)
    except ValueError:
        return None
