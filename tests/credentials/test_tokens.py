"""What the clock says of a token, and the ways to write an expiry."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.credentials.tokens import TokenState, iso, lifetime, parse_expiry, token_state, until


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_800_000_000, 1_800_000_000.0),
        (1_800_000_000.5, 1_800_000_000.5),
        (1_800_000_000_000, 1_800_000_000.0),
        ("1800000000", 1_800_000_000.0),
        ("1800000000000", 1_800_000_000.0),
        ("2027-01-15T08:00:00Z", 1_800_000_000.0),
        ("2027-01-15T08:00:00.000Z", 1_800_000_000.0),
        ("2027-01-15T10:00:00+02:00", 1_800_000_000.0),
        ("2027-01-15T08:00:00", 1_800_000_000.0),
        (0, 0.0),
        (None, None),
        ("", None),
    ],
)
def test_an_expiry_is_read_in_every_way_it_is_written(value: Any, seconds: float | None) -> None:
    """ISO 8601 with any offset, seconds and milliseconds, as numbers and as text, mean the same moment."""
    assert parse_expiry(value) == seconds


@pytest.mark.parametrize(
    "value", [-1, "-5", float("nan"), float("inf"), "soon", True, [], {}, 1e18, 99_999_999_999, 10**400, "2500-01-01"]
)
def test_an_absurd_expiry_is_refused(value: Any) -> None:
    """What is no time, or one that no token has, is an error and never a token that lives for ever."""
    with pytest.raises(ValueError, match="is "):
        parse_expiry(value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (28_800, 28_800.0),
        ("3600", 3600.0),
        (0, None),
        (-1, None),
        ("abc", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e30, None),
        (10**400, None),
        ([], None),
    ],
)
def test_a_lifetime_that_says_nothing_is_none(value: Any, seconds: float | None) -> None:
    """An `expires_in` that cannot be true counts as none."""
    assert lifetime(value) == seconds


@pytest.mark.parametrize(
    ("before_expiry", "state"),
    [(3600, "fresh"), (60.5, "fresh"), (60, "stale"), (0.5, "stale"), (0, "expired"), (-5, "expired")],
)
def test_a_token_is_stale_for_the_last_minute(before_expiry: float, state: str) -> None:
    """It is fresh, stale in its last 60 s, and expired from its expiry on."""
    assert token_state(1000.0, None, 1000.0 - before_expiry) is TokenState(state)


def test_a_short_token_is_stale_for_its_second_half() -> None:
    """A token of 40 s is not stale from its birth, which would be a loop of refreshes."""
    assert token_state(1040.0, 1000.0, 1001.0) is TokenState.FRESH
    assert token_state(1040.0, 1000.0, 1020.0) is TokenState.STALE
    assert until(1040.0, 1000.0, 1001.0) == 19.0


def test_an_expiry_older_than_its_token_says_nothing() -> None:
    """A token whose reply reported no expiry, so that the file's is older, is used until it is refused."""
    assert token_state(1000.0, 2000.0, 9999.0) is TokenState.FRESH
    assert until(1000.0, 2000.0, 9999.0) is None


def test_times_are_written_as_iso_8601() -> None:
    """The bundle's times are ISO 8601 in UTC."""
    assert iso(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"
