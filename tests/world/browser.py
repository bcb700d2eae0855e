"""A browser in which one of the cast is signed in, and forms are sent with their token."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.core.context import TenantRef
from tests.world.cast import Person, sign_in_as


class Browser:
    """A test client with a session of `person`; each browser has a session of its own."""

    def __init__(self, app: Flask, person: Person, *, tenant: TenantRef | None = None, vouched: bool = True) -> None:
        self.client = app.test_client()
        self.form_token = sign_in_as(self.client, person, tenant=tenant, vouched=vouched)

    def get(self, path: str, **more: Any) -> TestResponse:
        """This function will fetch a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """This function will send a form."""
        answer = self.client.post(path, data={"csrf_token": self.form_token, **(data or {})}, **more)
        answer.request.environ["wsgi.input"].close()  # a large form lies in a file that the client leaves open
        return answer
