"""What the portal does in the background, in words for the administrator who watches over it."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.core.messages import N_, Message

_MINUTE, _HOUR = 60, 3600

CLOCKWORK: Mapping[str, Message] = MappingProxyType(
    {
        "portal.accounts.jobs.forget_sessions": N_("清除早已结束的登录"),
        "portal.accounts.jobs.remind_of_certificates": N_("提醒快到期的数字证书"),
        "portal.accounts.jobs.forget_telemetry": N_("清除旧的登录尝试"),
        "portal.administration.jobs.delete_enterprises": N_("删除到了日子的企业"),
        "portal.administration.jobs.end_what_ran_out": N_("结束到时的支持会话"),
        "portal.administration.jobs.send_checkpoints": N_("每天寄出日志检查点"),
        "portal.audit.jobs.keep_checkpoints": N_("签发操作日志检查点"),
        "portal.boxes.watching.watch_boxes": N_("留意离线的机顶盒"),
        "portal.boxes.letting_in.settle_accounts": N_("在消息代理上为机顶盒开户、改户、销户"),
        "portal.boxes.letting_in.follow_suspensions": N_("企业停机或复机，机顶盒在消息代理上的账户随之变"),
        "portal.boxes.comparing.compare_when_due": N_("核对消息代理上的账户"),
        "portal.boxes.naming.note_names": N_("记下播放内容的名称"),
        "portal.boxes.jobs.forget_proofs": N_("清除机顶盒用过的证明"),
        "portal.boxes.jobs.forget_reports": N_("清除机顶盒的旧上报"),
        "portal.boxes.jobs.forget_leftovers": N_("清除机顶盒过期的申请和旧的操作"),
        "portal.boxes.jobs.forget_tokens": N_("清除机顶盒早已换过的凭证"),
        "portal.content.jobs.purge_recycled": N_("清空回收站里过期的内容"),
        "portal.content.jobs.end_sittings": N_("把已经结束的编辑记入操作日志"),
        "portal.keys.jobs.follow_rotation": N_("用新密钥重新封存"),
        "portal.media.conversion.jobs.convert_waiting": N_("把上传的视频转换成电视能放的格式"),
        "portal.media.uploading.jobs.forget_resting": N_("清除没有传完、两天没有继续的上传"),
        "portal.media.apk.jobs.forget_unused_apps": N_("清除一个月没有用到的安装包"),
        "portal.media.jobs.remove_unheld": N_("删除没有企业再用的媒体文件"),
        "portal.orders.jobs.remind_of_renewals": N_("提醒快到期的订购"),
        "portal.releases.broadcasting.follow_broker": N_("把消息代理缺少的指针补告诉它"),
        "portal.releases.jobs.catch_up": N_("补上错过的系统发布"),
        "portal.releases.jobs.clear_files": N_("删除没有版本再用的发布文件"),
        "portal.releases.jobs.finish_publications": N_("写完没有写完的发布"),
        "portal.releases.jobs.follow_entitlements": N_("套餐或授权变了，随之发布"),
        "portal.releases.jobs.publish_due": N_("发布到了定时的送审"),
        "portal.releases.jobs.keep_keys_in_bucket": N_("把公钥清单放进对象存储"),
        "portal.releases.jobs.renew_pointers": N_("续签机顶盒读的指针"),
        "portal.releases.jobs.repair_bucket": N_("补上对象存储里缺的发布文件"),
    }
)

WORK: Mapping[str, Message] = MappingProxyType(
    {
        "box_serial_claimed": N_("提醒序列号被冒用"),
        "forget_channel": N_("撤下不再用的频道"),
        "groups_changed": N_("分组变了，随之发布"),
        "mail_checkpoint": N_("寄出日志检查点"),
        "push_pointers": N_("把新版本告诉机顶盒"),
        "rewrite_pointers": N_("重写机顶盒读的指针"),
        "tenant_created": N_("为新企业准备专区"),
    }
)


def interval(seconds: float) -> Message:
    """This function will say how far apart something happens, in hours, minutes or seconds."""
    whole = int(seconds)
    for size, sentence in ((_HOUR, N_("每 %(n)d 小时")), (_MINUTE, N_("每 %(n)d 分钟"))):
        if whole % size == 0:
            return Message(sentence.text, {"n": whole // size})
    return N_("每 %(n)d 秒", n=whole)
