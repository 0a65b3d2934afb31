"""The transport that a client uses when it is given none, made at the first request.

Strategy: http.client and aiohttp, and httpx2 where they cannot do what is asked for: on trio, and through a SOCKS proxy.

Loading an HTTP library costs more than everything else that an import of keybearer does; a client that sends nothing pays nothing. The
event loop does not stand still for it: it is loaded in a thread.
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
    """Return whether a proxy is one that only httpx2 can use.

    Raises:
        UsageError: It is, and httpx2 is not installed.
    """
    if not (proxy or "").startswith("socks"):
        return False
    import importlib.util

    if importlib.util.find_spec("httpx2") is None or importlib.util.find_spec("socksio") is None:
        raise UsageError(
            "A SOCKS proxy needs httpx2, which is not installed.",
            hint="Install it with: pip install 'keybearer[httpx]'",
        )
    return True


def _through_socks(url: str, options: TransportOptions) -> bool:
    from keybearer.shell.transports.proxies import proxy_for

    return _is_socks(proxy_for(url, options, socks=True))


class DefaultTransport:
    """http.client, loaded at the first request; one of its own for each process, since a connection cannot be shared across a fork.

    Args:
        options: How to connect.

    Raises:
        UsageError: The proxy is one that needs httpx2, which is not installed.
    """

    def __init__(self, options: TransportOptions) -> None:
        _is_socks(options.proxy)  # told now, not at the first request
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
            self._lock = threading.Lock()  # after a fork: a thread that is not here may have held the other
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
"""What a child process inherited: were it collected, its TLS connections would say goodbye in the parent's name."""


class DefaultAsyncTransport:
    """aiohttp on asyncio, httpx2 on trio; loaded at the first request, one for each kind of event loop and each process.

    Args:
        options: How to connect.

    Raises:
        UsageError: The proxy is one that needs httpx2, which is not installed.
    """

    def __init__(self, options: TransportOptions) -> None:
        _is_socks(options.proxy)  # told now, not at the first request
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
            )  # another task may have come first; what it lacks is unused
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
                hint="Install it with: pip install 'keybearer[httpx]'",
            ) from error
        return AsyncHttpxTransport(self._options)
