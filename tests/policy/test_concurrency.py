"""Places, first come, first served."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future

from hypothesis import given
from hypothesis import strategies as st

from keybearer.policy.concurrency import Gate


def gate(places: int) -> Gate:
    """Return a gate that needs no lock."""
    return Gate(places, future=Future, guard=contextlib.nullcontext())


def test_places_pass_in_the_order_of_coming() -> None:
    """Two go in, the third and fourth wait, and each that leaves lets the next one in."""
    door = gate(2)
    first, second, third, fourth = (door.enter() for _ in range(4))
    assert (first, second) == (None, None)
    assert third is not None
    assert fourth is not None
    door.leave()
    assert (third.done(), fourth.done()) == (True, False)
    door.leave()
    assert fourth.done()
    assert (door.inside, door.waiting) == (2, 0)


def test_nobody_overtakes() -> None:
    """While somebody waits, a newcomer waits too, even when a place has just come free."""
    door = gate(1)
    door.enter()
    waiting = door.enter()
    late = door.enter()
    door.leave()
    assert waiting is not None
    assert late is not None
    assert (waiting.done(), late.done()) == (True, False)


def test_giving_up_passes_a_place_on() -> None:
    """A waiter that gives up leaves the queue; one that was let in meanwhile passes its place on."""
    door = gate(1)
    door.enter()
    one, two, three = door.enter(), door.enter(), door.enter()
    assert one is not None
    assert two is not None
    assert three is not None
    door.give_up(two)
    door.leave()
    assert one.done()
    door.give_up(one)
    assert three.done()
    door.leave()
    assert (door.inside, door.waiting) == (0, 0)


@given(st.integers(1, 4), st.lists(st.sampled_from(["enter", "leave", "give up"]), max_size=60))
def test_no_more_than_its_places_are_ever_inside_and_none_is_lost(places: int, steps: list[str]) -> None:
    """Whatever comes, goes and gives up: never more inside than places, and at the end all are free."""
    door = gate(places)
    inside, waiting = 0, []
    for step in steps:
        if step == "enter":
            future = door.enter()
            if future is None:
                inside += 1
            else:
                waiting.append(future)
        elif step == "leave" and inside:
            door.leave()
            inside -= 1
        elif step == "give up" and waiting:
            door.give_up(waiting.pop(0))
        let_in = [future for future in waiting if future.done()]
        inside += len(let_in)
        waiting = [future for future in waiting if not future.done()]
        assert inside == door.inside <= places
        assert len(waiting) == door.waiting
    for future in waiting:
        door.give_up(future)
    for _ in range(inside):
        door.leave()
    assert (door.inside, door.waiting) == (0, 0)


def test_a_forked_child_has_all_its_places() -> None:
    """Neither those inside the parent nor those who wait there hold a place of the child; one that comes back late adds none."""
    door = gate(2)
    for _ in range(5):
        door.enter()
    door.begin_anew(contextlib.nullcontext())
    assert (door.inside, door.waiting) == (0, 0)
    door.leave()
    assert [door.enter() is None for _ in range(3)] == [True, True, False]
