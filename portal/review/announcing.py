"""What all reviewers are told of an enterprise's content, while one of its lists may keep that content from some of them."""

from portal.access.acl import Acl
from portal.access.queries import index_of
from portal.core.context import Context
from portal.core.messages import N_, Words

_KEPT_BACK = N_("限制查看的内容")


def named_to_all(ctx: Context, title: Words) -> Words:
    """This function will return what a message to all reviewers may call content of the context's tenant `title`.

    A message goes to a role and lists name persons, so where the tenant has a list it says no more than that there is something; whoever may see it reads its name on the page that the message leads to.
    """
    return _KEPT_BACK if index_of(ctx, Acl.INFORMATION) else title
