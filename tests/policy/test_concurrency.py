"""Places, first come, first served."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future

from hypothesis import given
from hypothesis import strategies as st

from keybearer.policy.concurrency import ConcurrencyLimiter


def gate(permits: int) -> ConcurrencyLimiter:
    """Return a gate that needs no lock."""
    return ConcurrencyLimiter(permits, future=Future, lock=contextlib.nullcontext())


def test_places_pass_in_the_order_of_coming() -> None:
    """Two go in, the third and fourth wait, and each that leaves lets the next one in."""
    door = gate(2)
    first, second, third, fourth = (door.acquire() for _ in range(4))
    assert (first, second) == (None, None)
    assert third is not None
    assert fourth is not None
    door.release()
    assert (third.done(), fourth.done()) == (True, False)
    door.release()
    assert fourth.done()
    assert (door.in_use, door.waiting) == (2, 0)


def test_nobody_overtakes() -> None:
    """While somebody waits, a newcomer waits too, even when a place has just come free."""
    door = gate(1)
    door.acquire()
    waiting = door.acquire()
    late = door.acquire()
    door.release()
    assert waiting is not None
    assert late is not None
    assert (waiting.done(), late.done()) == (True, False)


def test_giving_up_passes_a_place_on() -> None:
    """A waiter that gives up leaves the queue; one that was let in meanwhile passes its place on."""
    door = gate(1)
    door.acquire()
    one, two, three = door.acquire(), door.acquire(), door.acquire()
    assert one is not None
    assert two is not None
    assert three is not None
    door.give_up(two)
    door.release()
    assert one.done()
    door.give_up(one)
    assert three.done()
    door.release()
    assert (door.in_use, door.waiting) == (0, 0)


@given(st.integers(1, 4), st.lists(st.sampled_from(["acquire", "release", "give up"]), max_size=60))
def test_no_more_than_its_places_are_ever_inside_and_none_is_lost(permits: int, steps: list[str]) -> None:
    """Whatever comes, goes and gives up: never more inside than places, and at the end all are free."""
    door = gate(permits)
    in_use, waiting = 0, []
    for step in steps:
        if step == "acquire":
            future = door.acquire()
            if future is None:
                in_use += 1
            else:
                waiting.append(future)
        elif step == "release" and in_use:
            door.release()
            in_use -= 1
        elif step == "give up" and waiting:
            door.give_up(waiting.pop(0))
        let_in = [future for future in waiting if future.done()]
        in_use += len(let_in)
        waiting = [future for future in waiting if not future.done()]
        assert in_use == door.in_use <= permits
        assert len(waiting) == door.waiting
    for future in waiting:
        door.give_up(future)
    for _ in range(in_use):
        door.release()
    assert (door.in_use, door.waiting) == (0, 0)


def test_a_forked_child_has_all_its_places() -> None:
    """Neither those inside the parent nor those who wait there hold a place of the child; one that comes back late adds none."""
    door = gate(2)
    for _ in range(5):
        door.acquire()
    door.after_fork(contextlib.nullcontext())
    assert (door.in_use, door.waiting) == (0, 0)
    door.release()
    assert [door.acquire() is None for _ in range(3)] == [True, True, False]
