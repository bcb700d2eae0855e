"""What an address of the portal is made of: enterprise IDs, ids and numbers, and the tenant that links stay in."""

from typing import Any

from flask import Flask, current_app
from werkzeug.routing import BaseConverter, IntegerConverter

from portal.web.state import state


def install(app: Flask) -> None:
    """This function will teach `app` the parts of addresses; it comes before any of them is registered."""
    app.url_map.converters["enterprise"] = EnterpriseConverter
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["int"] = NumberConverter
    app.url_defaults(_stay_in_tenant)


class EnterpriseConverter(BaseConverter):
    """An enterprise ID in an address: 12 digits."""

    regex = "[1-9][0-9]{11}"


class IdConverter(BaseConverter):
    """An id in an address: a UUID in lower case; anything else is no such page."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class NumberConverter(IntegerConverter):
    """A number in an address: one that every database can hold; a longer one is no such page."""

    regex = r"\d{1,15}"


def _stay_in_tenant(endpoint: str, values: dict[str, Any]) -> None:
    """Links on a tenant's pages lead to the same tenant's pages without every template naming it."""
    tenant = state().tenant
    if tenant is None or "enterprise_id" in values:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "enterprise_id"):
        values["enterprise_id"] = tenant.enterprise_id
