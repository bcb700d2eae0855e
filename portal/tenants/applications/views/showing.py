"""What the page of one application shows to whom."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.policy import allows
from portal.audit.stamps import stamps_of
from portal.catalog.catalogue import catalogue
from portal.core.database import system_session
from portal.tenants.applications import queries, rules
from portal.tenants.applications.forms import OpeningForm, ReturnForm
from portal.tenants.applications.models import Application
from portal.tenants.applications.states import ACT_LABELS, STATE_LABELS, Act, ApplicationState, may_start
from portal.tenants.commands.enterprises import SHORT_NAME_CHARACTERS
from portal.tenants.queries import find_customer, newest_customer_names, reference
from portal.web.state import ctx

_SUGGESTED_CUSTOMERS = 200


def show_page(row: Application, typed: FlaskForm | None = None) -> str:
    """This function will draw the page of one application; `typed` is a form of the center's that was refused."""
    context, state = ctx(), ApplicationState(row.state)
    actor, session = context.actor, context.session
    enterprise = queries.enterprises_of(session, [row]).get(row.opened_id or "")
    decides = may(context, Permission.APPLICATIONS_DECIDE) and state is ApplicationState.SUBMITTED
    own = decides and actor.user_id in queries.authors_of(session, row.id)
    with system_session(reason="stamps of an application, whose enterprise comes to be at its end") as system:
        stamps = stamps_of(system, [row.id])
    return render_template(
        "applications/show.html",
        row=row,
        state=state,
        enterprise=enterprise,
        may_enter=enterprise is not None and allows(actor, Permission.TENANT_VIEW, reference(enterprise)),
        may_hand_over=enterprise is not None and allows(actor, Permission.INSTALLATION_VIEW, reference(enterprise)),
        may_order=enterprise is not None and allows(actor, Permission.ORDERS_MANAGE, reference(enterprise)),
        decides=decides,
        own=own,
        opening=typed if isinstance(typed, OpeningForm) else _opening(row),
        returning=typed if isinstance(typed, ReturnForm) else ReturnForm(formdata=None),
        customers=newest_customer_names(session, _SUGGESTED_CUSTOMERS) if decides else [],
        offering=rules.find_offering(row.sub_product_code),
        book=catalogue(),
        steps=queries.steps_of(session, row.id),
        may_act={
            act.value: may(context, Permission.APPLICATIONS_EDIT) and may_start(state, act)
            for act in Act
            if act is not Act.DRAFT
        },
        state_labels=STATE_LABELS,
        act_labels={act.value: label for act, label in ACT_LABELS.items()},
        stamps=stamps,
        crumbs=[(_("企业ID申请"), url_for("applications.index")), (row.group_name or _("未命名"), None)],
    )


def _opening(row: Application) -> OpeningForm:
    form = OpeningForm(formdata=None)
    form.offer()
    form.short_name.data = rules.suggested_short_name(row.group_name, SHORT_NAME_CHARACTERS)
    form.customer.data = row.group_name.partition("(")[0]
    known = find_customer(ctx().session, form.customer.data)
    form.industry_code.data = known.industry_code if known else ""
    return form
