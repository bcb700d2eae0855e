"""What the tests need of the machine beside Python: is it there, and where it is not, install it or say how.

`python -m tools.services` installs what is missing (as root, where apt-get is), starts PostgreSQL where it is installed but
stopped, and prints one line with the command for what it may not install. With CI=true anything missing is a failure.
"""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/Library/Fonts"),
)
# A Chromium without windows opens a page for half the processor time of one that could also show it, and draws the same.
HEADLESS = "chromium-headless-shell"
WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome")
SOCKET_FOLDER = "/var/run/postgresql"
SERVER_FOLDERS = "/usr/sbin:/sbin"
CONNECT_SECONDS = 3


@dataclass(frozen=True)
class Service:
    """A program or file of the machine, the Debian package that brings it, how to see that it is there, and whether something stands in."""

    name: str
    package: str
    is_there: Callable[[], bool]
    has_stand_in: Callable[[], bool] = lambda: False

    def serves(self) -> bool:
        """This function will tell whether what needs the service can run, with it or with what stands in for it."""
        return self.is_there() or self.has_stand_in()


def program(*names: str) -> str | None:
    """This function will return the path of the first of `names` that is installed, sbin folders included."""
    path = os.environ.get("PATH", os.defpath) + ":" + SERVER_FOLDERS
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _has(*names: str) -> Callable[[], bool]:
    return lambda: program(*names) is not None


def browser_path() -> str | None:
    """This function will return the path of the Chromium that tests, benchmarks and tools look at pages with."""
    return program(HEADLESS, *WITH_WINDOWS)


def _has_chinese_font() -> bool:
    return any(next(folder.rglob("*CJK*"), None) is not None for folder in FONT_FOLDERS if folder.is_dir())


def postgresql_conninfo(dbname: str = "postgres") -> str | None:
    """This function will return the conninfo of a PostgreSQL server that lets this user in, or None.

    It asks PGHOST (127.0.0.1 unless set) and then the local socket, port PGPORT, as PGUSER or the current user.
    """
    for host in (os.environ.get("PGHOST", "127.0.0.1"), SOCKET_FOLDER):
        conninfo = psycopg.conninfo.make_conninfo(
            host=host,
            port=os.environ.get("PGPORT", "5432"),
            user=os.environ.get("PGUSER") or getpass.getuser(),
            dbname=dbname,
            connect_timeout=CONNECT_SECONDS,
        )
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError:
            continue
        return conninfo
    return None


def _postgresql_is_installed() -> bool:
    return program("postgres", "pg_ctlcluster") is not None or postgresql_conninfo() is not None


SERVICES = {
    service.name: service
    for service in (
        Service("chromium", HEADLESS, _has(HEADLESS), _has(*WITH_WINDOWS)),
        Service("chinese fonts", "fonts-noto-cjk", _has_chinese_font),
        Service("postgresql", "postgresql", _postgresql_is_installed),
        Service("redis", "redis-server", _has("redis-server")),
        Service("mosquitto", "mosquitto", _has("mosquitto")),
        Service("tesseract", "tesseract-ocr", _has("tesseract")),
        Service("nginx", "nginx-light", _has("nginx")),
        # An S3-compatible store, which checks signatures as a real one does.
        Service("ceph-mon", "ceph-mon", _has("ceph-mon")),
        Service("ceph-osd", "ceph-osd", _has("ceph-osd")),
        Service("radosgw", "radosgw", _has("radosgw")),
    )
}


def missing() -> list[Service]:
    """This function will return the services that are not installed, in the order of `SERVICES`."""
    return [service for service in SERVICES.values() if not service.is_there()]


def install_command(services: Iterable[Service]) -> str:
    """This function will return the command line that installs `services` on Debian."""
    return "sudo apt-get install -y " + " ".join(service.package for service in services)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(services: Iterable[Service]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = [service.package for service in services]
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=environment, check=True
    )


def start_command(version: str, cluster: str) -> list[str]:
    """This function will return the command line that starts a stopped cluster of PostgreSQL.

    With CI=true nothing in it outlives the run, so that it need not wait for the disk, as making and dropping a database otherwise does.
    """
    careless = ["-o", "-c fsync=off"] if os.environ.get("CI") == "true" else []
    return ["pg_ctlcluster", "--skip-systemctl-redirect", *careless, version, cluster, "start"]


def _start_postgresql() -> None:
    """Start the machine's own cluster, and let root in where it is root who asks."""
    clusters = subprocess.run(
        ["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    for version, name, *_ in map(str.split, clusters):
        subprocess.run(start_command(version, name), check=False)
    if postgresql_conninfo() is None:
        user = os.environ.get("PGUSER") or getpass.getuser()
        subprocess.run(["runuser", "-u", "postgres", "--", "createuser", "--superuser", user], check=False)


def main() -> int:
    """This function will make the machine ready for the tests as far as it may, and return the exit code."""
    absent = missing()
    if absent and _may_install():
        _install(absent)
    absent = [service for service in missing() if not service.serves()]
    if postgresql_conninfo() is None and program("pg_ctlcluster") and os.geteuid() == 0:
        _start_postgresql()
    lacks = []
    if absent:
        names = ", ".join(service.name for service in absent)
        lacks.append(f"not installed: {names}; their tests are skipped. To install: {install_command(absent)}")
    elif postgresql_conninfo() is None:
        lacks.append(
            "PostgreSQL lets nobody in; its tests are skipped. To mend: sudo systemctl start postgresql && "
            f"sudo -u postgres createuser --superuser {getpass.getuser()}"
        )
    for line in lacks:
        print(line, file=sys.stderr)
    return 1 if lacks and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
