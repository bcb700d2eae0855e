"""What a reader sees in place of the codes that records hold: names of details, and the values that are codes."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.core.messages import N_, Message

DETAILS: Mapping[str, Message] = MappingProxyType(
    {
        "acl": N_("访问控制列表"),
        "act": N_("事项"),
        "added": N_("加入"),
        "after": N_("改后"),
        "after_minutes": N_("多少分钟后"),
        "attempts": N_("试过的次数"),
        "before": N_("改前"),
        "boxes": N_("机顶盒"),
        "captcha": N_("校验码"),
        "channels": N_("频道"),
        "code": N_("代码"),
        "command": N_("操作"),
        "column": N_("数据项"),
        "demo": N_("演示数据"),
        "due_on": N_("到期日"),
        "effect": N_("允许或禁止"),
        "effective_on": N_("生效日"),
        "ends_on": N_("截止日"),
        "enterprise_id": N_("企业 ID"),
        "error": N_("错误"),
        "feature": N_("功能"),
        "former": N_("原密钥"),
        "count": N_("条数"),
        "fields": N_("改动的栏目"),
        "filters": N_("条件"),
        "format": N_("格式"),
        "roles": N_("角色"),
        "text": N_("意见"),
        "until": N_("到何时"),
        "up_to": N_("到第几条"),
        "group": N_("分组"),
        "how": N_("怎样绑定"),
        "industry_code": N_("行业编码"),
        "items": N_("内容"),
        "key": N_("密钥"),
        "kind": N_("类型"),
        "last_on": N_("截止日"),
        "left": N_("还剩"),
        "level": N_("认证级别"),
        "made_at": N_("备份时间"),
        "method": N_("方式"),
        "minutes": N_("有效分钟"),
        "model": N_("型号"),
        "module": N_("模块"),
        "month": N_("月份"),
        "name": N_("名称"),
        "number": N_("版本号"),
        "offering": N_("销售品"),
        "older_than": N_("早于"),
        "package": N_("应用包名"),
        "packages": N_("应用包名"),
        "parent": N_("上级分组"),
        "password_too": N_("连同密码"),
        "list": N_("列表"),
        "path": N_("地址"),
        "people": N_("人"),
        "files": N_("文件"),
        "table": N_("数据表"),
        "rows": N_("行"),
        "permission": N_("权限"),
        "personal": N_("含个人信息"),
        "phones": N_("装维人员"),
        "place": N_("管什么"),
        "places": N_("台数"),
        "price": N_("价格"),
        "publish_at": N_("发布时间"),
        "purpose": N_("用途"),
        "reason": N_("原因"),
        "receiver": N_("接收人"),
        "province_code": N_("省公司"),
        "removed": N_("移出"),
        "report": N_("报表"),
        "role": N_("角色"),
        "saves": N_("保存次数"),
        "sessions": N_("登录"),
        "codes": N_("恢复代码"),
        "serial": N_("序列号"),
        "sha256": N_("内容指纹"),
        "contents": N_("全部内容的指纹"),
        "renditions": N_("各尺寸画面的指纹"),
        "step": N_("交给"),
        "taken": N_("已绑定"),
        "submission": N_("送审"),
        "subject": N_("对谁"),
        "successor": N_("换成"),
        "title": N_("标题"),
        "to": N_("回到版本"),
        "urgent": N_("加急"),
        "username": N_("用户名"),
        "version_code": N_("版本码"),
    }
)

# in place of what a destroyed key had sealed
DESTROYED: Message = N_("已销毁")

METHODS: Mapping[str, Message] = MappingProxyType(
    {
        "password": N_("密码"),
        "password+totp": N_("密码和动态口令"),
        "passkey": N_("通行密钥"),
        "password+passkey": N_("密码和通行密钥"),
        "totp": N_("动态口令"),
        "certificate": N_("数字证书"),
        "password+recovery": N_("密码和恢复代码"),
        "captcha": N_("页面校验码"),
        "password-alone": N_("只用密码"),
        "password+certificate": N_("密码和数字证书"),
        "demo session": N_("演示用的会话"),
    }
)

_CLASSES = MappingProxyType({"public": N_("公开"), "internal": N_("内部"), "sensitive": N_("敏感")})

# Only codes that no person types: a word here would otherwise stand in place of what somebody wrote.
VALUES: Mapping[str, Mapping[str, Message]] = MappingProxyType(
    {
        "reason": MappingProxyType(
            {
                "absolute": N_("到了最长时限"),
                "by_staff": N_("客服自己结束"),
                "by_tenant": N_("企业管理员结束"),
                "expired": N_("到时自动结束"),
                "disabled": N_("账号已停用"),
                "ended_by_owner": N_("本人结束"),
                "ended_by_administrator": N_("管理员结束"),
                "factors_changed": N_("密码或动态口令已更换"),
                "idle": N_("长时间无操作"),
                "foreign_passkey": N_("不是他的通行密钥"),
                "limited": N_("尝试太多"),
                "member_removed": N_("已移出企业"),
                "passkey_fell_back": N_("通行密钥使用次数倒退"),
                "spent_challenge": N_("验证请求过期或用过"),
                "no_tenant": N_("没有所属企业"),
                "not_enrolled": N_("账号未启用"),
                "role_changed": N_("角色已变更"),
                "tenant_changed": N_("企业停机或复机"),
                "unknown_user": N_("没有这个用户"),
                "used_code": N_("动态口令已用过"),
                "used_recovery_code": N_("恢复代码已用过"),
                "wrong_recovery_code": N_("恢复代码不对"),
                "wrong_code": N_("动态口令不对"),
                "wrong_passkey": N_("通行密钥没有通过验证"),
                "wrong_certificate": N_("数字证书不能用"),
                "wrong_password": N_("密码不对"),
                "file_infected": N_("发现问题"),
                "file_unchecked": N_("没能检查"),
            }
        ),
        "method": METHODS,
        "command": MappingProxyType({"resync": N_("同步内容"), "screenshot": N_("截屏"), "restart": N_("重启")}),
        "how": MappingProxyType(
            {"job": N_("装维工单内自动绑定"), "confirmed": N_("人工确认"), "replacing": N_("更换旧机")}
        ),
        "captcha": MappingProxyType({"never": N_("不要"), "after_trouble": N_("出过错才要"), "always": N_("每次都要")}),
        "module": MappingProxyType(
            {
                "acls": N_("访问控制表"),
                "audit_export": N_("导出操作日志"),
                "deletion": N_("删除企业"),
                "grants": N_("深度定制授权"),
                "keys": N_("密钥"),
                "module_policy": N_("应用模块管理"),
                "orders": N_("套餐与订购"),
                "own_factors": N_("登录方式"),
                "personal_data": N_("个人信息"),
                "publishing": N_("审核与发布"),
                "rolling_back": N_("回滚与下架"),
                "sign_in": N_("登录"),
                "support": N_("支持会话"),
                "users": N_("用户与账号"),
            }
        ),
        "acl": MappingProxyType(
            {
                "system": N_("系统"),
                "user": N_("用户"),
                "information": N_("信息"),
                "application": N_("应用"),
            }
        ),
        "after": _CLASSES,
        "before": _CLASSES,
        "effect": MappingProxyType({"allow": N_("允许"), "deny": N_("禁止")}),
        "format": MappingProxyType({"jsonl": N_("JSON 行，带证明"), "xlsx": N_("Excel 表")}),
        "act": MappingProxyType(
            {
                "appoint": N_("新设"),
                "relink": N_("重发一次性链接"),
                "enable": N_("恢复账号"),
                "certify": N_("签发数字证书"),
                "factor": N_("重设第二因素"),
                "everything": N_("重设密码和第二因素"),
            }
        ),
        "purpose": MappingProxyType(
            {
                "first": N_("首次启用"),
                "again": N_("重设密码和动态口令"),
                "new_password": N_("重设密码"),
                "new_factor": N_("登记新的第二因素"),
            }
        ),
        "kind": MappingProxyType(
            {
                "app": N_("企业 APP"),
                "certificate": N_("数字证书"),
                "column": N_("栏目"),
                "default_playlist": N_("默认节目单"),
                "frame": N_("前导页"),
                "image": N_("图片"),
                "item": N_("条目"),
                "logo": N_("Logo"),
                "marquee": N_("跑马灯"),
                "playlist": N_("节目单"),
                "renewal": N_("到期自动续订"),
                "schedule_entry": N_("排期"),
                "slot": N_("推荐位"),
                "video": N_("视频"),
            }
        ),
        "report": MappingProxyType({"installers": N_("装维激励")}),
        "step": MappingProxyType({"manager": N_("客户经理"), "installer": N_("装维员")}),
        "fields": MappingProxyType(
            {
                "applicant_phone": N_("申请人电话"),
                "contact_name": N_("联系人"),
                "contact_phone": N_("联系电话"),
                "density": N_("疏密"),
                "display_name": N_("姓名"),
                "hidden_columns": N_("列表的列"),
                "industry_code": N_("行业编码"),
                "language": N_("语言"),
                "name": N_("名称"),
                "province_code": N_("省公司"),
                "server_address": N_("服务器地址"),
                "short_name": N_("简称"),
                "scope": N_("客户范围"),
                "staff_role": N_("角色"),
                "sub_product": N_("产品类型"),
                "theme": N_("外观"),
                "to_phone": N_("接收人电话"),
                "installer_phone": N_("装维人员电话"),
                "installers": N_("装维人员"),
                "last_on": N_("截止日"),
                "note": N_("备注"),
                "places": N_("台数"),
            }
        ),
    }
)

OUTCOMES: Mapping[str, Message] = MappingProxyType({"done": N_("已办"), "denied": N_("拒绝"), "failed": N_("失败")})

LAYERS: Mapping[str, Message] = MappingProxyType(
    {"system": N_("系统配置管理"), "module": N_("应用模块管理"), "business": N_("业务操作")}
)

GROUPS: Mapping[str, Message] = MappingProxyType(
    {
        "account": N_("账号与登录"),
        "support": N_("支持会话"),
        "access": N_("越权"),
        "tenant": N_("企业与分组"),
        "order": N_("订购"),
        "media": N_("媒体"),
        "content": N_("内容"),
        "review": N_("审核"),
        "release": N_("发布"),
        "box": N_("机顶盒"),
        "notice": N_("消息"),
        "report": N_("报表"),
        "audit": N_("日志导出"),
        "system": N_("系统"),
    }
)
