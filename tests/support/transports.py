"""Every transport adapter behind one protocol, and a request to send with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.http_client import HTTPClientTransport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.types.http import Reply, Request, Timeouts

QUICK = Timeouts(connect=5, first_byte=5, idle=5, total=10)


class Blocking:
    """An async adapter behind the sync protocol, on an event loop of its own, so that one test runs on both kinds."""

    def __init__(self, make: Callable[[TransportOptions], Any], options: TransportOptions) -> None:
        self._loop = asyncio.new_event_loop()
        self._transport = make(options)

    def send(self, request: Request) -> Reply:
        reply: Reply = self._run(self._transport.send(request))
        if reply.stream is not None:
            return msgspec.structs.replace(reply, stream=_BlockingStream(reply.stream, self._run))
        return reply

    def close(self) -> None:
        self._run(self._transport.close())
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)


class _BlockingStream:
    def __init__(self, stream: Any, run: Callable[[Any], Any]) -> None:
        self._stream, self._run = stream, run

    def read(self) -> bytes:
        data: bytes = self._run(self._stream.read())
        return data

    def finish(self) -> None:
        self._run(self._stream.finish())

    def close(self) -> None:
        self._run(self._stream.close())


Make = Callable[..., Any]

ADAPTERS: dict[str, Callable[[TransportOptions], Any]] = {
    "http.client": HTTPClientTransport,
    "aiohttp": lambda options: Blocking(AiohttpTransport, options),
    "httpx": HttpxTransport,
    "httpx-async": lambda options: Blocking(AsyncHttpxTransport, options),
}


def request(url: str, *, stream: bool = False, timeouts: Timeouts = QUICK, body: bytes = b"{}") -> Request:
    """Return a signed request."""
    headers = {"x-api-key": "canary-key", "content-type": "application/json", "accept-encoding": "identity"}
    return Request(
        method="POST", url=url + "/v1/messages", headers=headers, body=body, stream=stream, timeouts=timeouts
    )


def read_all(reply: Reply) -> None:
    """Read a stream to its end and close it."""
    try:
        while reply.stream.read():
            pass
    finally:
        reply.stream.close()
