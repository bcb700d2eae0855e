"""Group names (群组名称) with the sentences that say what is wrong with one."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core.errors import Invalid
from portal.core.messages import N_, Message, listed
from portal.tenants.rules import BadGroupName, GroupName, GroupNameProblem, group_name

_PROBLEMS: Mapping[GroupNameProblem, Message] = MappingProxyType(
    {
        GroupNameProblem.FORM: N_("要写成「客户名称(客户范围+业务类型)」，例：如家酒店集团(全国酒店)。"),
        GroupNameProblem.BUSINESS_TYPE: N_("括号里要以业务类型结尾：%(types)s。"),
        GroupNameProblem.PLACE: N_("括号里业务类型前面要是全国、省份或地市的名称，例：(江苏酒店)、(南京酒店)。"),
        GroupNameProblem.SCOPE: N_("括号里的地方与所选的客户范围、省公司不一致。"),
    }
)


def read_group_name(text: str, scope: Scope, province_code: str | None) -> GroupName:
    """This function will take a group name apart; raises `Invalid` at the field `name` for one that contradicts scope or province."""
    try:
        return group_name(text, scope, province_code=None if scope is Scope.NATIONAL else province_code)
    except BadGroupName as bad:
        raise Invalid({"name": _sentence(bad.problem)}) from bad


def _sentence(problem: GroupNameProblem) -> Message:
    template = _PROBLEMS[problem]
    if problem is not GroupNameProblem.BUSINESS_TYPE:
        return template
    types = listed([entry.name.words for entry in catalogue().business_types.values()])
    return N_(template.text, types=types)
