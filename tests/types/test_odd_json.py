"""JSON that msgspec refuses, and `loads` decodes all the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from keybearer.types.api_object import loads


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a":"\\ud800"}', {"a": "\ud800"}),
        ('{"a":1e999}', {"a": Decimal("1e999")}),
        (b"[-1e400, 1.5, 2]", [Decimal("-1e400"), 1.5, 2]),
        ("\ufeff[1]", [1]),
    ],
)
def test_what_json_allows_is_decoded(data: bytes | str, value: Any) -> None:
    """Lone surrogates, and numbers outside a float's range, which stay exact."""
    assert loads(data) == value


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[NaN]", b"[Infinity]", b'"\xff"', b"\xff\xfe[\x001\x00]\x00", b"[" * 100_000]
)
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    """Whichever decoder saw it last."""
    with pytest.raises(ValueError, match=r"."):
        loads(data)
