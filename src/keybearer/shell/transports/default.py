"""The transport that a client uses when it is given none, made at the first request.

Strategy: http.client and aiohttp; httpx2 for what they cannot do, which is trio and SOCKS proxies.

Loading an HTTP library costs more than the rest of `import keybearer`, so it is loaded at the first request, and on asyncio in a
thread, so that the event loop is not blocked.
"""

from __future__ import annotations

import os
import threading
from functools import partial

from keybearer.errors import UsageError
from keybearer.shell.runtime import current_runtime, on_trio
from keybearer.shell.transports.base import AsyncTransport, Transport, TransportOptions
from keybearer.types.http import Reply, Request

__all__ = ["DefaultAsyncTransport", "DefaultTransport"]


def _is_socks(proxy: str | None) -> bool:
    """Return whether a proxy needs httpx2.

    Raises:
        UsageError: It does, and httpx2 is not installed.
    """
    if not (proxy or "").startswith("socks"):
        return False
    import importlib.util

    if importlib.util.find_spec("httpx2") is None or importlib.util.find_spec("socksio") is None:
        raise UsageError(
            "A SOCKS proxy needs httpx2, which is not installed.",
            hint="Install keybearer with its extra: 'keybearer[httpx]'",
        )
    return True


def _through_socks(url: str, options: TransportOptions) -> bool:
    from keybearer.shell.transports.proxies import proxy_for

    return _is_socks(proxy_for(url, options, socks=True))


class DefaultTransport:
    """http.client, loaded at the first request. A forked child has its own, since processes cannot share a connection.

    Args:
        options: How to connect.

    Raises:
        UsageError: The proxy needs httpx2, which is not installed.
    """

    def __init__(self, options: TransportOptions) -> None:
        _is_socks(options.proxy)  # raise now, not at the first request
        self._options = options
        self._transport: Transport | None = None
        self._process = 0
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        transport = self._transport
        if transport is None or self._process != os.getpid():
            transport = self._make(request.url)
        return transport.send(request)

    def close(self) -> None:
        """Close every connection."""
        if self._transport is not None and self._process == os.getpid():
            self._transport.close()

    def _make(self, url: str) -> Transport:
        if self._process not in {0, os.getpid()}:
            self._lock = threading.Lock()  # in a forked child: a thread of the parent may have held the old one
        with self._lock:
            if self._transport is None or self._process != os.getpid():
                # The parent's pools are dropped, not closed: their connections are the parent's.
                _kept.append(self._transport)
                self._transport, self._process = self._choose(url), os.getpid()
            return self._transport

    def _choose(self, url: str) -> Transport:
        if _through_socks(url, self._options):
            from keybearer.shell.transports.httpx_transport import HttpxTransport

            return HttpxTransport(self._options)
        from keybearer.shell.transports.http_client import HTTPClientTransport

        return HTTPClientTransport(self._options)


_kept: list[object] = []
"""Transports that a forked child inherited. Collecting one would send TLS close messages on the parent's connections."""


class DefaultAsyncTransport:
    """aiohttp on asyncio, httpx2 on trio; loaded at the first request, one for each kind of event loop and each process.

    Args:
        options: How to connect.

    Raises:
        UsageError: The proxy needs httpx2, which is not installed.
    """

    def __init__(self, options: TransportOptions) -> None:
        _is_socks(options.proxy)  # raise now, not at the first request
        self._options = options
        self._transports: dict[tuple[int, bool], AsyncTransport] = {}

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        key = (os.getpid(), on_trio())
        transport = self._transports.get(key)
        if transport is None:
            made = await current_runtime().blocking(partial(self._choose, request.url, on_trio=key[1]))
            transport = self._transports.setdefault(
                key, made
            )  # another task may have been first; then this one is unused
        return await transport.send(request)

    async def close(self) -> None:
        """Close every connection of this kind of event loop."""
        transport = self._transports.pop((os.getpid(), on_trio()), None)
        if transport is not None:
            await transport.close()

    def _choose(self, url: str, *, on_trio: bool) -> AsyncTransport:
        if not on_trio and not _through_socks(url, self._options):
            from keybearer.shell.transports.aiohttp_transport import AiohttpTransport

            return AiohttpTransport(self._options)
        try:
            from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport
        except ImportError as error:
            raise UsageError(
                "On trio, keybearer sends its requests with httpx2, which is not installed.",
                hint="Install keybearer with its extra: 'keybearer[httpx]'",
            ) from error
        return AsyncHttpxTransport(self._options)
