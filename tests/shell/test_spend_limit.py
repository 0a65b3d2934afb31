"""`SpendLimit`, as callers use it: shared by whatever it is given to, by threads and tasks, and by no forked child."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import os
import pickle
import threading
from decimal import Decimal
from typing import Any

import pytest

from keybearer import AsyncClient, Client, SpendLimit, ToolCall, tool
from keybearer import errors as e
from keybearer.policy.spend_account import QueuePlace
from keybearer.policy.spend_amounts import Amount, Full, Reservation
from keybearer.types.http import Reply, Request
from support.rawserver import raw_server, streaming
from support.sse import frames, text_message
from support.tool_runs import answer, call
from support.world import reply

HELLO: Any = [{"role": "user", "content": "Hello"}]
MODEL = "claude-opus-5-5"
USAGE = {"input_tokens": 10, "output_tokens": 7}
WORST = Decimal("0.0070488")
COST = Decimal("0.00018")
STREAM = frames(*text_message("a", "b"))


def message(**fields: Any) -> Reply:
    """Return a reply that is a message."""
    return reply(200, answer("Hi.", model=MODEL, usage=USAGE).to_dict() | fields)


class Service:
    """A transport that answers each request once the gate is open, and notes what was reserved meanwhile."""

    def __init__(self, limit: SpendLimit | None = None, *replies: Reply) -> None:
        self.limit, self.replies = limit, list(replies)
        self.most, self.sent = Decimal(0), 0
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Answer a request."""
        assert json.loads(request.body)["model"]
        with self._lock:
            self.sent += 1
            if self.limit is not None:
                state = self.limit.state()
                self.most = max(self.most, state.spent + state.reserved)
            return self.replies.pop(0) if self.replies else message()

    def close(self) -> None:
        """Do nothing."""


class AsyncService(Service):
    """The same, awaited."""

    async def send(self, request: Request) -> Reply:  # type: ignore[override]  # awaited
        """Answer a request, after all others have had their turn."""
        await asyncio.sleep(0)
        return Service.send(self, request)

    async def close(self) -> None:  # type: ignore[override]
        """Do nothing."""


def client(limit: Any, service: Any) -> Client:
    """Return a client under a limit."""
    return Client(api_key="sk-ant-test", model=MODEL, transport=service, spend_limit=limit)


def ask(of: Client, **options: Any) -> Any:
    """Make a call."""
    return of.messages.create(max_tokens=100, messages=HELLO, **options)


def taken(limit: SpendLimit, nano: int) -> Reservation | Full:
    """Reserve in memory, where no effect is waited for."""
    try:
        next(limit.reserve(Amount(nano, 0), QueuePlace()))
    except StopIteration as end:
        found: Reservation | Full = end.value
        return found
    raise AssertionError(limit)


@pytest.mark.parametrize("on_full", ["fail", "wait"])
def test_fifty_runs_at_once_stay_under_one_limit(on_full: Any) -> None:
    """Fifty runs at once under one limit never have more than it, spent and reserved; those that wait use it up."""
    limit = SpendLimit(usd="0.012", on_full=on_full)
    service = AsyncService(limit)

    async def main() -> list[Any]:
        async with AsyncClient(api_key="sk-ant-test", model=MODEL, transport=service) as shared:
            runs = [shared.messages.run(max_tokens=100, messages=HELLO, spend_limit=limit) for _ in range(50)]
            return await asyncio.gather(*runs, return_exceptions=True)

    ended = asyncio.run(main())
    refused = [each for each in ended if isinstance(each, e.SpendLimitExceeded)]
    state = limit.state()
    assert service.most <= Decimal("0.012")
    assert (state.spent, state.reserved) == (COST * service.sent, Decimal(0))
    assert len(refused) == 50 - service.sent
    assert service.sent == (1 if on_full == "fail" else 28)  # then less is left than the worst case of one
    assert state.spent + WORST > Decimal("0.012") or on_full == "fail"


def test_threads_share_it() -> None:
    """Calls of eight threads, and of two clients, count in one account."""
    limit = SpendLimit(usd=1)
    service = Service(limit)
    with client(limit, service) as one, client(limit, service) as two:
        threads = [threading.Thread(target=ask, args=(each,)) for each in [one, two] * 4]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert limit.state()[:2] == (8 * COST, Decimal(0))


def test_limits_add_up() -> None:
    """A call is under the client's limits, those of `with_options`, and its own; one that is named twice counts once."""
    limits = [SpendLimit(usd=1) for _ in range(4)]
    with client(limits[:2], Service()) as first:
        ask(first.with_options(spend_limit=limits[2]), spend_limit=[limits[3], limits[0]])
        ask(first)
    assert [limit.state().spent for limit in limits] == [2 * COST, 2 * COST, COST, COST]


def test_a_limit_that_is_lowered_below_what_is_spent_sends_nothing() -> None:
    """Nothing is left then, and less than nothing never is."""
    limit = SpendLimit(usd=1)
    with client(limit, Service()) as of:
        ask(of)
        limit.raise_to(usd="0.00001")
        with pytest.raises(e.SpendLimitExceeded):
            ask(of)
    assert limit.state().left == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody closes what is collected
def test_a_stream_is_settled_however_it_ends() -> None:
    """One read to its end costs what it cost; one that is closed or collected may have been answered at full length."""
    limit = SpendLimit(usd=10)
    own = {"claude-haiku-4-5": {"input": 1000, "output": 1000, "discount": 0}}
    with raw_server(streaming(STREAM)) as server:
        with Client(
            api_key="sk-ant-test", base_url=server.url, model="claude-haiku-4-5", prices=own, spend_limit=limit
        ) as of:
            settled = []
            for end in ("read", "closed", "collected"):
                before = limit.state().spent
                stream = of.messages.create(max_tokens=20, messages=HELLO, stream=True)
                assert limit.state().reserved > 0
                events = iter(stream)
                next(events)
                if end == "read":
                    list(events)
                elif end == "closed":
                    stream.close()
                del stream, events
                gc.collect()
                assert limit.state().reserved == 0
                settled.append(limit.state().spent - before)
    read, closed, collected = settled
    assert closed == collected == read + (20 - 7) * Decimal("0.001")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # from 3.12 on; the child starts afresh
def test_a_forked_child_is_refused() -> None:
    """A limit in memory is its process's: a child that would spend it again is refused, and shown how to share it."""
    limit = SpendLimit(usd=1)
    held = taken(limit, 5)
    assert isinstance(held, Reservation)
    reading, says = os.pipe()
    child = os.fork()
    if not child:
        try:
            taken(limit, 5)
        except e.UsageError as error:
            limit.settle(held, Amount(5, 0))  # the parent's: nothing happens, and nothing hangs
            os.write(says, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(says)
    with os.fdopen(reading, "rb") as pipe:
        assert b"this process was forked from it: nothing was sent. Give it a name and a ledger" in pipe.read()
    assert limit.state().reserved == Decimal("0.000000005")


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_copy_is_refused(copied: Any) -> None:
    """A copy would allow the same money twice; the error of a full limit can be sent elsewhere, without it."""
    limit = SpendLimit(usd=1)
    with pytest.raises(e.UsageError, match="cannot be copied"):
        copied(limit)
    full = Full(Amount(2, 3), limit._balance()[1], hopeless=True, period="")
    error = pickle.loads(pickle.dumps(limit.exceeded(full)))  # noqa: S301 - our own
    assert (error.limit, error.asked_tokens) == (None, 3)


def test_a_run_ends_where_its_limit_is_full_and_asks_where_it_may() -> None:
    """It ends with what it has come to; with a person who allows more, it goes on; its first request raises."""

    @tool
    def look() -> str:
        """Look."""
        return "x" * 2000

    def service() -> Service:
        return Service(None, reply(200, answer(call("look"), model=MODEL, usage=USAGE).to_dict()))

    asked: list[str] = []

    def approve(call: ToolCall) -> bool:
        asked.append(call.name)
        return True

    options: Any = {"max_tokens": 100, "messages": HELLO, "tools": [look]}
    with client(None, service()) as of:
        result = of.messages.run(**options, spend_limit=SpendLimit(usd="0.009"))
        assert (result.ended, len(result.steps), result.cost.usd) == ("spend_limit", 1, COST)
        with pytest.raises(e.SpendLimitExceeded):
            of.messages.run(**options, spend_limit=SpendLimit(usd="0.0001"))
    with client(None, service()) as of:
        limit = SpendLimit(usd="0.009", may_be_raised=True)
        result = of.messages.run(**options, spend_limit=limit, approve=approve)
        assert (result.ended, asked) == ("end_turn", ["raise_spend_limit"])
        assert limit.usd == Decimal("0.018")
