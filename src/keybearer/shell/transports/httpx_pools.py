"""The pools of httpcore2, and a request as they take it.

Strategy: a pool for each proxy, and one for direct connections.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from urllib.parse import unquote, urlsplit

import httpcore2

from keybearer.shell.transports.base import IOClock, TransportOptions
from keybearer.shell.transports.http1_head import without_framing
from keybearer.shell.transports.pool import KEEP_IDLE
from keybearer.shell.transports.proxies import PORTS, Proxies
from keybearer.shell.transports.tls import tls_context
from keybearer.types.http import Request

__all__ = ["Pools", "httpcore_request"]

P = TypeVar("P")
"""A connection pool of httpcore2."""


def _host(name: str | None) -> bytes:
    host = name or ""
    return host.encode("ascii" if host.isascii() else "idna")


def _proxy(url: str, ca_file: str | None) -> httpcore2.Proxy:
    parts = urlsplit(url)
    login, mark, _ = parts.netloc.rpartition("@")
    name, _, password = login.partition(":")
    return httpcore2.Proxy(
        httpcore2.URL(scheme=parts.scheme, host=_host(parts.hostname), port=parts.port, target="/"),
        auth=(unquote(name).encode(), unquote(password).encode()) if mark else None,
        ssl_context=tls_context(ca_file, use="httpcore2-proxy") if parts.scheme == "https" else None,
    )


def httpcore_request(request: Request, trace: Callable[..., Any], upload: Any = None) -> httpcore2.Request:
    """Return a request in httpcore2's form.

    Args:
        request: The request.
        trace: Called with each step of it, as httpcore2's `trace` extension.
        upload: The pieces of its body, where that is read while it is sent: an iterator, or an asynchronous one.
    """
    parts = urlsplit(request.url)
    headers = {"host": parts.netloc.rpartition("@")[2].removesuffix(f":{PORTS.get(parts.scheme)}")}
    headers |= without_framing(request.headers)
    if request.size or request.method == "POST":
        headers["content-length"] = str(request.size)
    return httpcore2.Request(
        request.method,
        httpcore2.URL(
            scheme=parts.scheme,
            host=_host(parts.hostname),
            port=parts.port,
            target="/" + request.url.split("/", 3)[3],
        ),
        headers=list(headers.items()),
        content=upload or request.body or None,
        extensions={"trace": trace},
    )


class Pools(Generic[P]):
    """One connection pool for each proxy, and one for direct connections.

    Args:
        kind: The class of the pools.
        backend: The class of their network backend.
        options: How to connect.
    """

    def __init__(self, kind: Callable[..., P], backend: Callable[[], Any], options: TransportOptions) -> None:
        self._kind, self._backend, self._options = kind, backend, options
        self._proxies = Proxies(options, socks=True)
        self._made: dict[str | None, P] = {}
        self._lock = threading.Lock()

    def of(self, url: str, clock: IOClock) -> P:
        """Return the pool for a URL, and note on the clock whether it goes through a proxy."""
        proxy = self._proxies.of(url)
        clock.proxied = proxy is not None
        with self._lock:
            pool = self._made.get(proxy)
            if pool is None:
                pool = self._made[proxy] = self._kind(
                    ssl_context=tls_context(self._options.ca_file, use="httpcore2"),
                    proxy=_proxy(proxy, self._options.ca_file) if proxy else None,
                    max_connections=None,
                    max_keepalive_connections=self._options.max_connections,
                    keepalive_expiry=KEEP_IDLE,
                    http2=True,
                    network_backend=self._backend(),
                )
            return pool

    def take_all(self) -> list[P]:
        """Return all pools and forget them."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        return made
