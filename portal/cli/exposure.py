"""What works and should be better where other machines can reach the portal, in sentences for whoever runs it."""

from portal.core.settings import Settings

_MOST_PROXIES = 256
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what is looked for


def weaknesses(settings: Settings) -> list[str]:
    """This function will return what settings leave weak in an installation that others can reach; nothing for one on loopback."""
    if settings.is_loopback:
        return []
    found = []
    wide = [str(network) for network in settings.trusted_proxies if network.num_addresses > _MOST_PROXIES]
    if wide:
        found.append(
            f"PORTAL_TRUSTED_PROXIES={','.join(wide)} believes more machines than proxies: any of them can claim an address or a "
            "certificate; name the proxies alone"
        )
    if settings.host in _EVERY_ADDRESS and settings.trusted_proxies:
        found.append(
            f"PORTAL_HOST={settings.host} is as near as the proxy: listen on the one address to which the proxy connects"
        )
    if settings.audit_dir.is_relative_to(settings.instance_dir):
        found.append("PORTAL_AUDIT_DIR lies beside the database: put it on a disk that another machine keeps")
    if settings.security_contact is None:
        found.append(
            "PORTAL_SECURITY_CONTACT is not set: weaknesses are reported to security@ the host, name an address that somebody reads"
        )
    return found
