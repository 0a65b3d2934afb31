"""What goes wrong on the way, through real HTTP: streams, budgets, places, hooks and deadlines."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Message
from keybearer import errors as e
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.transports.httpx_transport import HttpxTransport
from keybearer.simulator import Simulator
from keybearer.types.http import Timeouts
from support.rawserver import Peer, raw_server
from support.sse import frames, text_message

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]
QUICK: Any = {"retry": RetryPolicy(min_delay=0.001, max_delay=0.002), "model": "claude-haiku-4-5"}


@pytest.fixture(params=["http.client", "httpx"])
def client(request: pytest.FixtureRequest, sim: Simulator) -> Iterator[Client]:
    """A client on each sync transport, which waits for milliseconds where another waits for seconds."""
    transport = HttpxTransport() if request.param == "httpx" else None
    with Client(api_key=sim.api_key, base_url=sim.base_url, transport=transport, **QUICK) as made:
        yield made


def ask(client: Client, **options: Any) -> str:
    """Ask and give the answer."""
    message: Message = client.messages.create(max_tokens=50, messages=MESSAGES, **options)
    return message.text


@pytest.mark.parametrize("fault", [{"type": "overloaded_error"}, {"type": "api_error"}, {"type": "rate_limit_error"}])
def test_an_error_inside_a_stream_before_content_is_tried_again(
    client: Client, sim: Simulator, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller sees one good stream; after content the same error is the caller's."""
    # A rate limit inside a stream says no time: it is waited for as long as one that says nothing, a minute.
    slept: list[float] = []
    monkeypatch.setattr(SyncDriver, "_sleep", lambda _self, seconds: slept.append(seconds))
    sim.fail("stream_error", after_events=1, times=1, **fault)
    with client.messages.stream(max_tokens=50, messages=MESSAGES, timeout=120) as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_text() == "fine"
    assert kinds.count("message_start") == 1
    assert slept[0] == (60 if fault["type"] == "rate_limit_error" else pytest.approx(0.002, abs=0.001))
    assert len(sim.requests) == 2
    sim.fail("stream_error", after_events=4, times=1, **fault)
    with pytest.raises(e.StreamAPIError) as caught, client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
        stream.until_done()
    assert caught.value.partial is not None


@pytest.mark.parametrize(
    "fault", ["unknown_event", "unknown_block", "unknown_delta", "unknown_stop_reason", "gzip", "huge_event"]
)
def test_what_is_new_or_odd_but_right_goes_through(client: Client, sim: Simulator, fault: str) -> None:
    """Events, blocks, deltas and stop reasons of the future, compression and large events are no errors."""
    sim.fail(fault, times=1)
    with client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
        message = stream.get_final_message()
    assert "fine" in message.text


@pytest.mark.parametrize("fault", ["duplicate_event", "missing_event", "broken_event"])
def test_what_is_wrong_in_a_stream_is_reported(client: Client, sim: Simulator, fault: str) -> None:
    """A stop that never comes and an event that is cut in half are errors; a delta that comes twice is the service's word."""
    sim.fail(fault, times=9)
    with contextlib.ExitStack() as stack:
        if fault != "duplicate_event":
            stack.enter_context(pytest.raises(e.StreamError))
        stream = stack.enter_context(client.messages.stream(max_tokens=50, messages=MESSAGES))
        stream.until_done()


def test_other_models_are_asked_when_one_is_overloaded(sim: Simulator) -> None:
    """on_overload asks the next model at once, says so, and the message tells who answered."""
    reported: list[Any] = []
    with Client(
        api_key=sim.api_key, base_url=sim.base_url, on_overload=["claude-opus-4-6"], on_retry=reported.append, **QUICK
    ) as client:
        sim.fail("error", status=529, times=1)
        assert client.messages.create(max_tokens=50, messages=MESSAGES).model == "claude-opus-4-6"
        sim.fail("error", status=500, times=3)
        with pytest.raises(e.ServerError):
            ask(client, max_retries=0)
    assert [each.model for each in reported] == ["claude-opus-4-6"]


def test_the_breaker_through_real_http(sim: Simulator) -> None:
    """A service that fails for long is left alone; a hundred callers at the half-open breaker send one request."""
    from keybearer.policy.breaker import CircuitBreaker

    breaker = CircuitBreaker(failures=5, span=0.0, cooldown=3600.0, lock=contextlib.nullcontext())

    async def main() -> None:
        async with AsyncClient(
            api_key=sim.api_key, base_url=sim.base_url, circuit_breaker=breaker, max_retries=0, **QUICK
        ) as client:
            sim.fail("error", status=529, times=5)
            for _ in range(5):
                with pytest.raises(e.Overloaded):
                    await client.messages.create(max_tokens=50, messages=MESSAGES)
            with pytest.raises(e.CircuitOpen):
                await client.messages.create(max_tokens=50, messages=MESSAGES)
            states = [client.limits.circuit]
            assert breaker._opened is not None
            breaker._opened -= 3600  # an hour later
            states.append(client.limits.circuit)
            assert states == ["open", "half_open"]
            before = len(sim.requests)
            calls = [client.messages.create(max_tokens=50, messages=MESSAGES) for _ in range(100)]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert len(sim.requests) == before + 1
            assert sum(isinstance(outcome, e.CircuitOpen) for outcome in outcomes) == 99
            assert client.limits.circuit == "closed"

    asyncio.run(main())


def test_no_more_than_its_places_are_under_way(sim: Simulator) -> None:
    """With three places, twenty calls and streams never have more than three under way, and all are served."""
    most = 0

    async def main() -> None:
        nonlocal most
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, concurrency=3, **QUICK) as client:

            async def one(number: int) -> str:
                nonlocal most
                if number % 2:
                    return (await client.messages.create(max_tokens=50, messages=MESSAGES)).text
                async with client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
                    most = max(most, client.limits.under_way or 0)
                    return await stream.get_final_text()

            assert await asyncio.gather(*map(one, range(20))) == ["fine"] * 20
            assert (client.limits.under_way, client.limits.waiting) == (0, 0)

    asyncio.run(main())
    assert 1 <= most <= 3


def test_a_stream_that_nobody_closes_gives_its_place_back(sim: Simulator) -> None:
    """A stream that is dropped without a `with` block frees its place when it goes."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, concurrency=1, **QUICK) as client:
        stream = client.messages.create(max_tokens=50, messages=MESSAGES, stream=True)
        next(iter(stream))
        assert client.limits.under_way == 1
        stream.close()
        del stream
        gc.collect()
        assert client.limits.under_way == 0
        assert ask(client) == "fine"


def test_a_redirect_to_another_origin_gets_neither_key_nor_body() -> None:
    """The other origin hears nothing at all, plain and streamed, whatever the redirect's status."""
    stolen: list[bytes] = []

    def listen(peer: Peer) -> None:
        stolen.append(peer.request())

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(b"", status="307 Temporary Redirect", headers=f"location: {other.url}/v1/messages\r\n")

    with raw_server(listen) as other, raw_server(script) as server:
        for transport in (None, HttpxTransport()):
            with Client(api_key="sk-ant-canary", base_url=server.url, transport=transport, **QUICK) as client:
                with pytest.raises(e.UnexpectedResponse, match="not followed"):
                    ask(client)
                with pytest.raises(e.UnexpectedResponse), client.messages.stream(max_tokens=5, messages=MESSAGES):
                    pass
    assert stolen == []


def test_hooks_of_a_call_and_of_a_stream(sim: Simulator) -> None:
    """on_usage comes once a message, for plain answers and streams, sync and async; a hook that fails breaks nothing."""
    usage: list[Any] = []

    def broken(_value: Any) -> None:
        raise LookupError("mine")

    with Client(
        api_key=sim.api_key, base_url=sim.base_url, on_usage=usage.append, on_response=broken, **QUICK
    ) as client:
        assert ask(client) == "fine"
        with client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
            stream.until_done()
    assert [report.usage.output_tokens > 0 for report in usage] == [True, True]

    async def on_usage(report: Any) -> None:
        await asyncio.sleep(0)
        usage.append(report)

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, on_usage=on_usage, **QUICK) as client:
            await client.messages.create(max_tokens=50, messages=MESSAGES)
            async with client.messages.stream(max_tokens=50, messages=MESSAGES) as stream:
                await stream.until_done()

    asyncio.run(main())
    assert len(usage) == 4


def test_a_deadline_covers_the_models_that_are_asked_next() -> None:
    """The next model has what the first one left, and the error names the whole call's limit."""
    asked: list[bytes] = []

    def overloaded(peer: Peer) -> None:
        asked.append(peer.request())
        time.sleep(0.1)
        peer.reply(b'{"type": "error", "error": {"type": "overloaded_error", "message": "m"}}', status="529 Overloaded")
        asked.append(peer.request())
        peer.sock.recv(1)

    options: Any = {"api_key": "sk-ant-x", "on_overload": ["claude-opus-4-6"], **QUICK}
    with raw_server(overloaded) as server, Client(base_url=server.url, **options) as client:
        with pytest.raises(e.TimedOut, match=r"did not end within 0\.4 s \(timeouts\.total\)"):
            ask(client, timeout=0.4)
    assert [b"claude-opus-4-6" in request for request in asked] == [False, True]


def test_a_deadline_covers_the_whole_call() -> None:
    """A reply that never comes, and a stream that never ends, end with the deadline."""

    def silent(peer: Peer) -> None:
        peer.request()
        peer.sock.recv(1)

    def endless(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(*text_message("a")[:4]))
        peer.sock.recv(1)

    with raw_server(silent) as server, Client(api_key="sk-ant-x", base_url=server.url, **QUICK) as client:
        with pytest.raises(e.TimedOut) as caught:
            ask(client, timeout=0.2)
        assert caught.value.phase == "total"
        assert caught.value.message == "The call did not end within 0.2 s (timeouts.total)."
    with raw_server(endless) as server, Client(api_key="sk-ant-x", base_url=server.url, **QUICK) as client:
        with (
            pytest.raises(e.StreamTimedOut) as cut,
            client.messages.stream(max_tokens=5, messages=MESSAGES, timeout=Timeouts(total=0.2)) as stream,
        ):
            stream.until_done()
        assert cut.value.partial is not None
        assert cut.value.partial.text == "a"


@pytest.mark.parametrize("kind", ["http.client", "httpx", "aiohttp"])
def test_a_proxy_of_the_environment_sees_nothing_of_a_call_to_this_machine(
    kind: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With http_proxy set and no exception, a call to a loopback address goes there directly, its key with it."""
    seen: list[bytes] = []

    def listen(peer: Peer) -> None:
        seen.append(peer.request())

    async def awaited() -> str:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, **QUICK) as client:
            return (await client.messages.create(max_tokens=50, messages=MESSAGES)).text

    with raw_server(listen) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        if kind == "aiohttp":
            answer = asyncio.run(awaited())
        else:
            transport = HttpxTransport() if kind == "httpx" else None
            with Client(api_key=sim.api_key, base_url=sim.base_url, transport=transport, **QUICK) as client:
                answer = ask(client)
    assert (answer, seen) == ("fine", [])
