"""What an observer hears of a call, in its order, and that it can break nothing."""

from __future__ import annotations

import gc
import logging
from typing import Any

import pytest

from keybearer import Client
from keybearer import errors as e
from keybearer.exchange.observing import UNOBSERVED, Observers
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from keybearer.types import hooks
from keybearer.types import observing as seen
from support.world import DRAFT, World, admission, refused, reply

ASK: Any = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": 'Say "a b c d"'}]}


class Heard:
    """An observer that keeps all that it hears."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def observe(self, event: seen.Observed, /) -> None:
        self.events.append(event)

    def of(self, kind: type) -> list[Any]:
        """Return the values of one kind."""
        return [event for event in self.events if type(event) is kind]

    @property
    def kinds(self) -> list[str]:
        """The names of all, in their order, but for waits: where the machine is busy, any step may take the millisecond of one."""
        return [type(event).__name__ for event in self.events if type(event) is not seen.LimiterWaited]


def client(sim: Simulator, *observers: Any, **options: Any) -> Client:
    """Return an observed client of the simulator."""
    soon = RetryPolicy(min_delay=0.001, max_delay=0.002)
    return Client(api_key=sim.api_key, base_url=sim.base_url, observers=observers, **{"retry": soon, **options})


def test_the_life_of_a_call(sim: Simulator) -> None:
    """Each step once, in its order, all with the call's id, the second attempt with its number."""
    sim.fail("error", status=529, times=1)
    heard = Heard()
    with client(sim, heard) as made:
        message = made.messages.create(**ASK)
    attempt = ["RequestSent", "ResponseReceived", "AttemptEnded"]
    assert heard.kinds == ["CallStarted", *attempt, "RetryPlanned", *attempt, "UsageReported", "CallEnded"]
    assert len({event.call_id for event in heard.events if hasattr(event, "call_id")}) == 1
    assert [event.attempt for event in heard.of(hooks.RequestSent)] == [1, 2]
    assert [type(event.error) for event in heard.of(seen.AttemptEnded)] == [e.Overloaded, type(None)]
    (ended,) = heard.of(seen.CallEnded)
    assert (ended.message, ended.error, ended.complete, ended.attempts) == (message, None, True, 2)
    (started,) = heard.of(seen.CallStarted)
    assert started.body()["messages"] == ASK["messages"]
    assert "a b c d" not in repr(heard.events[0]) + repr(ended)


def test_the_chunks_of_a_stream(sim: Simulator) -> None:
    """One for each delta, numbered, the first with its time since the call began; the call ends with the stream."""
    heard = Heard()
    with client(sim, heard) as made, made.messages.stream(**ASK) as stream:
        deltas = sum(event.type == "content_block_delta" for event in stream)
    chunks = heard.of(seen.ChunkReceived)
    assert [chunk.number for chunk in chunks] == list(range(1, deltas + 1))
    assert chunks[0].seconds > 0
    assert all(chunk.seconds >= 0 for chunk in chunks)
    assert heard.kinds[-2:] == ["UsageReported", "CallEnded"]
    assert heard.of(seen.CallEnded)[0].complete


@pytest.mark.parametrize("how", ["closed", "left", "raised"])
def test_a_stream_ends_once_however_it_is_left(sim: Simulator, how: str) -> None:
    """A closed one at once, one left to the garbage collector with the next call; neither has an error."""
    heard = Heard()
    with client(sim, heard) as made:
        stream = made.messages.create(**ASK, stream=True)
        next(stream)
        if how == "closed":
            stream.close()
        elif how == "raised":
            with pytest.raises(RuntimeError), stream:
                raise RuntimeError
        else:
            del stream
            gc.collect()
            assert heard.of(seen.CallEnded) == []
            made.models.list()
        ended = heard.of(seen.CallEnded)[0]
        assert (ended.error, ended.complete) == (None, False)
    assert len(heard.of(seen.CallEnded)) == len(heard.of(seen.CallStarted))


def test_waits_for_a_limiter() -> None:
    """A call that waits for the client's own rate says so, with how long; one that does not wait says nothing."""
    world, heard = World(*[reply(200, {})] * 3), Heard()
    exchange = world.exchange(observers=Observers((heard,), clocks=world.clocks), admission=admission(rate=2))
    for _ in range(3):
        world.run(exchange.send(DRAFT))
    assert [(wait.limiter, wait.seconds) for wait in heard.of(seen.LimiterWaited)] == [("rate", 0.5)] * 2


def test_what_it_raises_is_logged_once(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """The call goes on, and the other observers hear all."""

    class Broken:
        def observe(self, event: seen.Observed, /) -> None:
            raise ValueError(f"my own mistake with {event}")

    heard = Heard()
    with client(sim, Broken(), heard) as made, caplog.at_level(logging.ERROR, "keybearer"):
        assert made.messages.create(**ASK).text == "a b c d"
    assert [record.getMessage()[:18] for record in caplog.records] == ["an observer failed"]
    assert (heard.kinds[0], heard.kinds[-1]) == ("CallStarted", "CallEnded")


def test_hooks_and_observers_hear_the_same_values() -> None:
    """A hook is called with the very value that the observers heard, with the call's id."""
    world, heard = World(refused(529, "overloaded_error"), reply(200, {})), Heard()
    called: list[Any] = []
    listening = hooks.Hooks(on_request=called.append, on_response=called.append, on_retry=called.append)
    observers = Observers((heard,), clocks=world.clocks, hooks=listening)
    world.call(DRAFT, hooks=listening, observers=observers)
    assert [id(value) for value in called] == [id(event) for event in heard.events if listening.of(event)]
    assert len(called) == 5
    assert {value.call_id for value in called} == {"call_00000000000000"}


def test_a_header_that_an_observer_adds_is_sent() -> None:
    """On every attempt; a header that the request has already is left alone, the credential above all."""

    class Adds:
        def observe(self, event: seen.Observed, /) -> None:
            if isinstance(event, hooks.RequestSent):
                event.headers.update({"TraceParent": f"attempt {event.attempt}", "x-api-key": "another"})

    world = World(refused(529, "overloaded_error"), reply(200, {}))
    world.call(DRAFT, observers=Observers((Adds(),), clocks=world.clocks))
    assert [request.headers["traceparent"] for _, request in world.sent] == ["attempt 1", "attempt 2"]
    assert {request.headers["x-api-key"] for _, request in world.sent} == {"sk-ant-test-canary"}


def test_a_call_that_nobody_observes_is_one_value_for_all() -> None:
    """Nothing is made for it, and its end is nothing."""
    world = World()
    assert Observers(clocks=world.clocks).begin(DRAFT) is UNOBSERVED
    UNOBSERVED.end(ValueError())
    UNOBSERVED.end_later()
    UNOBSERVED.waited("rate", 5.0)
    assert UNOBSERVED.attempts == 0


def test_a_forked_child_forgets_what_its_parent_says() -> None:
    """Ends that are owed at the fork are the parent's to say."""
    world, heard = World(), Heard()
    observers = Observers((heard,), clocks=world.clocks)
    observers.begin(DRAFT).end_later()
    observers.forget()
    observers.settle()
    assert heard.kinds == ["CallStarted"]
