"""Where a request came from, and with which certificate: the socket's word, unless a configured proxy says otherwise."""

import ssl
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

from flask import current_app, request

_CERTIFICATE_HEADER = "X-Client-Certificate"
_LONGEST_HEADER = 16_000


def client_address() -> str:
    """This function will return the client's address as text.

    `X-Forwarded-For` counts only where the socket's peer lies in `PORTAL_TRUSTED_PROXIES`; then the last entry that
    is not itself such a proxy is the client.
    """
    peer = request.remote_addr or ""
    if not is_proxy(peer):
        return peer
    for entry in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        address = entry.strip()
        try:
            ip_address(address)
        except ValueError:
            break
        if not is_proxy(address):
            return address
    return peer


def client_certificate() -> bytes | None:
    """This function will return the certificate (DER) whose key the client has shown in the TLS handshake, or None.

    Of a proxy in `PORTAL_TRUSTED_PROXIES` only what it hands on counts (nginx `$ssl_client_escaped_cert`): the socket's certificate would
    be its own. From anybody else the header is not even read. Whether the certificate is good for anything is for the caller to judge.
    """
    if is_proxy(request.remote_addr or ""):
        return _certificate_of(request.headers.get(_CERTIFICATE_HEADER, ""))
    socket = request.environ.get("gunicorn.socket")
    return socket.getpeercert(binary_form=True) if isinstance(socket, ssl.SSLSocket) else None


def _certificate_of(header: str) -> bytes | None:
    if not header or len(header) > _LONGEST_HEADER:
        return None
    try:
        return ssl.PEM_cert_to_DER_cert(unquote(header))
    except ValueError:
        return None


def is_proxy(address: str) -> bool:
    """This function will tell whether an address is that of a proxy whose word counts."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(entry) for entry in current_app.config["TRUSTED_PROXIES"])
