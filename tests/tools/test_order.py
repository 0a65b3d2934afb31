"""When tool calls may start: their order, the limit, what overtakes, what is put off."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from keybearer.tools.order import Order, Place


def order(limit: int = 16) -> Order:
    """Make an order."""
    return Order(limit, future=Future, lock=threading.Lock())


def may_start(turn: Future[bool] | None) -> bool | None:
    """Return what a call was answered; None while it waits."""
    if turn is None:
        return True
    return turn.result() if turn.done() else None


def enter(of: Order, kinds: str) -> list[Place]:
    """Give calls their places: `r` for a read-only one, `w` for any other."""
    return [of.enter(overtakes=kind == "r") for kind in kinds]


def test_calls_that_are_ready_start_at_once_and_together() -> None:
    """Four calls, none waits for another's end."""
    of = order()
    assert [may_start(of.turn(place)) for place in enter(of, "wwww")] == [True] * 4


def test_no_more_run_than_the_limit() -> None:
    """The third starts when one of the first two has ended."""
    of = order(2)
    places = enter(of, "www")
    turns = [of.turn(place) for place in places]
    assert [may_start(turn) for turn in turns] == [True, True, None]
    of.leave(places[1])
    assert may_start(turns[2]) is True


def test_a_call_waits_for_one_before_it_that_is_not_decided() -> None:
    """The first waits for somebody; the second starts after the first has started, the read-only third does not wait."""
    of = order()
    first, second, third = enter(of, "wwr")
    waiting = of.turn(second)
    assert may_start(waiting) is None
    assert may_start(of.turn(third)) is True
    assert may_start(of.turn(first)) is True
    assert may_start(waiting) is True


def test_a_call_that_was_denied_lets_the_next_ones_start() -> None:
    """It leaves without having had its turn."""
    of = order()
    first, second = enter(of, "ww")
    waiting = of.turn(second)
    of.leave(first)
    assert may_start(waiting) is True


def test_what_is_put_off_holds_back_what_may_not_overtake_it() -> None:
    """The second and a later one are put off too; a read-only one runs, and so did the one before."""
    of = order()
    before, first, second, reading = enter(of, "wwwr")
    assert may_start(of.turn(before)) is True
    waiting = of.turn(second)
    of.hold(first)
    assert may_start(waiting) is False
    assert may_start(of.turn(reading)) is True
    (late,) = enter(of, "w")
    assert may_start(of.turn(late)) is False


def test_a_read_only_call_that_is_put_off_holds_nobody_back() -> None:
    """Nothing that it would have read is changed by its waiting."""
    of = order()
    reading, writing = enter(of, "rw")
    of.hold(reading)
    assert may_start(of.turn(writing)) is True


def test_leaving_twice_frees_one_place() -> None:
    """The count of those that run stays right."""
    of = order(1)
    first, second, third = enter(of, "www")
    turns = [of.turn(place) for place in (first, second, third)]
    of.leave(first)
    of.leave(first)
    assert [may_start(turn) for turn in turns] == [True, True, None]


def test_a_call_that_was_dropped_never_starts_and_holds_nobody_back() -> None:
    """Whether it waits or has not come so far; one that has started goes on."""
    of = order(1)
    running, waiting, coming, last = enter(of, "wwww")
    turns = [of.turn(place) for place in (running, waiting, last)]
    assert [of.drop(place) for place in (waiting, coming, running)] == [True, True, False]
    assert [turn is not None and turn.cancelled() for turn in (turns[1], of.turn(coming))] == [True, True]
    of.leave(running)
    assert may_start(turns[2]) is True
