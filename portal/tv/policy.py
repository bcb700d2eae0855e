"""What a page with the player may load: its own files, blobs of kept media, the configured live hosts, and web pages in a sealed frame."""

from collections.abc import Sequence

REACH_POLICY = "default-src 'none'; connect-src https:"
"""Of the script that asks whether a web page answers: anywhere, but it can read nothing of what comes back."""


def player_policy(live_hosts: Sequence[str], *, framed_by: str) -> str:
    """This function will return the content policy of a page with the player; `framed_by` is who may put it into a frame."""
    hosts = " ".join(f"https://{host}" for host in live_hosts)
    live = f" {hosts}" if hosts else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"media-src 'self' blob:{live}",
            f"connect-src 'self'{live}",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "frame-src https:",
            f"frame-ancestors {framed_by}",
            "form-action 'none'",
            "base-uri 'none'",
        )
    )
