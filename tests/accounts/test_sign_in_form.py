"""Signing in through the form, as a person and as a script do it."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world.cast import PASSWORD, Cast, code_now


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def submit(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    page = client.get(path)
    return client.post(path, data={"csrf_token": token_of(page), **fields})


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("portal_session")
    assert found is not None
    return found.value


def test_member_signs_in_with_password_and_code(cast: Cast, client: FlaskClient) -> None:
    house = cast.yunqi

    first = submit(client, "/sign-in", username=house.admin.username, password=PASSWORD)
    second = submit(client, first.location, code=code_now())

    assert (first.status_code, first.location) == (302, "/sign-in/code")
    assert (second.status_code, second.location) == (302, f"{house.path}/")
    assert client.get("/account").status_code == 200
