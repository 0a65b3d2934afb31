"""The notes beside a login that processes share, with wrong clocks and disks that refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.credentials.stores.notes import MAX_BACKOFF, Backoff, Notes, Refusal, Spent
from support.logins import NOW, write_private

WHERE = "https://platform.claude.com/v1/oauth/token"
YEAR_2099 = 4_070_908_800.0


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    """The notes of a login."""
    return Notes(tmp_path / ".oauth.json")


def test_a_refusal_is_known_to_every_process(notes: Notes, tmp_path: Path) -> None:
    """It is kept privately, by token id, until the next one."""
    assert notes.refusal(NOW) is None
    notes.refuse(Refusal("0123456789abcdef", NOW))
    assert Notes(tmp_path / ".oauth.json").refusal(NOW + 9e6) == Refusal("0123456789abcdef", NOW)
    assert (tmp_path / ".oauth.json.refused").stat().st_mode & 0o777 == 0o600
    notes.refuse(Refusal("short", NOW + 1))
    assert notes.refusal(NOW + 1) == Refusal("short", NOW + 1)


def test_a_rest_holds_for_its_endpoint_until_it_is_over(notes: Notes) -> None:
    """Another endpoint may be asked; so may this one after the backoff, or after it answered."""
    notes.back_off(WHERE, 30.0, "HTTP 429", NOW)
    assert notes.backoff(WHERE, NOW + 10) == Backoff(20.0, "HTTP 429")
    assert notes.backoff("https://elsewhere.claude.com/token", NOW + 10) is None
    assert notes.backoff(WHERE, NOW + 30) is None
    notes.clear_backoff()
    assert notes.backoff(WHERE, NOW + 10) is None


def test_no_clock_and_no_file_makes_a_rest_longer_than_an_hour(notes: Notes, tmp_path: Path) -> None:
    """An absurd value is cut, and a record from the future, after a clock was set back, is none."""
    notes.back_off(WHERE, 51_811.0, "HTTP 429", NOW)
    assert notes.backoff(WHERE, NOW) == Backoff(MAX_BACKOFF, "HTTP 429")
    write_private(tmp_path / ".oauth.json.rest", {"endpoint": WHERE, "at": NOW, "until": YEAR_2099, "words": "x"})
    assert notes.backoff(WHERE, NOW) == Backoff(MAX_BACKOFF, "x")
    assert notes.backoff(WHERE, NOW + MAX_BACKOFF) is None
    notes.back_off(WHERE, 60.0, "HTTP 429", YEAR_2099)
    assert notes.backoff(WHERE, NOW) is None
    notes.refuse(Refusal("g", YEAR_2099))
    assert notes.refusal(NOW) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"at": NaN}', b'{"at": "x", "until": null, "generation": 5}', b"\xff", bytes(512)]
)
def test_a_record_that_says_nothing_is_none(notes: Notes, tmp_path: Path, content: bytes) -> None:
    """What cannot be read is no reason to refresh, or not to ask."""
    for ending in ("refused", "rest", "spent"):
        write_private(tmp_path / f".oauth.json.{ending}", content)
    assert (notes.refusal(NOW), notes.spent(NOW), notes.backoff(WHERE, NOW)) == (None, None, None)


def test_a_spent_token_is_known_for_an_hour(notes: Notes, tmp_path: Path) -> None:
    """It is kept by token id, until a new login or another hour; one from the future, after a clock was set back, is none."""
    spent = Spent("0123456789abcdef", "https://x for y", "HTTP 400 invalid_grant")
    notes.spend(spent, NOW)
    assert [Notes(tmp_path / ".oauth.json").spent(NOW + after) for after in (0, 3599, 3600, -60)] == [
        spent,
        spent,
        None,
        None,
    ]
    notes.clear()
    assert notes.spent(NOW) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """Nothing is kept, and nothing is raised."""
    (tmp_path / "none").write_text("a file where the folder should be")
    notes = Notes(tmp_path / "none" / ".oauth.json")
    notes.refuse(Refusal("g", NOW))
    notes.back_off(WHERE, 5.0, "HTTP 429", NOW)
    notes.clear_backoff()
    notes.clear()
    assert notes.refusal(NOW) is None


def test_a_link_is_not_followed(notes: Notes, tmp_path: Path) -> None:
    """A record is never written into another file."""
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / ".oauth.json.refused").symlink_to(other)
    notes.refuse(Refusal("g", NOW))
    assert other.read_text() == "mine"
    assert notes.refusal(NOW) is None
