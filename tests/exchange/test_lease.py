"""An open stream's permit and its usage report: each is given back once, however the stream ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import Future
from typing import Any

import pytest

from keybearer import AsyncClient
from keybearer import errors as e
from keybearer.exchange.lease import Lease
from keybearer.exchange.usage import UsageReports
from keybearer.flow import CallHook, FinishBody, ReadUntil
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.simulator import Simulator
from keybearer.types.http import Headers, Reply
from keybearer.wire.response.reader import StreamReader
from support.sse import frames, text_message
from support.world import admission

EVENTS = text_message("Hello", " you")
HEADERS = Headers([("content-type", "text/event-stream")])


class Held:
    """A lease on one permit, half read, and the reports that its hook was given."""

    def __init__(self, *, preamble: int = 3) -> None:
        self.reports: list[bool] = []
        self.permits = ConcurrencyLimiter(1, future=Future, lock=contextlib.nullcontext())
        assert self.permits.acquire() is None
        reader = StreamReader(HEADERS)
        reader.read_preamble(frames(*EVENTS[:preamble]))
        self.usage = UsageReports(lambda report: self.reports.append(report.complete))
        self.lease = Lease(
            Reply(status=200, headers=HEADERS, stream=object()),
            reader,
            progress=None,
            admission=admission(concurrency=self.permits),
            usage=self.usage,
        )

    def settled(self) -> list[bool]:
        """Return every report, with those that are owed."""
        for report in self.usage.settle():
            report.hook(report.value)
        return self.reports


def test_a_message_read_to_its_end_releases_before_it_finishes_the_body() -> None:
    """The permit is free before the rest of the body is read; the report is the last effect, and complete."""
    held = Held()
    flow = held.lease.read_message()
    effect = next(flow)
    assert isinstance(effect, ReadUntil)
    assert not effect.feed(frames(*EVENTS[3:4]))
    assert effect.feed(frames(*EVENTS[4:]))
    assert isinstance(flow.send(None), FinishBody)
    assert held.permits.in_use == 0
    report = flow.send(None)
    assert isinstance(report, CallHook)
    with pytest.raises(StopIteration) as end:
        flow.send(None)
    assert end.value.value.text == "Hello you"


def test_a_message_that_came_whole_with_the_preamble_is_not_waited_for() -> None:
    """What was read before the stream was handed over may be all of it."""
    flow = Held(preamble=len(EVENTS)).lease.read_message()
    assert isinstance(next(flow), FinishBody)


def test_a_cut_stream_releases_and_reports_what_came() -> None:
    """The transport's failure becomes a StreamTruncated with the partial message, and the usage is reported as incomplete."""
    held = Held(preamble=4)
    flow = held.lease.read_message()
    next(flow)
    report: Any = flow.throw(e.ConnectionFailed("gone", phase="read"))
    assert (held.permits.in_use, report.value.complete) == (0, False)
    with pytest.raises(e.StreamTruncated) as caught:
        flow.send(None)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hello"


@pytest.mark.parametrize("end", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_a_cancelled_read_releases_at_once_and_owes_its_report(end: BaseException) -> None:
    """A waiter has the permit at once; the report is made with the next call."""
    held = Held()
    waiter = held.permits.acquire()
    flow = held.lease.read_message()
    next(flow)
    with pytest.raises(type(end)):
        flow.throw(end)
    assert waiter is not None
    assert waiter.done()
    assert held.reports == []
    assert held.settled() == [False]


@pytest.mark.parametrize("twice", ["release", "abandon"])
def test_nothing_is_given_back_twice(twice: str) -> None:
    """However often a holder ends a lease, and in whatever way, there is one permit and one report."""
    held = Held()
    held.lease.release()
    getattr(held.lease, twice)()
    held.lease.abandon()
    assert held.permits.acquire() is None
    assert held.permits.acquire() is not None
    assert held.settled() == [False]
    assert held.lease.report() is None


def wait_for_request(sim: Simulator) -> None:
    """Wait until the simulator has a request."""
    while not sim.requests:
        time.sleep(0.01)


def test_a_waiting_call_goes_on_when_a_long_answer_is_cancelled(sim: Simulator) -> None:
    """An answer that is streamed underneath holds a permit; a cancelled one hands it on, with no other call to push it."""
    ask: Any = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Write 200 words"}]}

    async def main() -> str:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, concurrency=1) as client:
            sim.fail("stall", times=1)
            long = asyncio.create_task(client.messages.create(max_tokens=64_000, **ask))
            await asyncio.to_thread(wait_for_request, sim)
            waiting = asyncio.create_task(client.messages.create(max_tokens=10, **ask))
            await asyncio.sleep(0.05)
            long.cancel()
            with pytest.raises(asyncio.CancelledError):
                await long
            return str((await asyncio.wait_for(waiting, 30)).role)

    assert asyncio.run(main()) == "assistant"
