"""Counting answers for Prometheus, by the name of the page: addresses hold ids, and anybody may make up more."""

import time

from flask import Flask, Response, g, request

from portal.core import metrics


def install(app: Flask) -> None:
    """This function will count every answer of `app` where the process counts; it comes before whatever else looks at requests."""
    if not metrics.is_on():
        return

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        endpoint = request.endpoint or ""
        method = request.method if endpoint else ""
        metrics.count_request(endpoint, method, response.status_code, time.perf_counter() - g.began)
        return response
