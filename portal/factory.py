"""Putting the application together: the hooks of the pipeline, the blueprints of the rooms."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from flask import Flask, redirect, url_for
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from portal.access.doors import StepUpRequired
from portal.access.layers import check_layers
from portal.accounts import left_over
from portal.accounts import sessions as account_sessions
from portal.accounts.gate import proving, signing
from portal.accounts.gate import queries as gate
from portal.accounts.gate.views import signing as sign_page
from portal.accounts.gate.views import step_up
from portal.accounts.views import again, brake
from portal.audit.deeds import SignatureRequired
from portal.boxes.admission import BoxAdmission, places_of, room_beside
from portal.boxes.api import problems
from portal.content.veil import veil
from portal.core import clock, crypto
from portal.core.context import Context, TenantRef
from portal.core.counting import counts_for
from portal.core.database import platform_session, tenant_session
from portal.core.ids import TenantId
from portal.core.settings import PROJECT_ROOT, Settings
from portal.dashboard import badges
from portal.installation import open_installation
from portal.orders import notice
from portal.orders.queries import entitlement
from portal.releases.fetch import PublicFiles
from portal.review.titles import veiled_titles
from portal.tenants.queries import find_tenant
from portal.web import addresses, errors, formats, headers, i18n, measuring, pipeline, rendering, sessions, static_files
from portal.web.access import public, views_of_boxes
from portal.web.errors import SignInRequired
from portal.web.hooks import COUNTS, Doors, Entitled, Hooks
from portal.web.state import state

BLUEPRINTS = (
    "web.views",
    "accounts.views.sign_in",
    "accounts.views.again",
    "accounts.views.welcome",
    "accounts.views.account",
    "accounts.views.passkeys",
    "accounts.views.recovery",
    "accounts.views.levels",
    "accounts.views.certificates",
    "accounts.views.tenant_security",
    "accounts.views.members",
    "accounts.views.users",
    "accounts.views.sessions",
    "accounts.captcha.views",
    "accounts.gate.views.step_up",
    "accounts.gate.views.policy",
    "accounts.views.officers",
    "audit.views.log",
    "audit.views.proofs",
    "audit.views.export",
    "notify.views",
    "review.views",
    "releases.views.acts",
    "releases.sheets",
    "tv.views",
    "preview.views",
    "desk.views",
    "desk.queue_sheet",
    "desk.bulk",
    "desk.players",
    "desk.talk",
    "desk.release_screens",
    "desk.release_players",
    "content.views",
    "content.logo.views",
    "content.slots.views",
    "content.zone.views",
    "content.marquee.views",
    "content.splash.views",
    "content.ads.views",
    "content.apps.views",
    "content.replacing.views",
    "content.power.views",
    "tenants.views.customers",
    "tenants.views.enterprises",
    "tenants.views.groups",
    "tenants.applications.views.pages",
    "tenants.installing.views.one",
    "tenants.installing.views.everywhere",
    "catalog.views",
    "orders.views.directory",
    "orders.views.package",
    "orders.views.orders",
    "orders.views.grants",
    "orders.views.sheets",
    "media.views",
    "media.conversion.views",
    "boxes.api.calls",
    "media.uploading.views",
    "boxes.api.describing",
    "boxes.views.alerts",
    "boxes.views.fleet_adoption",
    "administration.views.roles",
    "administration.views.acl",
    "administration.views.tenant_acl",
    "administration.views.user_groups",
    "administration.views.member_groups",
    "administration.views.system",
    "administration.views.support",
    "administration.views.checkpoint_mail",
    "administration.views.keys",
    "administration.views.deletion",
    "administration.views.deletions",
    "reports.views",
    "reports.played.views",
    "reports.played.views_everywhere",
    "dashboard.views",
    "search.views",
)

_FORM_BYTES = 2 * 1024 * 1024
_UPLOAD_BYTES = 520 * 1024 * 1024


def create_wsgi(settings: Settings) -> PublicFiles:
    """This function will return what the server serves: the public folder, behind it the application, which boxes never have to themselves."""
    app = BoxAdmission(create_app(settings), places_of(settings.threads), room_beside(settings.threads))
    return PublicFiles(settings.public_dir, app, more=headers.of_tls() if settings.uses_https else ())


def create_app(settings: Settings) -> Flask:
    """This function will return the Flask application.

    Raises `UnmarkedEndpoint` for a view that says not whom it is for, `LayersCrossed` for a role that reaches beyond its layer.
    """
    check_layers()
    open_installation(settings)
    app = pipeline.Portal(
        "portal", template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static")
    )
    app.config.update(_config(settings))
    app.secret_key = crypto.vault().key("cookies")
    app.extensions["portal_hooks"] = _hooks(settings)
    app.extensions["portal_settings"] = settings
    app.extensions[COUNTS] = counts_for(settings.redis_url)
    addresses.install(app)
    measuring.install(app)
    app.before_request(pipeline.begin)
    app.teardown_request(pipeline.end)
    brake.install(app)
    sessions.install(app)
    forgery = CSRFProtect(app)
    i18n.install(app, PROJECT_ROOT / "translations")
    headers.install(app)
    errors.install(app)
    app.register_error_handler(StepUpRequired, step_up.answer_shut)
    app.register_error_handler(SignatureRequired, sign_page.answer_unsigned)
    app.register_error_handler(SignInRequired, again.answer_ended)
    rendering.install(app)
    formats.install(app)
    static_files.install(app)
    app.add_url_rule("/", "home", public(_home))
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"portal.{name}").blueprint)
    problems.install(app)
    app.finish_start()
    for view in views_of_boxes(app):
        forgery.exempt(view)
    return app


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": _UPLOAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": _FORM_BYTES,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-portal_session" if settings.uses_https else "portal_session",
        "SESSION_COOKIE_SECURE": settings.uses_https,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.uses_https,
        "TRUSTED_PROXIES": settings.trusted_proxies,
        "IDLE_MINUTES": settings.idle_minutes,
        "ABSOLUTE_HOURS": settings.absolute_hours,
        "BASE_URL": settings.base_url,
        "SECURITY_CONTACT": settings.security_contact,
        "TEST_CAPTCHA": settings.test_captcha,
        "LIVE_HOSTS": settings.live_hosts,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _hooks(settings: Settings) -> Hooks:
    limits = account_sessions.Limits.of(settings.idle_minutes, settings.absolute_hours)
    return Hooks(
        load_session=limits.load_session,
        left_over=left_over.left_over,
        touch_session=account_sessions.touch_session,
        find_tenant=_find_tenant,
        entitlement=_entitlement,
        feature_notice=_feature_notice,
        count_boxes=_count_boxes,
        save_preferences=account_sessions.save_preferences,
        badges=badges.badges,
        door=Doors(gate.look, proving.prove, gate.has_shown),
        deed_of=signing.deed_of,
        veil=_veil,
    )


def _veil(ctx: Context) -> frozenset[str]:
    hidden = veil(ctx)
    return hidden | veiled_titles(ctx.session, hidden) if hidden else hidden


def _find_tenant(enterprise_id: str) -> TenantRef | None:
    with platform_session() as session:
        return find_tenant(session, enterprise_id)


def _entitlement(tenant_id: TenantId) -> Entitled:
    with tenant_session(tenant_id) as session:
        return entitlement(session, tenant_id, clock.now())


def _feature_notice(feature: str, tenant: TenantRef) -> Mapping[str, Any]:
    with tenant_session(tenant.id) as session:
        return notice.feature_notice(session, tenant.id, feature, i18n.language())


def _count_boxes(entitled: Entitled | None) -> int | None:
    return getattr(entitled, "boxes", None)


def _home() -> Response:
    signed_in = state().signed_in
    if signed_in is None:
        return redirect(url_for("sign_in.password"))
    if signed_in.tenant is not None:
        return redirect(url_for("dashboard.tenant", enterprise_id=signed_in.tenant.enterprise_id))
    return redirect(url_for("dashboard.staff"))
