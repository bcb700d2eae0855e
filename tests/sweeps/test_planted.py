"""Faults planted on purpose: each fence falls on its own, and the next one, or the sweep, says so."""

import pytest
from flask import Flask, Response
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.content.models import Revision
from portal.core import database as databases
from portal.core.database import system_session
from portal.releases.models import Release
from portal.web.access import UnmarkedEndpoint, needs
from portal.web.state import ctx
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers


def test_application_with_one_unmarked_endpoint_does_not_start(planting: Flask) -> None:
    planting.add_url_rule("/planted", "planted", lambda: "")

    with pytest.raises(UnmarkedEndpoint, match="planted"):
        planting.finish_start()  # type: ignore[attr-defined]


def test_view_without_the_tenants_session_is_stopped_by_the_next_fence(planting: Flask, swept: Swept) -> None:
    """It asks for a row of a tenant in a session of the platform."""

    def forgetful(revision_id: str) -> str:
        with databases.platform_session() as session:
            return str(session.scalars(select(Revision).where(Revision.id == revision_id)).one().title)

    _add(planting, forgetful)
    browser = Browsers(planting).of(swept.cast.yunqi.editor)

    answer = browser.get(f"{swept.cast.yunqi.path}/planted/{_revision_of(swept)}")

    assert answer.status_code == 500


def test_view_that_reads_across_tenants_by_id_is_caught_by_the_sweep(planting: Flask, swept: Swept) -> None:
    """The one way past the fences of the session; an id of another tenant in the own tenant's address then answers 200."""

    def leaking(revision_id: str) -> Response:
        with system_session(reason="planted") as session:
            return Response(session.scalars(select(Revision).where(Revision.id == revision_id)).one().title)

    _add(planting, leaking)
    stranger = Browsers(planting).of(swept.cast.jiangzhou.editor)

    answer = stranger.get(f"{swept.cast.jiangzhou.path}/planted/{_revision_of(swept)}")

    assert answer.status_code == 200


def test_view_in_the_tenants_session_does_not_find_anothers_row(planting: Flask, swept: Swept) -> None:
    def right(revision_id: str) -> str:
        found = ctx().session.scalar(select(Revision).where(Revision.id == revision_id))
        return found.title if found else "nothing"

    _add(planting, right)
    browsers, revision = Browsers(planting), _revision_of(swept)

    own = browsers.of(swept.cast.yunqi.editor).get(f"{swept.cast.yunqi.path}/planted/{revision}").get_data(as_text=True)
    other = browsers.of(swept.cast.jiangzhou.editor).get(f"{swept.cast.jiangzhou.path}/planted/{revision}")

    assert (own, other.get_data(as_text=True)) == ("正在播出", "nothing")


def _add(app: Flask, view: object) -> None:
    marked = needs(Permission.CONTENT_VIEW)(view)  # type: ignore[type-var]
    app.add_url_rule("/e/<enterprise:enterprise_id>/planted/<id:revision_id>", "planted", marked)  # type: ignore[arg-type]


def _revision_of(swept: Swept) -> str:
    """The revision of the first tenant that is on air."""
    with system_session(reason="a test looks for a row") as session:
        tenant = Release.tenant_id == swept.cast.yunqi.tenant.id
        manifest = session.scalars(select(Release).where(tenant).order_by(Release.number)).first()
    assert manifest is not None
    return str(next(iter(manifest.manifest.values())))
