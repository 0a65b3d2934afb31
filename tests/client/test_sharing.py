"""Clients that are shared: by threads, by event loops one after another, across a fork; and streams that are read again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import time
import warnings
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import trio

from keybearer import AsyncClient, Client, Timeouts
from keybearer import errors as e
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server
from support.sse import RICH, frames

MODEL = "claude-haiku-4-5"


def say(word: str) -> Any:
    """Return a conversation that asks for a word."""
    return [{"role": "user", "content": f'Say "{word}"'}]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_shares_no_connection(sim: Simulator) -> None:
    """After a fork parent and child each get their own answers, on connections of their own."""
    read, write = os.pipe()
    with Client(api_key=sim.api_key, base_url=sim.base_url, model=MODEL) as client:
        client.messages.create(max_tokens=20, messages=say("first"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: that is what is tested
            child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                answers = [client.messages.create(max_tokens=20, messages=say("child")).text for _ in range(4)]
                os.write(write, ",".join(answers).encode())
            os._exit(0)
        ours = [client.messages.create(max_tokens=20, messages=say("parent")).text for _ in range(4)]
        os.close(write)
        theirs = os.read(read, 1000).decode()
        os.waitpid(child, 0)
        os.close(read)
    assert ours == ["parent"] * 4
    assert theirs == "child,child,child,child"


def test_threads_share_one_transport(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first calls of many threads make one transport between them, and each gets its own answer."""
    import keybearer.shell.transports.http_client as module

    made: list[int] = []
    real = module.HTTPClientTransport

    class Counted(real):  # type: ignore[misc, valid-type] # the class under test
        def __init__(self, *args: Any) -> None:
            made.append(1)
            time.sleep(0.01)
            super().__init__(*args)

    monkeypatch.setattr(module, "HTTPClientTransport", Counted)
    answers: dict[int, str] = {}
    with Client(api_key=sim.api_key, base_url=sim.base_url, model=MODEL) as client:

        def one(number: int) -> None:
            answers[number] = client.messages.create(max_tokens=20, messages=say(f"number {number}")).text

        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 1
    assert answers == {number: f"number {number}" for number in range(8)}


def test_event_loops_one_after_another_leak_nothing(sim: Simulator) -> None:
    """Twenty loops on one client: the answers come, no warning is given, and no descriptor stays open."""
    client = AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL)

    async def one() -> str:
        return (await client.messages.create(max_tokens=20, messages=say("fine"))).text

    asyncio.run(one())
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [asyncio.run(one()) for _ in range(20)] == ["fine"] * 20
        gc.collect()
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 8
    asyncio.run(client.close())


def test_one_client_on_both_kinds_of_event_loop(sim: Simulator) -> None:
    """On trio and then on asyncio a client uses the transport of each, and closes it there."""
    client = AsyncClient(api_key=sim.api_key, base_url=sim.base_url, model=MODEL)

    async def one() -> str:
        answer = (await client.messages.create(max_tokens=20, messages=say("fine"))).text
        await client._transport.close()
        return answer

    assert [trio.run(one), asyncio.run(one()), trio.run(one)] == ["fine"] * 3


def test_a_stream_that_nobody_closed_gives_its_place_back_from_anywhere() -> None:
    """A finalizer that runs while the gate is held cannot wait for it: the place passes on with the next that comes."""
    concurrency = ConcurrencyLimiter(1, future=Future, lock=threading.Lock())
    assert concurrency.acquire() is None
    with concurrency._lock:
        concurrency.release_later()
    assert concurrency.in_use == 0
    assert concurrency.acquire() is None


def test_a_stream_read_again_after_it_failed_says_the_same_again() -> None:
    """No way of reading on gives a quiet end: not after a cut, and not after the stream was closed."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            peer.chunk(frames(*RICH[:9]))
            peer.chunk(b"")

    with raw_server(script) as server, Client(api_key="sk-ant-x", base_url=server.url, model=MODEL) as client:
        with client.messages.stream(max_tokens=5, messages=say("x")) as stream:
            with pytest.raises(e.StreamTruncated):
                list(stream)
            for again in (
                list,
                lambda s: list(s.text_stream),
                lambda s: s.get_final_message(),
                lambda s: s.until_done(),
            ):
                with pytest.raises(e.StreamTruncated):
                    again(stream)
        raw = client.messages.create(max_tokens=5, messages=say("x"), stream=True)
        next(iter(raw))
        raw.close()
        with pytest.raises(e.StreamError, match="closed before"):
            list(raw)


# ── what must not be sent twice ──────────────────────────────────────────────

OK = b'{"type": "message", "role": "assistant", "content": [], "usage": {}}'


def test_a_request_that_the_service_worked_on_is_not_sent_again_silently() -> None:
    """A kept-alive connection that ends long after the request came is a failure, not a stale connection."""
    seen: list[int] = []

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(OK)
        if peer.request():
            seen.append(peer.number)
            time.sleep(0.7)

    with raw_server(script) as server:
        with Client(api_key="sk-ant-x", base_url=server.url, model=MODEL, max_retries=0) as client:
            client.messages.create(max_tokens=5, messages=say("x"))
            with pytest.raises(e.ConnectionFailed):
                client.messages.create(max_tokens=5, messages=say("x"))
    assert seen == [0]


def test_a_time_out_after_the_request_was_delivered_is_not_tried_again() -> None:
    """The service may be at work on it, and would be paid for it twice."""
    seen: list[int] = []

    def script(peer: Peer) -> None:
        peer.request()
        seen.append(peer.number)
        peer.sock.recv(1)

    options: Any = {"retry": RetryPolicy(min_delay=0.001, max_delay=0.001), "timeout": Timeouts(first_byte=0.1)}
    with raw_server(script) as server:
        with Client(api_key="sk-ant-x", base_url=server.url, model=MODEL, **options) as client:
            with pytest.raises(e.TimedOut):
                client.messages.create(max_tokens=5, messages=say("x"))
    assert seen == [0]


def test_on_overload_keeps_the_retries_for_what_is_no_overload(sim: Simulator) -> None:
    """A 500 is tried again on the same model; only an overload goes to another."""
    retry = RetryPolicy(min_delay=0.001, max_delay=0.001)
    with Client(
        api_key=sim.api_key, base_url=sim.base_url, model=MODEL, on_overload=["claude-opus-4-6"], retry=retry
    ) as client:
        sim.fail("error", status=500, times=1)
        assert client.messages.create(max_tokens=20, messages=say("fine")).model.startswith(MODEL)


def test_a_long_answer_has_as_long_as_it_takes() -> None:
    """Without a time-out of its own, a call for 64,000 tokens has half an hour; one that names a time-out has that."""
    with Client(api_key="sk-ant-x", base_url="http://127.0.0.1:9", model=MODEL) as client:
        assert client._settings.defaults.timeouts_for({"max_tokens": 64_000}).total == 1800
        assert client._settings.defaults.timeouts_for({"max_tokens": 64_000, "timeout": 30}).total == 30
        assert client._settings.defaults.timeouts_for({"max_tokens": 100}).total == 600
    for timeout in (20, 600, 600.0, Timeouts(total=600)):
        with Client(api_key="sk-ant-x", base_url="http://127.0.0.1:9", model=MODEL, timeout=timeout) as client:
            assert client._settings.defaults.timeouts_for({"max_tokens": 64_000}).total == (
                20 if timeout == 20 else 600
            )
    with Client(api_key="sk-ant-x", base_url="http://127.0.0.1:9", model=MODEL, timeout=Timeouts(connect=5)) as client:
        assert client._settings.defaults.timeouts_for({"max_tokens": 64_000}).total == 1800


def test_one_strange_reply_does_not_silence_a_client() -> None:
    """Headers that say the year 2099 hold the next call back for a minute at the most, and figures that are none are no error."""
    headers = (
        "content-type: application/json\r\nanthropic-ratelimit-requests-limit: 5\r\nanthropic-ratelimit-requests-remaining: 0\r\n"
        "anthropic-ratelimit-requests-reset: 2099-01-01T00:00:00Z\r\n"
    )
    strange = b'{"type": "message", "role": "assistant", "content": [], "usage": {"input_tokens": null, "output_tokens": "x"}}'

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(strange, headers=headers)

    with raw_server(script) as server, Client(api_key="sk-ant-x", base_url=server.url, model=MODEL) as client:
        client.messages.create(max_tokens=5, messages=say("x"))
        adaptive = client._settings.exchange.admission.adaptive
        assert adaptive is not None
        assert adaptive.wait(time.time()) <= 60


def test_json_in_answer_to_a_stream_is_reported() -> None:
    """A 200 that is no event stream is UnexpectedResponse, whatever JSON it is."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(OK, headers="content-type: application/x+json\r\n")

    with raw_server(script) as server, Client(api_key="sk-ant-x", base_url=server.url, model=MODEL) as client:
        with pytest.raises(e.UnexpectedResponse, match="where an event stream was due"):
            client.messages.create(max_tokens=5, messages=say("x"), stream=True)


def test_the_client_s_own_betas_and_version_count_for_what_is_refused(sim: Simulator) -> None:
    """A beta or a version given to the client is what its requests are judged by."""
    thinking: Any = {"type": "enabled", "budget_tokens": 3000}
    with Client(
        api_key=sim.api_key, base_url=sim.base_url, model="claude-opus-4-6", betas=["interleaved-thinking-2025-05-14"]
    ) as client:
        client.messages.create(max_tokens=2000, messages=say("fine"), thinking=thinking)
    with Client(
        api_key=sim.api_key, base_url=sim.base_url, model=MODEL, default_headers={"Anthropic-Version": "2023-06-01"}
    ) as client:
        client.messages.create(max_tokens=20, messages=say("fine"), temperature=1.0)
