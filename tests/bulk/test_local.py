"""The engine *local*, over a client that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.errors import CircuitOpen, InvalidRequest, KeybearerError, UsageError
from keybearer.types.messages import Message

ANSWER = {
    "id": "m",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "yes"}],
    "usage": {"input_tokens": 1},
}


class ScriptedMessages:
    """Answers by what is asked, and counts how many calls are under way."""

    def __init__(self, script: dict[int, list[BaseException]] | None = None) -> None:
        self.script = script or {}
        self.asked: list[int] = []
        self.most = self._now = 0
        self.both = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    async def create(self, *, n: int, **_: Any) -> Message:
        """Answer."""
        self.asked.append(n)
        self._now += 1
        if self._now == 2:
            self.both.set()
        self.most = max(self.most, self._now)
        try:
            await self.hold.wait()
            await asyncio.sleep(0)
            if self.script.get(n):
                raise self.script[n].pop(0)
            return Message.of({**ANSWER, "id": f"m{n}"})
        finally:
            self._now -= 1


def engine_over(messages: ScriptedMessages, concurrency: int) -> LocalEngine:
    """Return an engine."""
    client: Any = SimpleNamespace(messages=messages)
    return LocalEngine(client, concurrency=concurrency)


async def work(rows: int, size: int) -> AsyncGenerator[Sequence[BulkRequest], None]:
    """Give requests, so many at once."""
    numbers = list(range(rows))
    for at in range(0, rows, size):
        yield [BulkRequest(bytes([n]), {"n": n}, b"") for n in numbers[at : at + size]]


@pytest.mark.parametrize(("rows", "size", "concurrency"), [(0, 1, 3), (1, 1, 3), (40, 7, 3), (40, 40, 100), (5, 1, 1)])
def test_every_request_has_one_result(rows: int, size: int, concurrency: int) -> None:
    """No more are under way than may be, and the results carry what their requests did."""

    async def run() -> None:
        messages = ScriptedMessages()
        engine = engine_over(messages, concurrency)
        found: list[BulkResult] = [each async for came in engine.results(work(rows, size)) for each in came]
        assert sorted(each.key for each in found) == [bytes([n]) for n in range(rows)]
        assert {each.text for each in found} <= {"yes"}
        assert all(each.message == {**ANSWER, "id": f"m{each.key[0]}"} for each in found)
        assert messages.most <= min(concurrency, max(rows, 0))
        assert engine.unsent() == []

    asyncio.run(run())


def test_an_error_is_its_rows_alone() -> None:
    """The service's, and what is wrong with the arguments; the open breaker is waited for."""

    async def run() -> None:
        refused = InvalidRequest("no", request_id="req_1", http_status=400)
        script: dict[int, list[BaseException]] = {
            1: [refused],
            2: [TypeError("max_tokens")],
            3: [CircuitOpen("open"), CircuitOpen("open", retry_after=0.01)],
        }
        engine = engine_over(ScriptedMessages(script), 2)
        found = {each.key[0]: each async for came in engine.results(work(5, 2)) for each in came}
        errors = {n: each.error.to_dict() for n, each in found.items() if each.error is not None}
        assert errors == {
            1: {"class": "InvalidRequest", "message": "no", "request_id": "req_1", "status": 400},
            2: {"class": "TypeError", "message": "max_tokens", "request_id": None},
        }
        assert found[1].raised is refused

    asyncio.run(run())


def test_stopping_sends_nothing_more() -> None:
    """What is under way finishes; what was taken and not sent is named."""

    async def run() -> None:
        messages = ScriptedMessages()
        messages.hold.clear()
        engine = engine_over(messages, 2)
        task = asyncio.create_task(all_of(engine.results(work(9, 4))))
        await messages.both.wait()
        engine.stop()
        messages.hold.set()
        assert sorted(each.key[0] for each in await task) == [0, 1]
        assert messages.asked == [0, 1]
        assert [key[0] for key in engine.unsent()] == [2, 3, 4, 5, 6, 7]

    asyncio.run(run())


def test_a_row_is_marked_when_it_is_sent() -> None:
    """Not when it is handed over; where the mark cannot be written, the row is not sent, and what is under way finishes."""

    async def run() -> None:
        messages = ScriptedMessages()
        marked: list[int] = []

        def mark(keys: Sequence[bytes]) -> None:
            assert messages.asked == marked
            if len(marked) == 5:
                raise UsageError("the disk is full")
            marked.extend(key[0] for key in keys)

        client: Any = SimpleNamespace(messages=messages)
        engine = LocalEngine(client, concurrency=2, mark=mark)
        messages.hold.clear()
        task = asyncio.create_task(all_of(engine.results(work(90, 45))))
        await messages.both.wait()
        assert marked == messages.asked == [0, 1]
        messages.hold.set()
        assert sorted(each.key[0] for each in await task) == marked == [0, 1, 2, 3, 4]
        assert [key[0] for key in engine.unsent()] == [*range(5, 45)]

    asyncio.run(run())


async def all_of(results: AsyncGenerator[Sequence[BulkResult], None]) -> list[BulkResult]:
    """Return all results."""
    return [each async for came in results for each in came]


def test_what_work_raises_ends_the_results() -> None:
    """After those that had come."""

    async def broken() -> AsyncGenerator[Sequence[BulkRequest], None]:
        yield [BulkRequest(b"0", {"n": 0}, b"")]
        raise KeybearerError("the file is cut")

    async def run() -> None:
        engine = engine_over(ScriptedMessages(), 2)
        with pytest.raises(KeybearerError, match="the file is cut"):
            async for _ in engine.results(broken()):
                pass

    asyncio.run(run())
