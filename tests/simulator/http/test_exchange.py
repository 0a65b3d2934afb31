"""How a reply is framed, and how a body is given to the application."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from keybearer.simulator.http.exchange import ServedExchange
from keybearer.simulator.http.head import read_head


class FakeWire:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep the bytes, the date left out."""
        self.written.append(re.sub(rb"date: [^\r]*\r\n", b"", data))

    async def drain(self) -> None:
        """Do not wait."""

    def read_on(self) -> None:
        """Nothing was paused."""


def reply(line: bytes, headers: list[tuple[bytes, bytes]], *pieces: bytes, status: int = 200) -> tuple[Any, bool]:
    """Send a reply; return what was written, and whether the connection may go on."""
    wire = FakeWire()
    exchange = ServedExchange(read_head(line + b"\r\n"), wire)
    exchange.arrived(b"", ended=True)

    async def send() -> None:
        await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
        for index, piece in enumerate(pieces, 1):
            await exchange.send({"type": "http.response.body", "body": piece, "more_body": index < len(pieces)})

    asyncio.run(send())
    return wire.written, exchange.keep_alive


def test_a_plain_reply_is_one_write() -> None:
    """The head and the body go out together."""
    assert reply(b"GET / HTTP/1.1", [(b"content-length", b"2")], b"ab") == (
        [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab"],
        True,
    )


def test_a_reply_without_a_length_is_chunked() -> None:
    """Each piece is a chunk, an empty one is none, and the last is followed by the end."""
    assert reply(b"GET / HTTP/1.1", [], b"ab", b"", b"0123456789abcdef", status=529) == (
        [
            b"HTTP/1.1 529 \r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
            b"",
            b"10\r\n0123456789abcdef\r\n0\r\n\r\n",
        ],
        True,
    )


def test_an_old_client_gets_no_chunks() -> None:
    """For HTTP/1.0 the end of the connection is the end of the body."""
    assert reply(b"GET / HTTP/1.0", [], b"ab") == ([b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab"], False)


def test_no_body_where_there_can_be_none() -> None:
    """HEAD and 204 have none, whatever the application sends."""
    assert reply(b"HEAD / HTTP/1.1", [(b"content-length", b"2")], b"ab") == (
        [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"],
        True,
    )
    assert reply(b"GET / HTTP/1.1", [], b"", status=204) == ([b"HTTP/1.1 204 No Content\r\n\r\n"], True)


def test_a_reply_that_closes() -> None:
    """A reply with `connection: close` is the last."""
    written, keep_alive = reply(b"GET / HTTP/1.1", [(b"content-length", b"0"), (b"connection", b"close")], b"")
    assert (written, keep_alive) == ([b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"], False)


@pytest.mark.parametrize("body", [b"a", b"abc"])
def test_a_length_is_kept(body: bytes) -> None:
    """A body that does not fit the length that the head says is an error, and never looks complete."""
    with pytest.raises(RuntimeError, match="content-length"):
        reply(b"GET / HTTP/1.1", [(b"content-length", b"2")], body)


def test_a_body_in_pieces_for_a_client_that_waits() -> None:
    """A client that waits for a 100 gets it once, when its body is wanted; after the body comes the disconnect."""
    wire = FakeWire()
    exchange = ServedExchange(read_head(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 4\r\n"), wire)

    async def read() -> list[Any]:
        wanted = asyncio.create_task(exchange.receive())
        await asyncio.sleep(0)
        exchange.arrived(b"ab", ended=False)
        first = await wanted
        exchange.arrived(b"c", ended=False)
        exchange.arrived(b"d", ended=True)
        second = await exchange.receive()
        exchange.lost()
        return [first, second, await exchange.receive()]

    assert asyncio.run(read()) == [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"cd", "more_body": False},
        {"type": "http.disconnect"},
    ]
    assert wire.written == [b"HTTP/1.1 100 Continue\r\n\r\n"]
