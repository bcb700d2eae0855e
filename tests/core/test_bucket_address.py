from pathlib import Path

import pytest

from portal.core.bucket_address import BucketAddress, parse_bucket_url
from portal.core.settings import SettingsError, load_settings

SECRET = "s3cr3t"


def address(**different: object) -> BucketAddress:
    usual = {
        "endpoint": "https://oss.example.com",
        "key": "K",
        "secret": SECRET,
        "bucket": "zone",
        "prefix": "",
        "region": "us-east-1",
        "virtual": True,
        "ca_file": None,
    }
    return BucketAddress(**{**usual, **different})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"s3://K:{SECRET}@oss.example.com/zone", address()),
        (f"s3://K:{SECRET}@oss.example.com/zone/", address()),
        (f"s3://K:{SECRET}@OSS.example.com/zone/a/b?region=cn-hangzhou", address(prefix="a/b/", region="cn-hangzhou")),
        (f"s3://K:{SECRET}@oss.example.com/zone?addressing=path", address(virtual=False)),
        (f"s3://K:{SECRET}@oss.example.com/zone?ca=/etc/ca.pem", address(ca_file=Path("/etc/ca.pem"))),
        ("s3://K:a%2Fb%2Bc%40d%3Ae@oss.example.com/zone", address(secret="a/b+c@d:e")),
        (f"s3://K:{SECRET}@10.0.0.7:7480/zone", address(endpoint="https://10.0.0.7:7480", virtual=False)),
        (f"s3://K:{SECRET}@[::1]:7480/zone?tls=0", address(endpoint="http://[::1]:7480", virtual=False)),
        (f"s3://K:{SECRET}@localhost:9000/zone?tls=0", address(endpoint="http://localhost:9000", virtual=False)),
    ],
)
def test_address_of_a_bucket_is_read(text, expected):
    assert parse_bucket_url(text) == expected
    assert load_settings({"PORTAL_PUBLIC_S3_URL": text}).public_s3_url == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"https://K:{SECRET}@oss.example.com/zone", "must be s3://KEY:SECRET@HOST/BUCKET"),
        (f"s3://K:{SECRET}@oss.example.com", "the BUCKET is missing"),
        (f"s3://K:{SECRET}@oss.example.com/Zone", "small letters"),
        (f"s3://K:{SECRET}@oss.example.com/zone//a", "PREFIX"),
        (f"s3://K:{SECRET}@oss.example.com/zone/../a", "PREFIX"),
        (f"s3://K:{SECRET}@/zone", "must be s3://KEY:SECRET@HOST/BUCKET"),
        ("s3://oss.example.com/zone", "KEY and SECRET are missing"),
        ("s3://K@oss.example.com/zone", "KEY and SECRET are missing"),
        (f"s3://K:{SECRET}/x@oss.example.com/zone", "%2F"),
        (f"s3://K:{SECRET}@oss.example.com:{SECRET}/zone", "%2F"),
        (f"s3://K:{SECRET}@oss.example.com/zone?tls=0", "on another machine"),
        (f"s3://K:{SECRET}@10.0.0.7/zone?tls=0", "on another machine"),
        (f"s3://K:{SECRET}@127.0.0.1/zone?tls=perhaps", "tls=1 or tls=0"),
        (f"s3://K:{SECRET}@127.0.0.1/zone?addressing=virtual", "addressing=path"),
        (f"s3://K:{SECRET}@oss.example.com/zone?addressing=other", "addressing=virtual"),
        (f"s3://K:{SECRET}@oss.example.com/zone?acl=public-read", "each once"),
        (f"s3://K:{SECRET}@oss.example.com/zone?region=a&region=b", "each once"),
        (f"s3://K:{SECRET}@oss.example.com/zone?region=", "each once"),
    ],
)
def test_wrong_address_is_refused_in_a_sentence_without_its_secret(text, says):
    with pytest.raises(SettingsError) as caught:
        load_settings({"PORTAL_PUBLIC_S3_URL": text})

    assert str(caught.value).startswith("PORTAL_PUBLIC_S3_URL ")
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_secret_is_in_no_text_of_an_address():
    assert SECRET not in f"{address()} {address()!r}"
