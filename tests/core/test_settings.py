import dataclasses
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from portal.core.settings import PROJECT_ROOT, Settings, SettingsError, check_startup, load_settings

NO_SHELL = (
    "must be one program and its arguments, such as clamdscan --fdpass --no-summary; for more than that write a script"
)
BEHIND_PROXY = {"PORTAL_BASE_URL": "https://portal.example.com", "PORTAL_TRUSTED_PROXIES": "10.0.0.5"}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return str(caught.value)


def test_defaults_are_a_portal_for_this_machine_alone():
    settings = load_settings({})

    instance = PROJECT_ROOT / "instance"
    assert dataclasses.asdict(settings) == {
        "instance_dir": instance,
        "host": "127.0.0.1",
        "port": 8000,
        "base_url": "http://localhost:8000",
        "trusted_proxies": (),
        "live_hosts": (),
        "database_url": f"sqlite:///{instance}/portal.db",
        "redis_url": None,
        "mqtt_url": None,
        "mqtt_ca_file": None,
        "mqtt_public_url": None,
        "public_dir": instance / "pub",
        "public_s3_url": None,
        "media_dir": instance / "media",
        "unfinished_dir": instance / "unfinished",
        "scan_command": None,
        "audit_dir": instance / "checkpoints",
        "certificates_dir": instance / "certificates",
        "tls_certificate": None,
        "tls_key": None,
        "secret_file": instance / "secret",
        "deletions_file": instance / "deletions.jsonl",
        "smtp_url": None,
        "mail_from": "portal@localhost",
        "audit_mail": (),
        "password_profile": "modern",
        "workers": 2,
        "threads": 12,
        "access_log": False,
        "metrics_address": None,
        "idle_minutes": 15,
        "absolute_hours": 12,
        "security_contact": None,
        "test_captcha": None,
        "test_clock": None,
        "fault_point": None,
    }
    assert settings.is_loopback
    assert not settings.uses_https
    assert settings.public_host == "localhost"
    assert settings.demo_file == instance / "demo.json"


def test_settings_cannot_be_changed():
    settings = load_settings({})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_other_defaults_follow_the_instance_folder_and_the_port(tmp_path):
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_PORT": "8001"})

    assert settings.database_url == f"sqlite:///{tmp_path}/portal.db"
    assert settings.public_dir == tmp_path / "pub"
    assert settings.base_url == "http://localhost:8001"


def test_portal_behind_a_proxy_is_read_from_the_environment():
    settings = load_settings(
        {
            "PORTAL_HOST": "10.0.0.9",
            "PORTAL_TLS_CERTIFICATE": "/etc/portal.pem",
            "PORTAL_TLS_KEY": "/etc/portal.key",
            "PORTAL_BASE_URL": "https://Portal.example.com/",
            "PORTAL_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/16",
            "PORTAL_DATABASE_URL": "postgres://portal:secret@db/portal?sslmode=verify-full",
            "PORTAL_REDIS_URL": "rediss://cache:6379/0",
            "PORTAL_ACCESS_LOG": "yes",
        }
    )

    assert settings.base_url == "https://portal.example.com"
    assert settings.trusted_proxies == (ip_network("10.0.0.5"), ip_network("10.1.0.0/16"))
    assert settings.database_url == "postgresql+psycopg://portal:secret@db/portal?sslmode=verify-full"
    assert settings.redis_url == "rediss://cache:6379/0"
    assert settings.access_log
    assert settings.uses_https
    assert not settings.is_loopback
    assert not settings.is_sqlite


@pytest.mark.parametrize("text", ["postgresql://u@[::1]/d", "postgres://u@[::1]/d", "postgresql+psycopg://u@[::1]/d"])
def test_database_url_names_the_driver(text):
    assert load_settings({"PORTAL_DATABASE_URL": text}).database_url == "postgresql+psycopg://u@[::1]/d"


def test_relative_sqlite_file_begins_at_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert load_settings({"PORTAL_DATABASE_URL": "sqlite:///a/b.db"}).database_url == f"sqlite:///{tmp_path}/a/b.db"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+32d", timedelta(days=32)),
        ("-3h", timedelta(hours=-3)),
        ("+90m", timedelta(minutes=90)),
        ("+5s", timedelta(seconds=5)),
    ],
)
def test_test_clock_is_an_offset(text, offset):
    assert load_settings({"PORTAL_TEST_CLOCK": text}).test_clock == offset


def test_empty_text_counts_as_not_set():
    assert load_settings({"PORTAL_PORT": "", "PORTAL_HOST": " "}) == load_settings({})


def test_variables_of_others_are_left_alone():
    assert load_settings({"PATH": "/bin", "PORTALIS": "x"}) == load_settings({})


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("PORT", "http", "must be a whole number from 1 to 65535, not 'http'."),
        ("PORT", "0", "must be a whole number from 1 to 65535, not '0'."),
        ("PORT", "65536", "must be a whole number from 1 to 65535, not '65536'."),
        ("PORT", "-1", "must be a whole number from 1 to 65535, not '-1'."),
        ("PORT", "８０００", "must be a whole number from 1 to 65535, not '８０００'."),
        ("WORKERS", "0", "must be a whole number from 1 to 64, not '0'."),
        ("THREADS", "1.5", "must be a whole number from 1 to 256, not '1.5'."),
        ("IDLE_MINUTES", "0", "must be a whole number from 1 to 1440, not '0'."),
        ("ABSOLUTE_HOURS", "169", "must be a whole number from 1 to 168, not '169'."),
        ("ACCESS_LOG", "maybe", "must be 1 or 0, not 'maybe'."),
        (
            "SCAN_COMMAND",
            "clamdscan 'x",
            'must be a program and its arguments, and each quotation mark needs its second, not "clamdscan \'x".',
        ),
        *(
            ("SCAN_COMMAND", text, f"{NO_SHELL}, not {text!r}.")
            for text in ("''", "clamdscan | tee log", "clamdscan; true", "clamdscan $FILE", "clamdscan > /dev/null")
        ),
        ("HOST", "a b", "must be an IP address or a host name, not 'a b'."),
        (
            "BASE_URL",
            "portal.example.com",
            "must be the address people type, such as https://portal.example.com, without a path, not 'portal.example.com'.",
        ),
        (
            "BASE_URL",
            "http://localhost/portal",
            "must be the address people type, such as https://portal.example.com, without a path, not 'http://localhost/portal'.",
        ),
        (
            "TRUSTED_PROXIES",
            "proxy",
            "must be addresses or networks with commas between, such as 10.0.0.5,10.1.0.0/16, not 'proxy'.",
        ),
        ("DATABASE_URL", "mysql://u:p@h/d", "must be sqlite:///FILE or postgresql://USER@HOST/DATABASE."),
        ("DATABASE_URL", "postgresql://u:p@h", "must be sqlite:///FILE or postgresql://USER@HOST/DATABASE."),
        (
            "DATABASE_URL",
            "sqlite:///:memory:",
            "must name a file after sqlite:///, because several processes open the database.",
        ),
        (
            "DATABASE_URL",
            "sqlite:///",
            "must name a file after sqlite:///, because several processes open the database.",
        ),
        ("REDIS_URL", "cache:6379", "must be redis://HOST:PORT/NUMBER or, with TLS, rediss://HOST:PORT/NUMBER."),
        ("TEST_CLOCK", "32d", "must be a sign, a number and one of d, h, m, s, such as +32d, not '32d'."),
        ("TEST_CAPTCHA", "ab cd", "must be 1 to 8 letters or digits, not 'ab cd'."),
        ("FAULT_POINT", "A!", "must be the name of a fault point, with :enospc after it for a full disk, not 'A!'."),
    ],
)
def test_value_that_does_not_parse_is_refused(name, text, sentence):
    assert refusal({f"PORTAL_{name}": text}) == f"PORTAL_{name} {sentence}"


@pytest.mark.parametrize("url", ["mysql://portal:pa55word@db/portal", "postgresql://portal:pa55word@db"])
def test_refusal_does_not_repeat_a_password(url):
    assert "pa55word" not in refusal({"PORTAL_DATABASE_URL": url})


def test_mistyped_name_is_refused_with_the_right_one():
    assert refusal({"PORTAL_DATABSE_URL": "x"}) == (
        "PORTAL_DATABSE_URL is not a setting of this version: did you mean PORTAL_DATABASE_URL?"
    )


def test_unknown_name_is_refused():
    assert refusal({"PORTAL_ZZZ": "x"}) == "PORTAL_ZZZ is not a setting of this version: remove it."


@pytest.mark.parametrize(
    ("environ", "beginning"),
    [
        ({"PORTAL_HOST": "0.0.0.0"}, "PORTAL_HOST=0.0.0.0 can be reached from other machines"),
        ({"PORTAL_HOST": "::"}, "PORTAL_HOST=:: can be reached from other machines"),
        (
            {**BEHIND_PROXY, "PORTAL_HOST": "10.0.0.9"},
            "PORTAL_HOST=10.0.0.9 can be reached from other machines in plain http, past the proxy",
        ),
        (
            {"PORTAL_BASE_URL": "http://portal.example.com"},
            "PORTAL_BASE_URL=http://portal.example.com is plain http for people on other machines",
        ),
        (
            {"PORTAL_BASE_URL": "https://portal.example.com"},
            "PORTAL_BASE_URL is https, which a proxy in front must end",
        ),
        (
            {"PORTAL_DATABASE_URL": "postgresql://u:p@db.example.com/d"},
            "PORTAL_DATABASE_URL names db.example.com, another machine, without proving",
        ),
        (
            {"PORTAL_DATABASE_URL": "postgresql://u:p@db.example.com/d?sslmode=require"},
            "PORTAL_DATABASE_URL names db.example.com, another machine, without proving",
        ),
        (
            {"PORTAL_DATABASE_URL": "postgresql://u:p@db.example.com/d?sslmode=verify-ca"},
            "PORTAL_DATABASE_URL names db.example.com, another machine, without proving",
        ),
        (
            {"PORTAL_DATABASE_URL": "postgresql://u:p@/d?host=10.0.0.9"},
            "PORTAL_DATABASE_URL names 10.0.0.9, another machine, without proving",
        ),
        ({"PORTAL_DATABASE_URL": "postgresql://u:p@localhost:1,10.0.0.9:1/d"}, "PORTAL_DATABASE_URL must be"),
        (
            {"PORTAL_REDIS_URL": "redis://:p@10.0.0.9:6379/0"},
            "PORTAL_REDIS_URL names 10.0.0.9, another machine, without TLS",
        ),
        (
            {"PORTAL_REDIS_URL": "rediss://:p@10.0.0.9:6379/0?ssl_cert_reqs=none"},
            "PORTAL_REDIS_URL turns off that Redis proves who it is",
        ),
        (
            {"PORTAL_REDIS_URL": "rediss://:p@10.0.0.9:6379/0?ssl_check_hostname=false"},
            "PORTAL_REDIS_URL turns off that Redis proves who it is",
        ),
        (
            {"PORTAL_PUBLIC_DIR": "/srv/p", "PORTAL_MEDIA_DIR": "/srv/p/media"},
            "PORTAL_MEDIA_DIR=/srv/p/media lies in PORTAL_PUBLIC_DIR=/srv/p",
        ),
        (
            {"PORTAL_PUBLIC_DIR": "/srv/p", "PORTAL_SECRET_FILE": "/srv/p/secret"},
            "PORTAL_SECRET_FILE=/srv/p/secret lies in PORTAL_PUBLIC_DIR=/srv/p",
        ),
        (
            {"PORTAL_PUBLIC_DIR": "/srv/p", "PORTAL_DATABASE_URL": "sqlite:////srv/p/portal.db"},
            "PORTAL_DATABASE_URL=/srv/p/portal.db lies in PORTAL_PUBLIC_DIR=/srv/p",
        ),
        (
            {"PORTAL_PUBLIC_DIR": "/srv/m/pub", "PORTAL_MEDIA_DIR": "/srv/m"},
            "PORTAL_PUBLIC_DIR=/srv/m/pub lies in PORTAL_MEDIA_DIR=/srv/m",
        ),
        (
            {"PORTAL_IDLE_MINUTES": "61", "PORTAL_ABSOLUTE_HOURS": "1"},
            "PORTAL_IDLE_MINUTES=61 is longer than PORTAL_ABSOLUTE_HOURS=1",
        ),
        ({**BEHIND_PROXY, "PORTAL_TEST_CAPTCHA": "abcd"}, "PORTAL_TEST_CAPTCHA is for tests on this machine alone"),
        ({**BEHIND_PROXY, "PORTAL_TEST_CLOCK": "+1d"}, "PORTAL_TEST_CLOCK is for tests on this machine alone"),
        ({**BEHIND_PROXY, "PORTAL_FAULT_POINT": "x.y"}, "PORTAL_FAULT_POINT is for tests on this machine alone"),
    ],
)
def test_unsafe_or_contradictory_settings_are_refused_with_what_to_change(environ, beginning):
    sentence = refusal(environ)

    assert sentence.startswith(beginning)
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "environ",
    [
        {"PORTAL_DATABASE_URL": "postgresql://u:p@db.example.com/d?sslmode=verify-full&sslrootcert=/etc/ca.pem"},
        {"PORTAL_DATABASE_URL": "postgresql://u@/d?host=/run/postgresql"},
        {"PORTAL_DATABASE_URL": "postgresql://u@/d"},
        {"PORTAL_REDIS_URL": "rediss://:p@10.0.0.9:6379/0?ssl_ca_certs=/etc/ca.pem"},
        {"PORTAL_REDIS_URL": "redis://127.0.0.1:6379/0"},
        {"PORTAL_LIVE_HOSTS": "live.example.com,*.cdn.example.com"},
    ],
)
def test_connections_that_are_near_or_proven_are_taken(environ):
    load_settings(environ)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback_is_known_by_each_of_its_names(host):
    assert load_settings({"PORTAL_HOST": host, "PORTAL_TEST_CAPTCHA": "abcd"}).is_loopback


_BEHIND_A_PROXY = {"PORTAL_BASE_URL": "https://zone.example.com", "PORTAL_TRUSTED_PROXIES": "10.0.0.1"}


@pytest.mark.parametrize(("own", "told"), [("127.0.0.1", None), ("10.0.0.5", "localhost")])
def test_a_broker_that_boxes_cannot_reach_is_refused(own: str, told: str | None):
    names = {**_BEHIND_A_PROXY, "PORTAL_MQTT_URL": f"mqtts://portal:secret@{own}:8883"}

    with pytest.raises(SettingsError) as caught:
        load_settings(names if told is None else {**names, "PORTAL_MQTT_PUBLIC_URL": f"mqtts://{told}:8883"})

    assert str(caught.value) == (
        f"Boxes would be told a broker on {told or own}, which is themselves: set PORTAL_MQTT_PUBLIC_URL to the address, mqtts://HOST, "
        "at which they reach it."
    )


def test_a_broker_that_boxes_are_told_and_the_portal_does_not_know_is_refused():
    with pytest.raises(SettingsError) as caught:
        load_settings({"PORTAL_MQTT_PUBLIC_URL": "mqtts://broker.example.com:8883"})

    assert str(caught.value) == ("PORTAL_MQTT_PUBLIC_URL is told to boxes, but there is no PORTAL_MQTT_URL: set it.")


@pytest.mark.parametrize(
    "address",
    [
        "http://broker.example.com",
        "mqtts://",
        "mqtts://portal:secret@broker.example.com",
        "broker",
        "mqtts://broker.example.com/topic",
    ],
)
def test_an_address_that_boxes_are_told_is_an_address_and_nothing_more(address: str):
    with pytest.raises(SettingsError, match="PORTAL_MQTT_PUBLIC_URL"):
        load_settings({"PORTAL_MQTT_URL": "mqtts://portal:secret@10.0.0.5:8883", "PORTAL_MQTT_PUBLIC_URL": address})


@pytest.mark.parametrize(
    ("address", "taken"),
    [("mqtt://u:p@10.0.0.5", False), ("mqtts://u:p@10.0.0.5", True), ("mqtt://u:p@127.0.0.1", True)],
)
def test_passwords_of_boxes_cross_no_network_in_clear(address: str, taken: bool):
    names = {**_BEHIND_A_PROXY, "PORTAL_MQTT_URL": address, "PORTAL_MQTT_PUBLIC_URL": "mqtts://broker.example.com"}

    if taken:
        assert load_settings(names).mqtt_url == address
    else:
        with pytest.raises(SettingsError, match="must begin with mqtts:// for a broker on another machine"):
            load_settings(names)


def test_boxes_are_told_a_broker_by_its_public_address():
    told = "mqtts://broker.example.com:8883"
    names = {"PORTAL_MQTT_URL": "mqtts://portal:secret@127.0.0.1:8883", "PORTAL_MQTT_PUBLIC_URL": told}

    assert load_settings({**names, **_BEHIND_A_PROXY}).mqtt_public_url == told


def test_check_startup_accepts_test_settings_on_the_demo_database():
    settings = load_settings({"PORTAL_TEST_CAPTCHA": "abcd", "PORTAL_TEST_CLOCK": "+1d"})

    check_startup(settings, is_demo_database=True)


def test_check_startup_refuses_test_settings_on_any_other_database():
    settings = load_settings({"PORTAL_TEST_CAPTCHA": "abcd", "PORTAL_TEST_CLOCK": "+1d"})

    with pytest.raises(SettingsError) as caught:
        check_startup(settings, is_demo_database=False)

    assert str(caught.value) == (
        "PORTAL_TEST_CAPTCHA and PORTAL_TEST_CLOCK would make sign-in or time untrue for real data: this is not the demo "
        "database. Remove the setting, or start with a new database and `portal demo`."
    )


def test_check_startup_accepts_any_database_without_test_settings():
    check_startup(load_settings({}), is_demo_database=False)


def write(folder: Path, text: str) -> Path:
    path = folder / "portal.env"
    path.write_text(text, encoding="utf-8")
    return path


def test_env_file_is_read_and_the_environment_wins(tmp_path):
    path = write(
        tmp_path, "# ours\n\nPORTAL_PORT=8001\nPORTAL_WORKERS = 3\n".replace(" = ", "=") + "PORTAL_HOST='::1'\n"
    )

    settings = load_settings({"PORTAL_ENV_FILE": str(path), "PORTAL_PORT": "8002"})

    assert (settings.port, settings.workers, settings.host) == (8002, 3, "::1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("PORTAL_PORT 8001", "{path}, line 1: write it as NAME=value."),
        ("\nPATH=/bin", "{path}, line 2: PATH does not belong there, only PORTAL_* settings do; remove the line."),
        (
            "PORTAL_ENV_FILE=x",
            "{path}, line 1: PORTAL_ENV_FILE does not belong there, only PORTAL_* settings do; remove the line.",
        ),
        ("PORTAL_PORT=1\nPORTAL_PORT=2", "{path}, line 2: PORTAL_PORT stands there twice; keep one of the lines."),
        ("PORTAL_PROT=1", "PORTAL_PROT is not a setting of this version: did you mean PORTAL_PORT?"),
    ],
)
def test_env_file_with_a_wrong_line_is_refused(tmp_path, text, sentence):
    path = write(tmp_path, text)

    with pytest.raises(SettingsError) as caught:
        load_settings({}, path)

    assert str(caught.value) == sentence.format(path=path)


def test_env_file_that_is_not_there_is_refused(tmp_path):
    sentence = refusal({"PORTAL_ENV_FILE": str(tmp_path / "none")})

    assert sentence.startswith(f"PORTAL_ENV_FILE names {tmp_path}/none, which cannot be read")


def test_every_setting_says_what_it_means():
    assert [item.name for item in dataclasses.fields(Settings) if not item.metadata["meaning"].endswith(".")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:9464", ("::1", 9464)), ("10.1.2.3:80", ("10.1.2.3", 80))],
)
def test_numbers_are_told_at_an_address_of_the_inner_network(text, expected):
    assert load_settings({"PORTAL_METRICS_ADDRESS": text}).metrics_address == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0.0.0.0:9464", "without sign-in"),
        ("[::]:9464", "without sign-in"),
        ("203.0.113.9.9:1", "an IP address and a port"),
        ("8.8.8.8:9464", "without sign-in"),
        ("localhost:9464", "an IP address and a port"),
        ("127.0.0.1", "an IP address and a port"),
        ("127.0.0.1:0", "end with a port"),
        ("127.0.0.1:70000", "end with a port"),
        ("127.0.0.1:٣", "end with a port"),
    ],
)
def test_numbers_are_told_to_nobody_else(text, says):
    assert says in refusal({"PORTAL_METRICS_ADDRESS": text})
