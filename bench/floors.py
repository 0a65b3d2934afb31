"""The floors: loops that only send, read and decode, on bare sockets.

They check nothing, know no deadline, build no message and cannot fail well: what a client costs above them is what it is for.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any, Final

import msgspec
from bench.case import ASK, Run

__all__ = ["made", "many_streams", "one_stream", "plain_async", "plain_at_once", "plain_sync", "stream_sync"]

_loads: Final = msgspec.json.Decoder().decode
_DATA: Final = b"data: "


def request(run: Run, body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    body = body or json.dumps(ASK).encode()
    return f"POST {run.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def plain_sync(run: Run) -> None:
    """Send, read, decode; one request after another."""
    wire = request(run)
    with socket.create_connection(("127.0.0.1", run.port)) as sock, run.measure(run.n):
        for _ in range(run.n):
            sock.sendall(wire)
            assert _loads(sock.recv(65536).partition(b"\r\n\r\n")[2])["stop_reason"] == "end_turn"


async def plain_async(run: Run) -> None:
    """Send, read, decode, on asyncio's streams."""
    wire = request(run)
    reader, writer = await asyncio.open_connection("127.0.0.1", run.port)
    with run.measure(run.n):
        for _ in range(run.n):
            writer.write(wire)
            assert _loads((await reader.read(65536)).partition(b"\r\n\r\n")[2])["stop_reason"] == "end_turn"
    writer.close()


async def plain_at_once(run: Run, width: int) -> None:
    """Send, read, decode, on that many connections at a time."""
    wire = request(run)

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(wire)
        assert _loads((await reader.read(65536)).partition(b"\r\n\r\n")[2])["stop_reason"] == "end_turn"

    opened = [await asyncio.open_connection("127.0.0.1", run.port) for _ in range(width)]
    with run.measure(run.n):
        for _ in range(run.n // width):
            await asyncio.gather(*(ask(reader, writer) for reader, writer in opened))
    for _, writer in opened:
        writer.close()


def made(run: Run, body: Callable[[], bytes]) -> None:
    """Make a body, send, read, decode; one request after another."""
    with socket.create_connection(("127.0.0.1", run.port)) as sock, run.measure(run.n):
        for _ in range(run.n):
            content = body()
            sock.sendall(request(run, content)[: -len(content)])
            sock.sendall(content)
            assert _loads(sock.recv(65536).partition(b"\r\n\r\n")[2])["type"] == "message"


class _Events:
    """Decode what is complete of the bytes so far."""

    def __init__(self, on_event: Callable[[Any], None] | None = None) -> None:
        self._rest = b""
        self._on_event = on_event
        self.ended = False

    def feed(self, data: bytes) -> None:
        """Take more bytes, HTTP's chunk marks among them: only the data lines are looked at."""
        data = self._rest + data
        at = data.find(_DATA)
        while at >= 0 and (end := data.find(b"\n", at)) >= 0:
            event = _loads(data[at + len(_DATA) : end])
            if self._on_event is not None:
                self._on_event(event)
            if event["type"] == "message_stop":
                self.ended = True
            at = data.find(_DATA, end)
        self._rest = data[at:] if at >= 0 else data[-len(_DATA) :]


def stream_sync(run: Run) -> None:
    """Read and decode one stream."""
    with socket.create_connection(("127.0.0.1", run.port)) as sock:
        sock.sendall(request(run))
        events = _Events()
        while not events.ended:
            events.feed(sock.recv(65536))


class _Protocol(asyncio.Protocol):
    def __init__(self, wire: bytes, done: asyncio.Future[None], events: _Events) -> None:
        self._wire, self._done, self._events = wire, done, events

    def connection_made(self, transport: Any) -> None:
        transport.write(self._wire)

    def data_received(self, data: bytes) -> None:
        self._events.feed(data)
        if self._events.ended and not self._done.done():
            self._done.set_result(None)


async def one_stream(run: Run, on_event: Callable[[Any], None] | None = None) -> None:
    """Read and decode one stream in a bare asyncio protocol."""
    events = _Events(on_event)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    transport, _ = await loop.create_connection(lambda: _Protocol(request(run), done, events), "127.0.0.1", run.port)
    await done
    transport.close()


async def many_streams(run: Run, streams: int, on_text: Callable[[str], None]) -> None:
    """Read many streams at a time."""

    def on_event(event: Any) -> None:
        if event["type"] == "content_block_delta":
            on_text(event["delta"]["text"])

    await asyncio.gather(*(one_stream(run, on_event) for _ in range(streams)))
