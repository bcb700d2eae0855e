"""The television's page: public, alike for everybody, under its own policy; its worker names files that are there."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.tv.policy import player_policy


def test_page_is_public_and_keeps_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/tv/")

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == player_policy((), framed_by="'none'")
    assert "Set-Cookie" not in answer.headers


def test_worker_names_every_file_of_the_player_and_each_is_there(client: FlaskClient) -> None:
    answer = client.get("/tv/worker.js")
    listed = json.loads(
        answer.get_data(as_text=True).split("\n", 1)[0].removeprefix("const SHELL = ").removesuffix(";")
    )

    assert answer.mimetype == "text/javascript"
    assert {status(client, file) for file in [listed["page"], *listed["files"]]} == {200}
    assert {"/static/tv/main.js", "/static/tv/resolve.js", "/static/tv/css/tokens.css"} <= set(listed["files"])


def status(client: FlaskClient, path: str) -> int:
    """This function will return the status of an answer whose file it closes."""
    with client.get(path) as answer:
        return answer.status_code


@pytest.mark.parametrize("path", ["/tv/", "/tv/worker.js", "/tv/reach.js"])
def test_nothing_is_written_there(path: str, client: FlaskClient) -> None:
    assert client.delete(path).status_code == 405


def test_only_configured_live_hosts_may_be_played(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LIVE_HOSTS", ("live.example.com", "*.cdn.example.com"))

    policy = dict(part.split(" ", 1) for part in client.get("/tv/").headers["Content-Security-Policy"].split("; "))

    assert policy["media-src"] == "'self' blob: https://live.example.com https://*.cdn.example.com"
    assert policy["script-src"] == "'self'"
