"""JSON, and the little that msgspec refuses."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.wire.json import detached, dumps, loads


def test_lone_surrogates_and_large_numbers_are_read_and_written() -> None:
    """What JSON allows and msgspec refuses goes through the standard library."""
    assert loads(b'["\\ud800", 1e400]') == ["\ud800", Decimal("1e400")]
    assert dumps([1, loads(b"1e400")]) == b"[1,1E+400]"
    assert json.loads(dumps(["\ud800", b"ab"])) == ["\ud800", "YWI="]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[NaN]", b"[Infinity]", b"[" * 100_000, b"{}x"])
def test_what_is_not_json_is_a_value_error(data: bytes) -> None:
    """Bad JSON, bad UTF-8 and bottomless nesting are all a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        loads(data)


@given(st.binary(max_size=40))
def test_any_bytes_give_a_value_or_a_value_error(data: bytes) -> None:
    """No bytes raise anything but a ValueError."""
    try:
        loads(data)
    except ValueError:
        return


@pytest.mark.parametrize("data", [b'"\xed\xa0\x80"', b'["\\ud800", "\xed\xa0\x80"]', '"a"'.encode("utf-16")])
def test_bytes_are_utf_8_and_nothing_else(data: bytes) -> None:
    """Surrogates written as UTF-8 and other encodings are refused, whatever else the text has in it."""
    with pytest.raises(ValueError, match=r"."):
        loads(data)


def test_a_copy_shares_nothing_that_can_change() -> None:
    """Lists and dicts are copied at any depth; bytes and large numbers stay, and what cannot be sent is left to the encoder."""
    inner = [b"ab", Decimal("1e400"), {"deep": [1.0, None, True]}]
    copied = detached({"given": inner})
    assert copied == {"given": inner}
    inner[2]["deep"].append("more")  # type: ignore[index] # a list of several kinds
    assert copied["given"][2] == {"deep": [1.0, None, True]}
    with pytest.raises(TypeError, match="Unsendable"):
        dumps(detached([float("nan")]))
