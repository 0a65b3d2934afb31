"""The SDK's time limits, held to httpx's own class."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
import pytest

from keybearer.compat import limits
from keybearer.compat.limits import Timeout, timeouts_of
from keybearer.types.http import Timeouts

CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((20.0,), {}),
    ((None,), {}),
    ((20.0,), {"connect": 2.0}),
    ((None,), {"read": 5}),
    ((), {"connect": 1, "read": 2, "write": 3, "pool": None}),
    (((1.0, 2.0),), {}),
    (((1.0, 2.0, 3.0, 4.0),), {}),
]


@pytest.mark.parametrize(("args", "named"), CALLS)
def test_it_takes_what_httpx_takes(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """The same four limits."""
    theirs, ours = httpx2.Timeout(*args, **named), Timeout(*args, **named)
    assert ours.as_dict() == theirs.as_dict()
    assert Timeout(theirs) == ours
    assert timeouts_of(theirs) == timeouts_of(ours)


def test_neither_a_default_nor_all_four_is_refused_as_httpx_refuses_it() -> None:
    """A ValueError."""
    for cls in (httpx2.Timeout, Timeout):
        with pytest.raises(ValueError, match=r"default|four"):
            cls(connect=1.0)


def test_each_read_is_limited_and_the_call_is_not() -> None:
    """A stream that goes on for longer than its timeout goes on, as there."""
    assert timeouts_of(20) == Timeouts(connect=20, first_byte=20, idle=20, progress=300.0, total=None)
    assert timeouts_of(Timeout(900.0, connect=5.0)) == Timeouts(
        connect=5.0, first_byte=900.0, idle=900.0, progress=900.0, total=None
    )
    assert timeouts_of(None) == Timeouts(connect=None, first_byte=None, idle=None, progress=None, total=None)
    assert timeouts_of(own := Timeouts(total=3)) is own
    assert timeouts_of("20") == "20"  # refused where every timeout is checked


def test_the_defaults_are_the_sdks() -> None:
    """Read from the wheel."""
    assert limits.DEFAULT_TIMEOUT.as_dict() == anthropic.DEFAULT_TIMEOUT.as_dict()
    assert limits.DEFAULT_MAX_RETRIES == anthropic.DEFAULT_MAX_RETRIES
    theirs = anthropic.DEFAULT_CONNECTION_LIMITS
    for name in ("max_connections", "max_keepalive_connections", "keepalive_expiry"):
        assert getattr(limits.DEFAULT_CONNECTION_LIMITS, name) == getattr(theirs, name)


def test_it_sends_again_as_soon_as_the_sdk_does() -> None:
    """The SDK's own shortest and longest wait, also after a 429 that names no time."""
    theirs = anthropic._constants
    assert limits.RETRY.backoff(0.0, 0.0) == theirs.INITIAL_RETRY_DELAY
    assert limits.RETRY.backoff(100.0, 0.9) == theirs.MAX_RETRY_DELAY
    assert limits.RETRY.rate_limit_delay == 0
