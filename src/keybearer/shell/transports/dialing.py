"""Opening a connection, blocking: name look-up, TCP, a proxy's tunnel and TLS, all under one deadline.

Strategy: the steps share `timeouts.connect`, or the rest of the call's time if that is less. A name look-up cannot be interrupted, so
it runs in a thread, which is left behind when the time has passed.

Contract: `dial` returns a socket that is connected to the origin, or raises a `TransportError` that names the step; nothing was sent
to the origin by then. The system probes a silent connection, which reveals one that a router has dropped.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import Any, Final

from keybearer.errors import TransportError
from keybearer.shell.transports.base import IOClock
from keybearer.shell.transports.routes import Address, Route
from keybearer.shell.transports.tls import tls_context

__all__ = ["KEEP_ALIVE", "dial", "keep_alive", "look_up", "probe_options"]

KEEP_ALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5))
"""How the system probes a silent connection, where it can: after a minute, then every minute, five times."""

_HEAD: Final = 16 << 10
"""The most bytes of a proxy's answer to CONNECT."""

Found = list[tuple[Any, ...]]


def probe_options() -> list[tuple[int, int, int]]:
    """Return the socket options that let the system probe a silent connection; those that it lacks are left out."""
    found = [(getattr(socket, name, None), value) for name, value in KEEP_ALIVE]
    probes = [(socket.IPPROTO_TCP, option, value) for option, value in found if option is not None]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *probes]


def keep_alive(sock: socket.socket) -> None:
    """Let the system probe a silent connection, and send small pieces at once."""
    for option in [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *probe_options()]:
        with contextlib.suppress(OSError):  # a socket of another kind
            sock.setsockopt(*option)


class DialError(Exception):
    """A step that failed, with its phase and reason. It never leaves this module."""

    def __init__(self, phase: str, reason: str | BaseException) -> None:
        super().__init__(phase)
        self.phase, self.reason = phase, reason


def dial(route: Route, clock: IOClock, ca_file: str | None) -> Any:
    """Open a connection.

    Args:
        route: Where to, and how.
        clock: The call's clock.
        ca_file: A file of certificates to trust instead of the system's store.

    Returns:
        A socket, or an object that works like one.

    Raises:
        TransportError: It could not be opened.
    """
    failure: TransportError
    try:
        limit = clock.to_connect()
        return _opened(route, None if limit is None else time.monotonic() + limit, ca_file)
    except DialError as failed:
        retryable = not isinstance(failed.reason, ssl.SSLCertVerificationError)
        failure = clock.connection_error(failed.phase, failed.reason, retryable=retryable)
    except TimeoutError:
        failure = clock.timeout_error("total" if clock.expired else "connect")
    raise failure


def _opened(route: Route, end: float | None, ca_file: str | None) -> Any:
    first = route.proxy or route.origin
    sock: Any = _connected(first, end)
    try:
        keep_alive(sock)
        if route.proxy is not None and route.proxy.secure:
            sock = _secured(sock, route.proxy, end, ca_file, phase="proxy")
        if route.tunnelled:
            sock.settimeout(_left(end))
            _tunnel(sock, route, end)
        if route.origin.secure:
            sock = _secured(sock, route.origin, end, ca_file, phase="tls")
    except BaseException:
        sock.close()
        raise
    return sock


def _left(end: float | None) -> float | None:
    if end is None:
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def look_up(address: Address, end: float | None) -> Found:
    """Return a host's addresses, as `socket.getaddrinfo` gives them.

    Raises:
        OSError: It has none; or, as a `TimeoutError`, the time has passed.
        UnicodeError: The host is not a name.
    """
    found: list[Found] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    if _is_literal(address.host):
        look_up()
    else:
        thread = threading.Thread(target=look_up, name="keybearer-dns", daemon=True)
        thread.start()
        thread.join(_left(end))
        if thread.is_alive():
            raise TimeoutError
    if failed:
        raise failed[0]
    return found[0]


def _is_literal(host: str) -> bool:
    """Return whether a host is an address, which needs no look-up."""
    return ":" in host or host.replace(".", "").isdigit()


def _connected(address: Address, end: float | None) -> socket.socket:
    """Connect to the first of a host's addresses that answers; each has its share of the remaining time."""
    try:
        found = look_up(address, end)
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        raise DialError("url" if isinstance(error, UnicodeError) else "dns", error) from None
    reason: BaseException = OSError("it has no address")
    for number, (family, kind, protocol, _, place) in enumerate(found):
        left = _left(end)
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(None if left is None else left / (len(found) - number))
        try:
            sock.connect(place)
        except OSError as error:
            sock.close()
            reason = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    if isinstance(reason, TimeoutError):
        raise TimeoutError
    raise DialError("connect", reason)


def _secured(sock: Any, address: Address, end: float | None, ca_file: str | None, *, phase: str) -> Any:
    """Start TLS on a connection; inside the TLS of a proxy where there is one."""
    context = tls_context(ca_file)
    try:
        sock.settimeout(_left(end))
        if isinstance(sock, ssl.SSLSocket):
            from keybearer.shell.transports.nested_tls import NestedTLS

            return NestedTLS(sock, context, address.host, end)
        return context.wrap_socket(sock, server_hostname=address.host)
    except TimeoutError:
        raise
    except (OSError, ValueError) as error:
        reason: BaseException = error
    raise DialError(phase, reason)


def _tunnel(sock: Any, route: Route, end: float | None) -> None:
    """Ask a proxy for a tunnel to the origin (RFC 9110, section 9.3.6)."""
    host = f"[{route.origin.host}]" if ":" in route.origin.host else route.origin.host
    target = f"{host}:{route.origin.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"host: {target}"]
    reason: str | BaseException
    try:
        sock.sendall("\r\n".join(lines).encode("ascii") + b"\r\n" + _login_line(route) + b"\r\n")
        reason = _refusal(_head(sock, end))
    except TimeoutError:
        raise
    except OSError as error:
        reason = error
    if reason:
        raise DialError("proxy", reason)


def _login_line(route: Route) -> bytes:
    return b"" if route.login is None else b"proxy-authorization: " + route.login.reveal().encode("ascii") + b"\r\n"


def _head(sock: Any, end: float | None) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        sock.settimeout(_left(end))
        more = sock.recv(4096)
        if not more:
            raise ConnectionResetError("it hung up")
        head += more
        if len(head) > _HEAD:
            raise OSError("its answer has no end")
    return head


def _refusal(head: bytes) -> str:
    """Return a proxy's reason for refusing a tunnel; an empty string when it opened one."""
    lines, _, rest = head.partition(b"\r\n\r\n")
    version, _, words = lines.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    if not version.startswith("HTTP/1.") or not words[:3].isdecimal():
        return "its answer is not HTTP"
    if not words.startswith("2"):
        return words
    return "it says more than that there is a tunnel" if rest else ""
