"""Every setting of the portal, in one place: name, default, meaning, and what its text may be.

A field `workers` is set by the variable PORTAL_WORKERS, in the environment or in the file that PORTAL_ENV_FILE names; the
environment wins. Nothing else in the project reads a `PORTAL_*` variable (but the fault points, which must work everywhere).
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.core import settings_values as values
from portal.core.bucket_address import BucketAddress, parse_bucket_url
from portal.core.env_file import ENV_FILE, PREFIX, read_env_file
from portal.core.settings_checks import check_settings
from portal.core.settings_values import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parents[2]

_LISTS = frozenset({"trusted_proxies", "live_hosts", "audit_mail"})
"""The settings that are empty, not None, where nobody set them."""


def _setting(parse: Callable[[str], object], default: str | None, meaning: str, *, private: bool = False) -> Any:
    """Describe one setting: `default` is text like any other and may name settings that stand above it in braces."""
    return field(metadata={"parse": parse, "default": default, "meaning": meaning, "private": private})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What an installation can be told; made by `load_settings`, which checks it."""

    instance_dir: Path = _setting(
        values.parse_path, "{project}/instance", "The folder of everything that this installation writes."
    )
    host: str = _setting(
        values.parse_host,
        "127.0.0.1",
        "The address to listen on; other than loopback only with PORTAL_TLS_CERTIFICATE.",
    )
    port: int = _setting(values.whole_number(1, 65535), "8000", "The port to listen on.")
    base_url: str = _setting(
        values.parse_base_url, "http://localhost:{port}", "The address people type; its host is the passkeys' rp_id."
    )
    trusted_proxies: tuple[values.Network, ...] = _setting(
        values.parse_networks, None, "Addresses of the reverse proxies whose X-Forwarded-* headers are believed."
    )
    database_url: str = _setting(
        values.parse_database_url,
        "sqlite:///{instance_dir}/portal.db",
        "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE (another machine: ?sslmode=verify-full), whose user owns the database and is "
        "neither SUPERUSER nor BYPASSRLS.",
        private=True,
    )
    redis_url: str | None = _setting(
        values.parse_redis_url,
        None,
        "Redis, which counts for all processes of all machines how often an address tries to sign in: rediss://:PASSWORD@HOST:PORT/NUMBER; without "
        "one each process counts alone.",
        private=True,
    )
    mqtt_url: str | None = _setting(
        values.parse_mqtt_url,
        None,
        "The broker that tells boxes of new pointers: mqtts://USER:PASSWORD@HOST; without one boxes poll.",
        private=True,
    )
    mqtt_ca_file: Path | None = _setting(
        values.parse_path, None, "The certificate authority of the broker, where it is not a public one."
    )
    mqtt_public_url: str | None = _setting(
        values.parse_told_mqtt_url,
        None,
        "The address of the broker that boxes are told, mqtts://HOST:PORT, where it is not that of PORTAL_MQTT_URL.",
    )
    public_dir: Path = _setting(
        values.parse_path, "{instance_dir}/pub", "The published files, the only ones that boxes see."
    )
    public_s3_url: BucketAddress | None = _setting(
        parse_bucket_url,
        None,
        "A bucket that gets every published file too, for a CDN or a web server to serve at /pub/: s3://KEY:SECRET@HOST/BUCKET?region=...",
        private=True,
    )
    media_dir: Path = _setting(values.parse_path, "{instance_dir}/media", "The uploaded files, drafts among them.")
    unfinished_dir: Path = _setting(
        values.parse_path,
        "{instance_dir}/unfinished",
        "Uploads that are not whole and videos being converted: room for the largest of them, shared by all processes.",
    )
    scan_command: str | None = _setting(
        values.parse_command,
        None,
        "A program that looks at every uploaded file, whose path it gets as its last argument: 0 says nothing found, 1 something; a file that "
        "it could not look at within a minute is refused too. Such as clamdscan --fdpass --no-summary.",
    )
    audit_dir: Path = _setting(
        values.parse_path,
        "{instance_dir}/checkpoints",
        "Checkpoints of the operation log, best on the disk of another machine.",
    )
    certificates_dir: Path = _setting(
        values.parse_path,
        "{instance_dir}/certificates",
        "The authority of people's certificates (ca.pem) and its list of the revoked (crl.pem), for a web server in front.",
    )
    tls_certificate: Path | None = _setting(
        values.parse_path,
        None,
        "A certificate (PEM) with which the portal itself serves https, without a proxy in front.",
    )
    tls_key: Path | None = _setting(values.parse_path, None, "The key (PEM) of PORTAL_TLS_CERTIFICATE.")
    secret_file: Path = _setting(
        values.parse_path, "{instance_dir}/secret", "The installation's secret; created at the first start if not set."
    )
    deletions_file: Path = _setting(
        values.parse_path,
        "{instance_dir}/deletions.jsonl",
        "Which enterprises were deleted, so that a restore deletes them again; keep a copy with that of the secret.",
    )
    smtp_url: str | None = _setting(
        values.parse_smtp_url,
        None,
        "The server that takes mail: smtps://USER:PASSWORD@HOST, or smtp:// for STARTTLS; none, and no mail is sent.",
        private=True,
    )
    mail_from: str = _setting(values.parse_text, "portal@localhost", "The address that mail comes from.")
    audit_mail: tuple[str, ...] = _setting(
        values.parse_addresses, None, "Who gets a checkpoint of the operation log every day: addresses, by commas."
    )
    live_hosts: tuple[str, ...] = _setting(
        values.parse_hosts, None, "Hosts of live channels that the television in a browser may play (HLS)."
    )
    workers: int = _setting(values.whole_number(1, 64), "2", "Server processes.")
    threads: int = _setting(
        values.whole_number(1, 256),
        "12",
        "Threads of each server process; boxes get no more than three in four, and twice as many more to wait in.",
    )
    access_log: bool = _setting(values.parse_switch, "0", "1 writes a line for each request to standard output.")
    metrics_address: tuple[str, int] | None = _setting(
        values.parse_metrics_address,
        None,
        "ADDRESS:PORT at which Prometheus reads what the portal counts, without sign-in: loopback, or an address of the inner network.",
    )
    idle_minutes: int = _setting(values.whole_number(1, 1440), "15", "A session ends after so many minutes unused.")
    absolute_hours: int = _setting(values.whole_number(1, 168), "12", "A session ends after so many hours in any case.")
    password_profile: str = _setting(
        values.parse_password_profile,
        "modern",
        "modern: long passwords, no composition, no rotation; mlps3: three kinds of characters, none of the last five, a new one every 90 days.",
    )
    security_contact: str | None = _setting(
        values.parse_contact,
        None,
        "mailto: or https: address for reports of weaknesses, told in security.txt; without one it is security@ the host of the address.",
    )
    test_captcha: str | None = _setting(
        values.parse_captcha, None, "Every captcha asks for this text. Only with the demo database on loopback."
    )
    test_clock: timedelta | None = _setting(
        values.parse_clock_offset, None, "Shifts the clock, as in +32d. Only with the demo database on loopback."
    )
    fault_point: str | None = _setting(
        values.parse_fault_point, None, "Stops the process there. Only with the demo database on loopback."
    )

    @property
    def public_host(self) -> str:
        """The host name of the address that people type, which is also the passkeys' rp_id."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can reach the portal, by the address it listens on and by the one people type."""
        return values.is_loopback(self.host) and values.is_loopback(self.public_host)

    @property
    def uses_https(self) -> bool:
        """Whether people reach the portal over TLS, so that cookies carry Secure and the `__Host-` prefix."""
        return self.base_url.startswith("https:")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite:")

    @property
    def default_secret_file(self) -> Path:
        """Where the secret stands unless somebody chose another place and put it there."""
        return self.instance_dir / "secret"

    @property
    def demo_file(self) -> Path:
        """The file in which `portal demo` leaves the demo accounts."""
        return self.instance_dir / "demo.json"

    @property
    def demo_folder(self) -> Path:
        """The folder of the demo accounts' own certificates."""
        return self.instance_dir / "demo"

    @property
    def demo_root_file(self) -> Path:
        """The file in which `portal demo` leaves the root key of its signatures."""
        return self.instance_dir / "demo-root-key.json"

    def test_settings(self) -> dict[str, str]:
        """This function will return the settings in use that only tests may use, as variable and text."""
        names = ("test_captcha", "test_clock", "fault_point")
        return {variable(name): str(getattr(self, name)) for name in names if getattr(self, name) is not None}


def variable(name: str) -> str:
    """This function will return the variable that sets the field `name`."""
    return PREFIX + name.upper()


def load_settings(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """This function will return the settings that `environ` and the env file give; the environment wins.

    The file is `env_file` or the one that PORTAL_ENV_FILE names. An empty text counts as not set. Raises `SettingsError` for
    an unknown name, a value that does not parse, and settings that are unsafe or contradict each other.
    """
    texts = _given(environ, env_file)
    parsed: dict[str, Any] = {}
    for item in fields(Settings):
        parsed[item.name] = _parse(item, texts.get(variable(item.name)), parsed)
    settings = Settings(**parsed)
    check_settings(settings)
    return settings


def check_startup(settings: Settings, *, is_demo_database: bool) -> None:
    """This function will raise `SettingsError` where a setting for tests is in use with a database that is not the demo.

    `load_settings` has already seen to it that such a setting goes with a loopback address only.
    """
    in_use = settings.test_settings()
    if in_use and not is_demo_database:
        raise SettingsError(
            f"{' and '.join(in_use)} would make sign-in or time untrue for real data: this is not the demo database. "
            "Remove the setting, or start with a new database and `portal demo`."
        )


def _given(environ: Mapping[str, str], env_file: Path | None) -> dict[str, str]:
    path = env_file or (Path(environ[ENV_FILE]) if environ.get(ENV_FILE) else None)
    texts = read_env_file(path) if path else {}
    texts |= {name: text for name, text in environ.items() if name.startswith(PREFIX) and name != ENV_FILE}
    known = [variable(item.name) for item in fields(Settings)]
    for name in texts:
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {close[0]}?" if close else "remove it."
            raise SettingsError(f"{name} is not a setting of this version: {hint}")
    return {name: text.strip() for name, text in texts.items() if text.strip()}


def _parse(item: Field[Any], text: str | None, parsed: Mapping[str, Any]) -> object:
    default = item.metadata["default"]
    if text is None and default is None:
        return () if item.name in _LISTS else None
    given = text if text is not None else default.format(project=PROJECT_ROOT, **parsed)
    try:
        return item.metadata["parse"](given)
    except ValueError as error:
        seen = "" if item.metadata["private"] else f", not {given!r}"
        raise SettingsError(f"{variable(item.name)} {error}{seen}.") from None
