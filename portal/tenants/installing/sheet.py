"""What an installer carries along: the text behind the QR code of a job sheet. Pure."""

from datetime import date

from portal.core.messages import N_, Message

STEPS: tuple[Message, ...] = (
    N_("机顶盒接好网络，用遥控器打开「设置 > 行业设置」。"),
    N_("输入企业ID 和您在工单上登记的手机号，按「查询」，核对客户名称。"),
    N_("按「上报」，显示「信息上报成功」就好了。"),
    N_("显示「待确认」时不用重装：等企业管理员或省公司确认，机顶盒会自己接着做。"),
)


IN_SHORT: Message = N_("设置 > 行业设置：输入企业ID 和手机号，查询，上报")


def sheet_text(enterprise_id: str, group: str, last_on: date, labels: tuple[str, str, str], in_short: str) -> str:
    """This function will return what a phone shows that scans the sheet: the ID in groups of four, group, last day, the way.

    Text and no address: it is read in a basement without a network, and no page of ours has to tell strangers about a
    customer. It names no customer and no phone number, and is short, so that a phone reads it off a crumpled sheet.
    `enterprise_id` comes grouped; `labels` name ID, group and last day.
    """
    id_label, group_label, day_label = labels
    return "\n".join(
        (
            f"{id_label} {enterprise_id}",
            f"{group_label} {group}",
            f"{day_label} {last_on.isoformat()}",
            in_short,
        )
    )
