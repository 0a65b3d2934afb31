"""The results of a batch: rows as they come, each matched to its request, and never fewer in silence."""

from __future__ import annotations

import asyncio
import itertools
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from keybearer import AsyncClient, BatchRow, Client
from keybearer import errors as e
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server


@pytest.fixture
def client(sim: Simulator) -> Any:
    """A client of the simulator."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, max_retries=0) as client:
        yield client


def rows(*lines: Any, cut: bool = False) -> Any:
    """Return a script that answers with rows, each in a chunk of its own."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-jsonl\r\ntransfer-encoding: chunked\r\n\r\n")
            for line in lines:
                peer.chunk(json.dumps(line).encode() + b"\n")
            if cut:
                return
            peer.chunk(b"")

    return script


def test_a_row_that_failed_says_why() -> None:
    """In the service's words, or ours where it has none."""
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: too large"}}
    lines = [
        {"custom_id": "a", "result": {"type": "errored", "error": error}},
        {"custom_id": "b", "result": {"type": "expired"}},
        {"custom_id": "c", "result": {"type": "canceled"}},
        {"custom_id": "d", "result": {"type": "of a later service"}},
    ]
    with raw_server(rows(*lines)) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        why = [row.failure for row in client.messages.batches.results("msgbatch_1")]
    assert why == [
        "invalid_request_error: max_tokens: too large",
        "expired: the batch's 24 hours passed before it was begun",
        "canceled: the batch was cancelled before it was begun",
        "of a later service",
    ]


@pytest.mark.parametrize("awaited", [False, True])
def test_results_that_are_cut_are_never_whole(awaited: bool) -> None:
    """What came was given; then the error says after how many rows."""
    lines = [{"custom_id": f"r{n}", "result": {"type": "expired"}} for n in range(5)]
    seen: list[str] = []

    async def read(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url) as client:
            async for row in await client.messages.batches.results("msgbatch_1"):
                seen.append(row.custom_id)  # noqa: PERF401 - those before the error count

    def read_blocking(url: str) -> None:
        with Client(api_key="sk-ant-test", base_url=url) as client:
            for row in client.messages.batches.results("msgbatch_1"):
                seen.append(row.custom_id)  # noqa: PERF401 - those before the error count

    with raw_server(rows(*lines, cut=True)) as server, pytest.raises(e.StreamTruncated, match="after 5") as caught:
        asyncio.run(read(server.url)) if awaited else read_blocking(server.url)
    assert (seen, caught.value.events) == ([f"r{n}" for n in range(5)], 5)


def test_the_credential_goes_to_the_api_alone() -> None:
    """The URL that a batch names for its results is not followed."""
    asked: list[bytes] = []

    def elsewhere(peer: Peer) -> None:
        asked.append(peer.request())

    with raw_server(elsewhere) as other:
        batch = {"type": "message_batch", "id": "msgbatch_1", "processing_status": "ended", "results_url": other.url}

        def script(peer: Peer) -> None:
            head = peer.request()
            if b"/results" in head:
                peer.reply(b"", headers="content-type: application/x-jsonl\r\n")
            else:
                peer.reply(json.dumps(batch).encode())

        with raw_server(script) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
            ended = client.messages.batches.wait("msgbatch_1")
            assert list(client.messages.batches.results(ended.id)) == []
    assert asked == []


def test_a_long_file_of_results_is_never_held_whole() -> None:
    """20,000 rows take less than 4 MB of Python's memory, and leaving in the middle closes the connection."""
    line = json.dumps({"custom_id": "r", "result": {"type": "expired"}}).encode() + b"\n"

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-jsonl\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(200):
                peer.chunk(line * 100)
            peer.chunk(b"")

    def read(client: Client) -> Iterator[BatchRow]:
        return iter(client.messages.batches.results("msgbatch_1"))

    with raw_server(script) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        tracemalloc.start()
        try:
            assert sum(1 for _ in read(client)) == 20_000
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
        finally:
            tracemalloc.stop()
        with client.messages.batches.results("msgbatch_1") as some:
            assert len(list(itertools.islice(some, 10))) == 10
        with pytest.raises(e.UsageError, match="was read or closed already"):
            list(some)


@pytest.mark.parametrize("awaited", [False, True])
def test_results_that_only_the_connection_s_end_ends_are_counted(awaited: bool) -> None:
    """Cut between two rows they look whole: their number is compared with the batch's, which is asked for once."""
    line = json.dumps({"custom_id": "r", "result": {"type": "expired"}}).encode() + b"\n"
    asked: list[bytes] = []

    def script(peer: Peer) -> None:
        head = peer.request().split(b" HTTP")[0]
        asked.append(head)
        if head.endswith(b"/results"):
            peer.send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/x-jsonl\r\nconnection: close\r\n\r\n" + line * due[0]
            )
        else:
            counts = {"succeeded": 1, "errored": 0, "canceled": 0, "expired": 2, "processing": 0}
            peer.reply(json.dumps({"id": "msgbatch_1", "request_counts": counts}).encode())

    async def read(url: str) -> int:
        async with AsyncClient(api_key="sk-ant-test", base_url=url, concurrency=1) as client:
            return len([row async for row in await client.messages.batches.results("msgbatch_1")])

    def read_blocking(url: str) -> int:
        with Client(api_key="sk-ant-test", base_url=url, concurrency=1) as client:
            return len(list(client.messages.batches.results("msgbatch_1")))

    due = [3]
    with raw_server(script) as server:
        assert (asyncio.run(read(server.url)) if awaited else read_blocking(server.url)) == 3
        assert len(asked) == 2
        due[0] = 2
        with pytest.raises(e.StreamTruncated, match="after 2 of 3 rows") as caught:
            asyncio.run(read(server.url)) if awaited else read_blocking(server.url)
    assert caught.value.events == 2


def test_a_batch_that_expires_is_waited_for_and_each_row_says_so() -> None:
    """Its requests that were not begun in a day expire; those that were answered before are there."""
    with Simulator(batch_seconds=48 * 3600) as sim, Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        ask: Any = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        batch = client.messages.batches.create(requests=[{"custom_id": f"r{n}", "params": ask} for n in range(4)])
        sim.clock.advance(24 * 3600 + 1)
        ended = client.messages.batches.wait(batch.id)
        assert (ended.request_counts.succeeded, ended.request_counts.expired) == (2, 2)
        rows = list(client.messages.batches.results(batch.id))
    assert [row.message is not None for row in rows].count(True) == 2
    assert [row.failure for row in rows if row.message is None] == [
        "expired: the batch's 24 hours passed before it was begun"
    ] * 2
