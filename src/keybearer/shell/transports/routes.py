"""Routes: where to connect for an origin, through which proxy, and what the request line names.

Each origin's route is computed once, because reading the environment and parsing a URL costs more than the rest of a request.
"""

from __future__ import annotations

import base64
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.proxies import PORTS, Proxies
from keybearer.types.secret import Secret

__all__ = ["Address", "Route", "Routes"]


class Address(NamedTuple):
    """A host and a port, and whether to use TLS."""

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
        """Whether the proxy opens a tunnel, as for every https origin."""
        return self.proxy is not None and self.origin.secure

    @property
    def forwarded(self) -> bool:
        """Whether the proxy forwards requests by their URL, as for every http origin."""
        return self.proxy is not None and not self.origin.secure

    @property
    def key(self) -> tuple[Address, Address | None, str]:
        """The key of pooled connections: the origin's, or the proxy's where it forwards for all http origins."""
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
        """Return the route to a URL, and the target for the request line.

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
    """Return the value of proxy-authorization for a proxy URL with a user and password (RFC 7617)."""
    user, mark, _ = urlsplit(proxy).netloc.rpartition("@")
    if not mark:
        return None
    name, colon, password = user.partition(":")
    text = Secret(f"{unquote(name)}{colon or ':'}{unquote(password)}")
    return Secret("Basic " + base64.b64encode(text.reveal().encode()).decode())
