"""Functions of the caller's, called: within their time, in their context, on and off an event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from keybearer.flow import Expired, Invoke, Stopped
from keybearer.shell.invoking import invoke, invoke_async
from keybearer.shell.runtime import current_runtime

LIMIT = 0.02


def run_async(effect: Invoke) -> object:
    """Call a function as the awaiting client does."""

    async def go() -> object:
        return await invoke_async(effect, current_runtime())

    return asyncio.run(go())


async def awaited(a: int, *, b: int = 0) -> int:
    """Add, awaited."""
    await asyncio.sleep(0)
    return a + b


def plain(a: int, *, b: int = 0) -> int:
    """Add."""
    return a + b


class Callable:
    """An object that is called."""

    async def __call__(self, a: int, *, b: int = 0) -> int:
        return await awaited(a, b=b)


@pytest.mark.parametrize("call", [invoke, run_async])
@pytest.mark.parametrize("function", [plain, awaited, Callable(), lambda a, b: awaited(a, b=b)])
@pytest.mark.parametrize("limit", [None, 30])
def test_a_function_of_any_kind_gives_its_result(call: object, function: object, limit: float | None) -> None:
    """One that blocks, one that is awaited, an object, one that returns something to await."""
    assert call(Invoke(function, (1,), {"b": 2}, limit)) == 3  # type: ignore[operator,arg-type]


@pytest.mark.parametrize("call", [invoke, run_async])
def test_a_function_that_takes_too_long_is_given_up(call: object) -> None:
    """Its thread goes on, and keeps nobody from ending."""
    release = threading.Event()
    try:
        with pytest.raises(Expired):
            call(Invoke(release.wait, (30,), {}, LIMIT))  # type: ignore[operator]
        assert any(thread.daemon and thread.name == "keybearer-tool" for thread in threading.enumerate())
    finally:
        release.set()


def test_a_coroutine_that_takes_too_long_is_cancelled() -> None:
    """It can tidy up."""
    tidied: list[bool] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            tidied.append(True)

    with pytest.raises(Expired):
        run_async(Invoke(slow, (), {}, LIMIT))
    assert tidied == [True]


@pytest.mark.parametrize("call", [invoke, run_async])
@pytest.mark.parametrize("awaiting", [True, False])
@pytest.mark.parametrize("limit", [None, 30])
def test_a_timeout_of_its_own_is_the_functions(call: object, awaiting: bool, limit: float | None) -> None:
    """It is not taken for the limit's."""

    def fail() -> None:
        raise TimeoutError("the database")

    async def fail_later() -> None:
        await asyncio.sleep(0)
        fail()

    with pytest.raises(TimeoutError, match="the database") as caught:
        call(Invoke(fail_later if awaiting else fail, (), {}, limit))  # type: ignore[operator]
    assert not isinstance(caught.value, Expired)


def exits() -> None:
    """End the program."""
    raise SystemExit(3)


async def cancels() -> None:
    """Raise a cancellation that nobody asked for."""
    raise asyncio.CancelledError


@pytest.mark.parametrize("call", [invoke, run_async])
@pytest.mark.parametrize("function", [exits, cancels])
def test_what_would_end_the_program_or_the_task_ends_the_function(call: Any, function: Any) -> None:
    """On an event loop it would stop the loop with everything on it."""
    with pytest.raises(Stopped) as caught:
        call(Invoke(function))
    assert isinstance(caught.value.raised, SystemExit | asyncio.CancelledError)


def test_a_cancellation_that_was_asked_for_is_one() -> None:
    """Of the task that waits."""

    async def go() -> None:
        task = asyncio.create_task(invoke_async(Invoke(asyncio.sleep, (60,)), current_runtime()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
