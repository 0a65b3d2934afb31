"""The way to the API, a step at a time: name look-up, connection, proxy, TLS, and a reply to a request without a credential.

Strategy: each step is taken when a check first asks for it, and once; the words of failures are the transports' own.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.errors import ConfigError, KeybearerError, TransportError
from keybearer.shell.transports.base import IOClock, TransportOptions
from keybearer.shell.transports.failures import connection_error, timeout_error
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.wire.request.headers import API_VERSION

if TYPE_CHECKING:
    from keybearer.shell.transports.routes import Route

__all__ = ["APIRoute", "Named", "Replied"]

PATIENCE: Final = Timeouts(connect=10.0, first_byte=20.0, idle=20.0, total=30.0)


class Named(NamedTuple):
    """A proxy.

    Attributes:
        by: What names it: `proxy`, of the configuration, or a variable.
        url: Its URL, whose repr masks the password; None for a direct connection.
    """

    by: str
    url: str | None


class Replied(NamedTuple):
    """A reply.

    Attributes:
        reply: The reply.
        seconds: How long it took, with connecting.
        at: When it came by this machine's clock, in epoch seconds.
    """

    reply: Reply
    seconds: float
    at: float


class APIRoute:
    """The way to the API.

    Args:
        base_url: Where the API is.
        options: How to connect.
    """

    def __init__(self, base_url: str, options: TransportOptions) -> None:
        self.base_url = base_url
        self.options = options
        base = base_url.rstrip("/").removesuffix("/v1")
        self._request = Request(
            method="GET",
            url=f"{base}/v1/models?limit=1",
            headers={"accept": "application/json", "anthropic-version": API_VERSION},
            timeouts=PATIENCE,
        )

    @property
    def secure(self) -> bool:
        """Whether it is https."""
        return self._request.url.startswith("https:")

    @cached_property
    def proxy(self) -> Named | ConfigError:
        """The proxy, or why it cannot be used."""
        from keybearer.shell.transports.proxies import find_proxy

        try:
            return Named(*find_proxy(self._request.url, self.options, socks=True))
        except ConfigError as error:
            return error

    @property
    def through_socks(self) -> bool:
        """Whether the proxy is a SOCKS proxy, which does more than open a tunnel."""
        return isinstance(self.proxy, Named) and (self.proxy.url or "").startswith("socks")

    @cached_property
    def route(self) -> Route:
        """The route that the transport takes.

        Raises:
            ConfigError: The proxy cannot be used.
        """
        from keybearer.shell.transports.routes import Routes

        return Routes(self.options).of(self._request.url)[0]

    @cached_property
    def addresses(self) -> list[str] | TransportError:
        """The addresses of the host that is connected to, the proxy's where there is one; or why there is none."""
        from keybearer.shell.transports.dialing import look_up

        first = self.route.proxy or self.route.origin
        try:
            found = look_up(first, time.monotonic() + (PATIENCE.connect or 0))
        except TimeoutError:
            return timeout_error("connect", PATIENCE.connect)
        except (OSError, UnicodeError) as error:
            return connection_error("proxy" if self.route.proxy else "dns", self._request.url, error)
        return list(dict.fromkeys(str(place[4][0]) for place in found))

    @cached_property
    def opened(self) -> str | TransportError:
        """The version of TLS that a connection has, an empty text for one without TLS; or why none can be made."""
        from keybearer.shell.transports.dialing import dial

        clock = IOClock(self._request)
        clock.proxied = self.route.proxy is not None
        try:
            sock: Any = dial(self.route, clock, self.options.ca_file)
        except TransportError as error:
            return error
        version = getattr(sock, "version", None)  # TLS within a proxy's own has none
        words = version() if version else "TLS" if self.secure else ""
        sock.close()
        return words or ""

    @cached_property
    def replied(self) -> Replied | KeybearerError:
        """The reply to a request without a credential, or why there is none."""
        from keybearer.shell.clocks import CLOCKS
        from keybearer.shell.transports.default import DefaultTransport

        begun = CLOCKS.monotonic()
        try:
            transport = DefaultTransport(self.options)
            try:
                reply = transport.send(self._request)
            finally:
                transport.close()
        except KeybearerError as error:
            return error
        return Replied(reply, CLOCKS.monotonic() - begun, CLOCKS.wall())
