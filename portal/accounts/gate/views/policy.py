"""应用模块管理: what the door of each module asks, for the administrator of modules."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.modules import DOORS, Module
from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts.gate.commands.policy import change_policy, change_rest
from portal.accounts.gate.forms import CAPTCHA_LABELS, LEVEL_LABELS, PolicyForm, RestForm
from portal.accounts.gate.queries import PEOPLE, policies, policy_of, rest_of, rests
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.web.access import mark_of, needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("modules", __name__, url_prefix="/admin/modules")


@blueprint.get("")
@needs(Permission.MODULES_MANAGE)
def index() -> str:
    """This function will list the modules and what the door of each asks."""
    built = _built()
    shown = [policy for policy in policies(ctx().session) if policy.module in built]
    return render_template(
        "gate/policies.html",
        policies=shown,
        doors=DOORS,
        captchas=CAPTCHA_LABELS,
        levels=LEVEL_LABELS,
        rests=rests(ctx().session),
        labels=LABELS,
        usual=current_app.config["IDLE_MINUTES"],
    )


@blueprint.route("/<module>", methods=["GET", "POST"])
@needs(Permission.MODULES_MANAGE)
def edit(module: str) -> Response | str | tuple[str, int]:
    """This function will change what the door of one module asks."""
    known = _known(module)
    form = PolicyForm.of(policy_of(ctx().session, known))
    if not form.validate_on_submit():
        return _page(known, form, 422 if form.is_submitted() else 200)
    try:
        change_policy(ctx(), known, form.demand(), version=form.version.data or 0)
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(known, form, invalid.status)
    except (Refused, Conflict) as refused:
        form.form_errors = [translate(refused.message)]
        return _page(known, form, refused.status)
    flash(_("已保存，从下一次点击起生效。"), "ok")
    return redirect(url_for("modules.index"))


@blueprint.route("/rest/<role>", methods=["GET", "POST"])
@needs(Permission.MODULES_MANAGE)
def edit_rest(role: str) -> Response | str | tuple[str, int]:
    """This function will change how long the sessions of one role may rest."""
    known = next((each for each in PEOPLE if each == role), None)
    if known is None:
        raise NotFound
    form = RestForm(obj=rest_of(ctx().session, known))
    if not form.validate_on_submit():
        return _rest_page(known, form, 422 if form.is_submitted() else 200)
    try:
        change_rest(ctx(), known, form.rest(), version=form.version.data or 0)
    except Invalid as invalid:
        show_errors(form, invalid)
        return _rest_page(known, form, invalid.status)
    except Conflict as conflict:
        form.form_errors = [translate(conflict.message)]
        return _rest_page(known, form, conflict.status)
    flash(_("已保存，从下一次点击起生效。"), "ok")
    return redirect(url_for("modules.index"))


def _rest_page(role: Role, form: RestForm, status: int) -> tuple[str, int]:
    usual = current_app.config["IDLE_MINUTES"]
    return render_template("gate/rest.html", form=form, role=role, label=LABELS[role], usual=usual), status


def _page(module: Module, form: PolicyForm, status: int) -> tuple[str, int]:
    return render_template("gate/policy.html", form=form, door=DOORS[module], module=module), status


def _built() -> frozenset[Module]:
    """The modules that this version has a door for."""
    marks = (mark_of(current_app, rule.endpoint) for rule in current_app.url_map.iter_rules())
    return frozenset({Module.SIGN_IN, *(mark.module for mark in marks if mark.module is not None)})


def _known(module: str) -> Module:
    found = next((each for each in _built() if each == module), None)
    if found is None:
        raise NotFound
    return found
