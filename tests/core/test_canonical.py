from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.core.canonical import canonical, canonical_sha256


def test_canonical_form_is_that_of_the_standard() -> None:
    value = {"€": 1, "\r": 2, "1": [True, None, 0.5, 'a\n\u007f"\\/'], "😀": {}}

    assert canonical(value) == '{"\\r":2,"1":[true,null,0.5,"a\\n\u007f\\"\\\\/"],"€":1,"😀":{}}'.encode()


def test_hash_is_that_of_the_bytes() -> None:
    assert canonical_sha256({"b": 1, "a": "中"}) == sha256('{"a":"中","b":1}'.encode()).hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: "a"}, {"a": object()}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the package words it, the kind is what counts
        canonical(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)  # fmt: skip


@given(JSON)
def test_fast_way_gives_the_bytes_of_the_slow_one(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
