"""The tenant's own view of its package."""

from flask import Blueprint, render_template

from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.orders.overview import overview
from portal.orders.queries import charges_of, current_subscription, entitlement, grants_of, subscriptions_of
from portal.orders.states import REASON_LABELS, STATE_LABELS
from portal.orders.views.saying import features_named
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("package", __name__, url_prefix="/e/<enterprise:enterprise_id>/package")


@blueprint.get("")
@needs(Permission.PACKAGE_VIEW)
def index() -> str:
    """This function will show what the package opens, what else there is and costs, and what was charged."""
    context, at = ctx(), clock.now()
    session, tenant_id = context.session, context.tenant_id
    subscription = current_subscription(session, tenant_id, at)
    grants = grants_of(session, tenant_id, at)
    history = subscriptions_of(session, tenant_id, at)
    return render_template(
        "package/index.html",
        subscription=subscription,
        overview=overview(entitlement(session, tenant_id, at), subscription, grants, clock.today()),
        grants=grants,
        charges=charges_of(session, tenant_id),
        history=history,
        stamps=stamps_of(session, [*(one.id for one in history), *(grant.id for grant in grants)]),
        book=catalogue(),
        state_labels=STATE_LABELS,
        reason_labels=REASON_LABELS,
        features_named=features_named,
    )
