"""The engine *local*, over a client that answers from a script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from keybearer import AsyncClient
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.errors import CircuitOpen, InvalidRequest, KeybearerError, UsageError
from keybearer.types.http import Headers, Reply, Request

ANSWER = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "stop_reason": "end_turn",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "yes"}],
    "usage": {"input_tokens": 1},
}


class ScriptedService:
    """A transport that answers by what is asked, and counts how many requests are under way."""

    def __init__(self, script: dict[int, list[BaseException]] | None = None) -> None:
        self.script = script or {}
        self.asked: list[int] = []
        self.most = self._now = 0
        self.both = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    async def send(self, request: Request) -> Reply:
        """Answer."""
        n = int(json.loads(request.body)["messages"][0]["content"])
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
            return Reply(
                status=200,
                headers=Headers([("content-type", "application/json")]),
                body=json.dumps({**ANSWER, "id": f"m{n}"}).encode(),
            )
        finally:
            self._now -= 1

    async def close(self) -> None:
        """Do nothing."""


def client_of(service: ScriptedService, **options: Any) -> AsyncClient:
    """Return a client of the service."""
    return AsyncClient(api_key="sk-ant-example", transport=service, max_retries=0, **options)


def engine_over(service: ScriptedService, concurrency: int, **options: Any) -> LocalEngine:
    """Return an engine."""
    limits = {name: options.pop(name) for name in list(options) if name == "requests_per_second"}
    return LocalEngine(client_of(service, **limits), concurrency=concurrency, **options)


def asking(n: int) -> dict[str, Any]:
    """Return a request."""
    return {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": str(n)}]}


async def work(rows: int, size: int) -> AsyncGenerator[Sequence[BulkRequest], None]:
    """Give requests, so many at once."""
    numbers = list(range(rows))
    for at in range(0, rows, size):
        yield [BulkRequest(bytes([n]), asking(n), b"") for n in numbers[at : at + size]]


@pytest.mark.parametrize(("rows", "size", "concurrency"), [(0, 1, 3), (1, 1, 3), (40, 7, 3), (40, 40, 100), (5, 1, 1)])
def test_every_request_has_one_result(rows: int, size: int, concurrency: int) -> None:
    """No more are under way than may be, and the results carry what their requests did."""

    async def run() -> None:
        service = ScriptedService()
        engine = engine_over(service, concurrency)
        found: list[BulkResult] = [each async for came in engine.results(work(rows, size)) for each in came]
        assert sorted(each.key for each in found) == [bytes([n]) for n in range(rows)]
        assert {each.text for each in found} <= {"yes"}
        assert all(each.message == {**ANSWER, "id": f"m{each.key[0]}"} for each in found)
        assert service.most <= min(concurrency, max(rows, 0))
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
        engine = engine_over(ScriptedService(script), 2)
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
        service = ScriptedService()
        service.hold.clear()
        engine = engine_over(service, 2)
        task = asyncio.create_task(all_of(engine.results(work(9, 4))))
        await service.both.wait()
        engine.stop()
        service.hold.set()
        assert sorted(each.key[0] for each in await task) == [0, 1]
        assert service.asked == [0, 1]
        assert [key[0] for key in engine.unsent()] == [2, 3, 4, 5, 6, 7]

    asyncio.run(run())


def test_a_row_is_marked_when_it_is_sent() -> None:
    """Not when it is handed over; where the mark cannot be written, the row is not sent, and what is under way finishes."""

    async def run() -> None:
        service = ScriptedService()
        marked: list[int] = []

        def mark(keys: Sequence[bytes]) -> None:
            assert service.asked == marked
            if len(marked) == 5:
                raise UsageError("the disk is full")
            marked.extend(key[0] for key in keys)

        engine = engine_over(service, 2, mark=mark)
        service.hold.clear()
        task = asyncio.create_task(all_of(engine.results(work(90, 45))))
        await service.both.wait()
        assert marked == service.asked == [0, 1]
        service.hold.set()
        assert sorted(each.key[0] for each in await task) == marked == [0, 1, 2, 3, 4]
        assert [key[0] for key in engine.unsent()] == [*range(5, 45)]

    asyncio.run(run())


def test_a_row_that_waits_for_a_limit_is_not_sent_after_a_stop() -> None:
    """It is not marked either, and is named at once; the one that is under way finishes."""

    async def run() -> None:
        service = ScriptedService()
        marked: list[int] = []
        service.hold.clear()
        engine = engine_over(
            service, 4, mark=lambda keys: marked.extend(key[0] for key in keys), requests_per_second=0.01
        )
        task = asyncio.create_task(all_of(engine.results(work(9, 9))))
        await asyncio.sleep(0.05)
        assert (marked, engine.under_way()) == (service.asked, 1)
        engine.stop()
        engine.stop()
        await asyncio.sleep(0.05)
        assert sorted(key[0] for key in engine.unsent()) == [n for n in range(9) if n not in marked]
        service.hold.set()
        assert [each.key[0] for each in await task] == marked
        assert engine.under_way() == 0

    asyncio.run(run())


def test_what_is_under_way_when_nobody_waits_stays_in_doubt() -> None:
    """A row that was sent counts, one that was not is named, however the job ends."""

    async def run() -> None:
        service = ScriptedService()
        service.hold.clear()
        engine = engine_over(service, 2)
        task = asyncio.create_task(all_of(engine.results(work(5, 5))))
        await service.both.wait()
        engine.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert engine.under_way() == 2
        assert [key[0] for key in engine.unsent()] == [2, 3, 4]

    asyncio.run(run())


async def all_of(results: AsyncGenerator[Sequence[BulkResult], None]) -> list[BulkResult]:
    """Return all results."""
    return [each async for came in results for each in came]


def test_what_work_raises_ends_the_results() -> None:
    """After those that had come."""

    async def broken() -> AsyncGenerator[Sequence[BulkRequest], None]:
        yield [BulkRequest(b"0", asking(0), b"")]
        raise KeybearerError("the file is cut")

    async def run() -> None:
        engine = engine_over(ScriptedService(), 2)
        with pytest.raises(KeybearerError, match="the file is cut"):
            async for _ in engine.results(broken()):
                pass

    asyncio.run(run())
