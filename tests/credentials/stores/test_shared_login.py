"""The record of a shared login: each step, and who may take it."""

from __future__ import annotations

import pytest

from keybearer.credentials.stores.shared_login import (
    HOLD_LIMIT,
    SPEND_LIMIT,
    Generation,
    SealedPair,
    SharedLogin,
)

NOW = 1_800_000_000.0
FIRST = SealedPair(generation=Generation(7, 0), token_id="one", sealed="1.k.first", due=NOW + 60, history="h")
NEXT = SealedPair(generation=Generation(7, 1), token_id="two", sealed="1.k.next", due=NOW + 120, history="h")


def taken(record: SharedLogin, now: float = NOW, by: str = "host-1") -> SharedLogin:
    """Return the record, held."""
    after = record.take(by, now)
    assert after is not None
    return after


def spending(now: float = NOW) -> SharedLogin:
    """Return a record whose refresh token is about to be sent."""
    after = taken(SharedLogin().replace(FIRST), now).spend(1, "one", now)
    assert after is not None
    return after


def test_only_one_holds_it_until_its_time_is_over() -> None:
    """A second holder waits for the first one's release or end, and gets a greater number."""
    held = taken(SharedLogin())
    assert held.take("host-2", NOW + HOLD_LIMIT - 0.1) is None
    assert taken(held.release(1)).fence == 2
    assert taken(held, NOW + HOLD_LIMIT, "host-2").fence == 2


def test_a_former_holder_changes_nothing() -> None:
    """Who was replaced as the holder neither releases, nor spends, nor settles for the one after it."""
    later = taken(taken(SharedLogin().replace(FIRST)), NOW + HOLD_LIMIT)
    assert later.release(1) is later
    assert later.spend(1, "one", NOW + HOLD_LIMIT) is None
    sent = later.spend(2, "one", NOW + HOLD_LIMIT)
    assert sent is not None
    assert sent.settle(1) is sent


@pytest.mark.parametrize(("fence", "token_id", "after"), [(2, "one", 0.0), (1, "another", 0.0), (1, "one", HOLD_LIMIT)])
def test_a_token_is_marked_only_by_its_holder_in_time(fence: int, token_id: str, after: float) -> None:
    """Another number, another pair of tokens, or a time that is over: nothing is spent."""
    assert taken(SharedLogin().replace(FIRST)).spend(fence, token_id, NOW + after) is None


def test_a_request_under_way_is_no_doubt_and_one_without_its_holder_is() -> None:
    """The mark of a token that is sent counts as unknown once its holder is gone, by time or by release."""
    record = spending()
    assert record.in_doubt(NOW + SPEND_LIMIT - 0.1) is None
    for gone, now in ((record, NOW + SPEND_LIMIT), (record.release(1), NOW)):
        found = gone.in_doubt(now)
        assert found is not None
        assert (found.by, found.since) == ("host-1", NOW)
    again = taken(record, NOW + SPEND_LIMIT, "host-2")
    assert again.in_doubt(NOW + SPEND_LIMIT) is not None


def test_a_refusal_or_a_result_ends_the_doubt() -> None:
    """Settled, the token is as it was; granted, the next generation is in place, whoever holds the record by now."""
    assert spending().settle(1).in_doubt(NOW + SPEND_LIMIT) is None
    late = taken(spending(), NOW + SPEND_LIMIT, "host-2").grant(NEXT)
    assert (late.in_doubt(NOW + 9e9), late.generation, late.sealed) == (None, Generation(7, 1), "1.k.next")


@pytest.mark.parametrize(
    ("before", "token_id", "follows"),
    [
        (Generation(7, 0), "one", True),
        (Generation(7, 0), "another", False),
        (Generation(6, 9), "one", False),
        (Generation(7, 3), "lost", True),
        (Generation(8, 0), "lost", True),
    ],
)
def test_a_grant_follows_what_it_was_asked_for_or_what_is_lost(
    before: Generation, token_id: str, follows: bool
) -> None:
    """A result is put in place of its own generation, or of an older one to which the server went back; never of a newer one."""
    assert spending().follows(before, token_id) is follows


def test_each_login_is_greater_than_all_before_it() -> None:
    """A login is numbered by its time, and by more where a clock was set back or data were lost."""
    record = SharedLogin().replace(FIRST)
    assert record.next_login(NOW, Generation()) == Generation(int(NOW * 1000), 0)
    assert record.next_login(0.001, Generation()) == Generation(8, 0)
    assert record.next_login(0.001, Generation(99, 4)) == Generation(100, 0)
    assert Generation(8, 0) > Generation(7, 999)


@pytest.mark.parametrize(
    ("history", "now", "refused", "older"),
    [
        ("h", NOW + 999, False, False),  # the same server all the time
        ("", NOW + 999, False, False),  # a server that does not say
        ("other", NOW, False, False),  # restarted before anybody had reason to refresh
        ("other", NOW + 60, False, True),
        ("other", NOW, True, True),  # a refused token was due before its time
    ],
)
def test_a_restarted_server_may_have_lost_a_newer_token_only_if_one_was_due(
    history: str, now: float, refused: bool, older: bool
) -> None:
    """What was not due to be refreshed is the newest still."""
    record = SharedLogin().replace(FIRST)
    if refused:
        record = record.note({"refused": {"generation": "one", "at": NOW}})
    assert record.may_be_older(history, now) is older
    assert record.witness(history).may_be_older(history, now) is False


def test_notes_are_replaced_and_removed() -> None:
    """A note that changes nothing gives the record itself; a new login has none."""
    record = SharedLogin().note({"rest": {"until": 1}, "spent": None})
    assert record.notes == {"rest": {"until": 1}}
    assert record.note({"rest": {"until": 1}}) is record
    assert record.note({"rest": None}).notes == {}
    assert record.replace(FIRST).notes == {}
