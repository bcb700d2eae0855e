"""Reading the request fields of RFC 9110 that the public files understand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.releases.public_http import (
    UnsatisfiableRange,
    accepts_gzip,
    http_date,
    range_still_holds,
    requested_range,
    tag_matches,
    unmodified_since,
)

TAG = '"0123abcd"'
MODIFIED_AT = 784_111_777
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
numbers = st.integers(min_value=0, max_value=40)


@settings(deadline=None)
@given(data=st.binary(max_size=30), first=numbers, last=numbers)
def test_closed_range_is_the_slice(data: bytes, first: int, last: int) -> None:
    if last < first:
        assert requested_range(f"bytes={first}-{last}", len(data)) is None
    elif first >= len(data):
        with pytest.raises(UnsatisfiableRange):
            requested_range(f"bytes={first}-{last}", len(data))
    else:
        start, end = requested_range(f"bytes={first}-{last}", len(data)) or (0, 0)
        assert data[start:end] == data[first : last + 1]


@settings(deadline=None)
@given(data=st.binary(max_size=30), first=numbers)
def test_open_range_is_the_rest(data: bytes, first: int) -> None:
    if first >= len(data):
        with pytest.raises(UnsatisfiableRange):
            requested_range(f"bytes={first}-", len(data))
    else:
        assert requested_range(f"bytes={first}-", len(data)) == (first, len(data))


@settings(deadline=None)
@given(data=st.binary(max_size=30), length=numbers)
def test_suffix_range_is_the_last_bytes(data: bytes, length: int) -> None:
    if length == 0 or not data:
        with pytest.raises(UnsatisfiableRange):
            requested_range(f"bytes=-{length}", len(data))
    else:
        start, end = requested_range(f"bytes=-{length}", len(data)) or (0, 0)
        assert data[start:end] == data[-length:]


@settings(deadline=None)
@given(field=st.text(max_size=20), size=numbers)
def test_any_text_is_a_range_inside_the_file_or_none(field: str, size: int) -> None:
    try:
        found = requested_range(f"bytes={field}", size)
    except UnsatisfiableRange:
        return

    assert found is None or 0 <= found[0] < found[1] <= size


@pytest.mark.parametrize(
    "field",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-2", "bytes=0-1,4-5", "bytes=+1-2", "bytes=１-2",
     "lines=0-1", "bytes=0x1-2", "bytes=--1", "bytes=1-2-3", "bytes=1 -2"],
)  # fmt: skip
def test_range_that_is_none_of_ours_is_ignored(field: str) -> None:
    assert requested_range(field, 10) is None


@pytest.mark.parametrize(
    "field", ["bytes=2-4", "BYTES=2-4", "bytes= 2-4 ", "bytes=2-4,", "bytes=,2-4", "bytes=0002-0004"]
)
def test_range_in_all_its_spellings_is_taken(field: str) -> None:
    assert requested_range(field, 10) == (2, 5)


def test_range_of_numbers_with_thousands_of_digits_is_bounded() -> None:
    huge = "9" * 6000

    assert requested_range(f"bytes=3-{huge}", 10) == (3, 10)
    assert requested_range(f"bytes=-{huge}", 10) == (0, 10)
    with pytest.raises(UnsatisfiableRange):
        requested_range(f"bytes={huge}-", 10)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (TAG, True),
        (f"W/{TAG}", True),
        ("*", True),
        (" * ", True),
        (f'"other", {TAG}', True),
        (f'"a,b",W/{TAG} , "c"', True),
        ("", False),
        ("0123abcd", False),
        ('"0123abcd', False),
        ('"0123abcd-gzip"', False),
        ('"0123ABCD"', False),
        ('"*"', False),
    ],
)
def test_if_none_match_finds_the_tag(field: str, expected: bool) -> None:
    assert tag_matches(field, TAG) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (DATE, True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun Nov  6 08:49:37 1994", True),
        ("Sun, 06 Nov 1994 08:49:38 GMT", True),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
        ("", False),
        ("yesterday", False),
        ("Sun, 99 Nov 1994 08:49:37 GMT", False),
        ("Sun, 06 Nov 99999999999 08:49:37 GMT", False),
    ],
)
def test_if_modified_since_compares_dates_and_ignores_the_rest(field: str, expected: bool) -> None:
    assert unmodified_since(field, MODIFIED_AT) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (TAG, True),
        (DATE, True),
        (f"W/{TAG}", False),
        (f'{TAG}, "b"', False),
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),
        ("*", False),
        ("", False),
    ],
)
def test_if_range_holds_for_a_strong_tag_or_the_exact_date(field: str, expected: bool) -> None:
    assert range_still_holds(field, TAG, MODIFIED_AT) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("identity;q=0, gzip;q=0.001", True),
        ("gzip;Q=0.5", True),
        ("identity, gzip", True),
        ("gzip ; q=1", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, gzip;q=0.5", False),
        ("gzip;q=high", False),
        ("gzip;q=1.5", False),
        ("notgzip", False),
    ],
)
def test_accept_encoding_is_weighed(field: str, expected: bool) -> None:
    assert accepts_gzip(field) is expected


def test_http_date_is_english_and_gmt() -> None:
    assert http_date(MODIFIED_AT) == DATE
