"""How an origin is reached: where to connect to, through which proxy, and what a request to it says.

Found out once for each origin: reading the environment and a URL costs more than the rest of a request.
"""

from __future__ import annotations

import base64
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.proxies import Proxies
from keybearer.types.secret import Secret

__all__ = ["Address", "Route", "Routes"]

PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """A host and a port, and whether TLS is spoken with it."""

    host: str
    port: int
    secure: bool


class Route(NamedTuple):
    """How an origin is reached.

    Attributes:
        origin: The origin.
        host: Its `host` header.
        proxy: The proxy; None for a direct connection.
        login: The proxy's login as the value of its header; None for none.
    """

    origin: Address
    host: str
    proxy: Address | None
    login: Secret | None

    @property
    def tunnelled(self) -> bool:
        """Whether the proxy is asked for a tunnel: for an origin with TLS."""
        return self.proxy is not None and self.origin.secure

    @property
    def forwarded(self) -> bool:
        """Whether the proxy is asked for whole URLs: for an origin in clear text."""
        return self.proxy is not None and not self.origin.secure

    @property
    def key(self) -> tuple[Address, Address | None, str]:
        """What connections are kept by: one that serves an origin, or through a proxy all origins in clear text."""
        login = "" if self.login is None else str(hash(self.login))
        return (self.proxy, self.proxy, login) if self.forwarded and self.proxy else (self.origin, self.proxy, login)


class Routes:
    """The route of each origin.

    Args:
        options: How the transport connects.
    """

    def __init__(self, options: TransportOptions) -> None:
        self._proxies = Proxies(options)
        self._known: dict[str, Route] = {}

    def of(self, url: str) -> tuple[Route, str]:
        """Return the route to a URL, and what the request's first line asks for.

        Raises:
            ConfigError: The environment names a proxy that cannot be used.
        """
        scheme, _, host, path = url.split("/", 3)
        route = self._known.get(scheme + host)
        if route is None:
            route = self._known[scheme + host] = _find(url, self._proxies.of(url))
        return route, url if route.forwarded else "/" + path


def _find(url: str, proxy: str | None) -> Route:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{PORTS[parts.scheme]}")
    return Route(_address(url), host, _address(proxy) if proxy else None, _login(proxy) if proxy else None)


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return Address(parts.hostname or "", parts.port or PORTS[parts.scheme], parts.scheme == "https")


def _login(proxy: str) -> Secret | None:
    """Return the header for a proxy whose URL has a user and a password (RFC 7617)."""
    user, mark, _ = urlsplit(proxy).netloc.rpartition("@")
    if not mark:
        return None
    name, colon, password = user.partition(":")
    text = Secret(f"{unquote(name)}{colon or ':'}{unquote(password)}")
    return Secret("Basic " + base64.b64encode(text.reveal().encode()).decode())
