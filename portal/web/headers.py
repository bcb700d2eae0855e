"""Response headers of every page: a strict content policy, no framing by others, nothing kept by caches."""

from flask import Flask, Response, request

CONTENT_POLICY = "; ".join(  # noqa: FLY002 - one directive a line is how a policy is read
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)
_STATIC_SECONDS = 31_536_000


def of_tls() -> list[tuple[str, str]]:
    """This function will return what an answer over https says beside its own headers."""
    return [("Strict-Transport-Security", f"max-age={_STATIC_SECONDS}; includeSubDomains")]


def install(app: Flask) -> None:
    """This function will add the headers to every response of `app`."""

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if app.config["SESSION_COOKIE_SECURE"]:
            for name, value in of_tls():
                headers.setdefault(name, value)
        if request.path.startswith("/static/") and "v" in request.args:
            headers["Cache-Control"] = f"public, max-age={_STATIC_SECONDS}, immutable"
        elif not request.path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
            if not request.path.startswith("/box/"):
                response.vary.add("Cookie")
        return response
