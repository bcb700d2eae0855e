"""The address a request came from: the socket's, unless a configured proxy says otherwise."""

from ipaddress import ip_address, ip_network

from flask import current_app, request


def client_address() -> str:
    """This function will return the client's address as text.

    `X-Forwarded-For` counts only where the socket's peer lies in `PORTAL_TRUSTED_PROXIES`; then the last entry that
    is not itself such a proxy is the client.
    """
    peer = request.remote_addr or ""
    trusted = [ip_network(entry) for entry in current_app.config["TRUSTED_PROXIES"]]

    def is_proxy(address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in trusted)

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
