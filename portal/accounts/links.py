"""How a one-time link is written."""

from flask import current_app, url_for


def shown_link(token: str) -> str:
    """This function will return the full address of a one-time link, below the installation's own address."""
    base: str = current_app.config["BASE_URL"]
    return base.rstrip("/") + url_for("welcome.enrol", token=token)
