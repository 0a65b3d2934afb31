"""Bodies that are too large, too slow, from nobody, or too many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import pytest

from keybearer.simulator.http.asgi import ClientLeftError, Message, Receive, Scope
from keybearer.simulator.http.intake import SMALL_BYTES, BodyIntake, TakenBody, hand_on

SMALL = b"x" * SMALL_BYTES


def arriving(pieces: Iterable[bytes], *, ends: str = "whole") -> Receive:
    """Make a `receive` that gives pieces, and then ends, stays silent, or disconnects."""
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if ends == "whole":
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    if ends == "gone":
        messages.append({"type": "http.disconnect"})

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return messages.pop(0)

    return receive


def take(
    receive: Receive,
    *,
    intake: BodyIntake | None = None,
    largest: int = 10**9,
    is_known: Callable[[], bool] = lambda: True,
    scope: Scope | None = None,
) -> TakenBody:
    """Read one body."""
    return asyncio.run((intake or BodyIntake()).take(scope or {}, receive, largest=largest, is_known=is_known))


def test_a_body_in_pieces() -> None:
    """The pieces are joined, in order."""
    assert take(arriving([b"a", b"", b"bc"])) == TakenBody(b"abc")


def test_a_stranger_may_send_little() -> None:
    """Up to the small limit nobody asks who sends; beyond it a stranger's body is dropped, and a known caller's kept."""
    asked: list[int] = []

    def known() -> bool:
        asked.append(1)
        return True

    assert take(arriving([SMALL]), is_known=known) == TakenBody(SMALL)
    assert asked == []
    assert take(arriving([SMALL, b"x"]), is_known=lambda: False) == TakenBody(b"", "stranger")
    assert take(arriving([SMALL, b"x", b"y"]), is_known=known) == TakenBody(SMALL + b"xy")
    assert asked == [1]


def test_a_body_that_is_here_is_not_waited_for() -> None:
    """It has the same limits, and nothing of it stays counted."""
    silent, intake = arriving([], ends="silent"), BodyIntake(most_held=2 * SMALL_BYTES)
    for _ in range(3):
        for body in (b"", b"x", SMALL, SMALL + b"x"):
            assert take(silent, intake=intake, scope={"whole_body": body}) == TakenBody(body)
    here = {"whole_body": SMALL + b"x"}
    assert take(silent, scope=here, is_known=lambda: False) == TakenBody(b"", "stranger")
    assert take(silent, scope=here, largest=SMALL_BYTES) == TakenBody(b"", "too_large")
    assert take(silent, scope={"whole_body": SMALL * 3}, intake=intake) == TakenBody(b"", "full")


def test_too_large() -> None:
    """A body beyond the path's limit is read to its end, and not kept."""
    assert take(arriving([b"12345", b"6"]), largest=5) == TakenBody(b"", "too_large")
    assert take(arriving([b"12345"]), largest=5) == TakenBody(b"12345")


@pytest.mark.parametrize("intake", [BodyIntake(silence=0.01), BodyIntake(longest=0.01)])
def test_a_body_that_stops_arriving_is_late(intake: BodyIntake) -> None:
    """After a silence, or when it takes too long in all, nothing of it is kept."""
    assert take(arriving([b"half"], ends="silent"), intake=intake) == TakenBody(b"", "late")


def test_a_client_that_leaves() -> None:
    """A disconnect in the middle is reported as such."""
    with pytest.raises(ClientLeftError):
        take(arriving([b"half"], ends="gone"))


def test_all_bodies_together_have_a_limit() -> None:
    """While one body holds the memory, another is refused; once the first has ended, its memory is free again."""
    intake = BodyIntake(most_held=SMALL_BYTES + 10)

    async def two() -> tuple[TakenBody, TakenBody, TakenBody]:
        async def known(receive: Receive) -> TakenBody:
            return await intake.take({}, receive, largest=10**9, is_known=lambda: True)

        first = asyncio.create_task(known(arriving([SMALL], ends="silent")))
        for _ in range(10):
            await asyncio.sleep(0)
        second = await known(arriving([b"x" * 11]))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        return second, await known(arriving([b"x" * 11])), await known(arriving([SMALL]))

    assert asyncio.run(two()) == (TakenBody(b"", "full"), TakenBody(b"x" * 11), TakenBody(SMALL))


def test_a_body_is_handed_on_once() -> None:
    """Another application reads the whole body, and then what came after it."""

    async def read() -> list[Message]:
        receive = hand_on(b"abc", arriving([], ends="gone"))
        return [await receive(), await receive()]

    first, second = asyncio.run(read())
    assert first == {"type": "http.request", "body": b"abc", "more_body": False}
    assert second == {"type": "http.disconnect"}
