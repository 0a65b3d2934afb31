"""The clock that tests can turn."""

from __future__ import annotations

import asyncio

import pytest

from keybearer.simulator.core.clock import SimulatedClock, rfc3339


def test_a_frozen_clock_moves_only_when_it_is_turned() -> None:
    """A frozen clock shows the same time until it is turned."""
    clock = SimulatedClock(1000.0)
    assert clock.now() == 1000.0
    clock.advance(2.5)
    assert clock.now() == 1002.5


def test_a_running_clock_is_ahead_by_what_it_was_turned() -> None:
    """Turning a running clock adds to the time of day."""
    turned, running = SimulatedClock(), SimulatedClock()
    turned.advance(3600)
    assert 3599 < turned.now() - running.now() < 3601


def test_a_clock_can_run_from_another_day() -> None:
    """A clock that starts on another day goes on from there, forward or back."""
    for start in (1e9, 4e9):
        assert start <= SimulatedClock(running_from=start).now() < start + 60


def test_a_clock_does_not_turn_back() -> None:
    """Time does not run backwards."""
    for seconds in (-1, float("nan")):
        with pytest.raises(ValueError, match="only turns forward"):
            SimulatedClock().advance(seconds)


def test_a_clock_stays_where_a_date_can_be_written() -> None:
    """A time that cannot be formatted would fail every reply that contains it."""
    clock = SimulatedClock()
    for seconds in (1e308, float("inf"), 3e11):
        with pytest.raises(ValueError, match="beyond the year 9998"):
            clock.advance(seconds)
    clock.advance(7000 * 365 * 86400)
    assert rfc3339(clock.now()).startswith("90")


def test_sleepers_wake_in_the_order_of_their_moments() -> None:
    """Turning a frozen clock ends the sleeps whose time has come, and no others."""

    async def story() -> list[str]:
        clock = SimulatedClock(0.0)
        woken: list[str] = []

        async def sleep(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(name)

        tasks = [asyncio.create_task(sleep(name, seconds)) for name, seconds in (("b", 20), ("a", 10), ("now", 0))]
        await asyncio.sleep(0.01)
        for _ in range(2):
            clock.advance(10)
            await asyncio.sleep(0.01)
            woken.append("|")
        await asyncio.wait(tasks, timeout=10)
        return woken

    assert asyncio.run(story()) == ["now", "a", "|", "b", "|"]


def test_one_turn_wakes_every_sleeper_whose_moment_has_come() -> None:
    """Sleeps with equal and earlier ends wake on one turn; a later one goes on."""

    async def story() -> list[bool]:
        clock = SimulatedClock(0.0)
        tasks = [asyncio.create_task(clock.sleep(seconds)) for seconds in (10, 10, 5, 9.5, 11)]
        await asyncio.sleep(0)  # each is asleep
        clock.advance(10)
        await asyncio.wait(tasks[:4], timeout=10)
        woken = [task.done() for task in tasks]
        clock.advance(1)
        await asyncio.wait(tasks, timeout=10)
        return [*woken, *(task.done() for task in tasks)]

    assert asyncio.run(story()) == [True, True, True, True, False] + [True] * 5


def test_a_restart_ends_every_sleep_and_goes_back_to_the_start() -> None:
    """The time, and whether it runs, are those of the beginning; who slept is awake."""

    async def story() -> tuple[float, float, set[asyncio.Task[None]]]:
        clock = SimulatedClock(1000.0)
        clock.advance(50)
        sleeping = [asyncio.create_task(clock.sleep(seconds)) for seconds in (60, 3600)]
        await asyncio.sleep(0)
        before = clock.now()
        clock.restart()
        _, asleep = await asyncio.wait(sleeping, timeout=10)
        return before, clock.now(), asleep

    assert asyncio.run(story()) == (1050.0, 1000.0, set())


def test_moments_are_written_as_the_api_does() -> None:
    """A time is formatted as RFC 3339, in UTC."""
    assert rfc3339(1_800_000_000) == "2027-01-15T08:00:00Z"
