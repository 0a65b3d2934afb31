"""Translate httpcore2's exceptions into ours; this is the only place that does."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpcore2

from keybearer.errors import TransportError
from keybearer.shell.transports.base import BAD_CHARACTER
from keybearer.shell.transports.httpx_clocked import HttpxCall

__all__ = ["FAILURES", "translate"]

FAILURES: Final = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
    ValueError,
    RuntimeError,
)
"""The exceptions that a request may end with; httpcore2's have no common class."""


def translate(error: Exception, phase: str, call: HttpxCall) -> TransportError:
    """Turn an exception of httpcore2 into ours.

    Args:
        error: The exception.
        phase: Where it came: `first_byte`, or `read` once the reply's head had come.
        call: The call.
    """
    clock = call.clock
    reasons = list(_reasons(error))
    if clock.expired:
        return clock.timeout_error("total")
    if isinstance(error, TimeoutError | httpcore2.TimeoutException):
        if call.connecting or isinstance(error, httpcore2.ConnectTimeout | httpcore2.PoolTimeout):
            return clock.timeout_error("connect")
        return clock.timeout_error("first_byte" if phase == "first_byte" else "idle")
    if isinstance(error, httpcore2.ProxyError):
        return clock.connection_error("proxy", reasons[-1])
    if any(isinstance(each, httpcore2.LocalProtocolError | UnicodeError) for each in reasons) and phase == "first_byte":
        return clock.connection_error("url", BAD_CHARACTER, retryable=False)
    if call.connecting:
        where = _connecting_phase(reasons)
        untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in reasons)
        return clock.connection_error(where, reasons[-1], retryable=not untrusted)
    if isinstance(error, ValueError | httpcore2.UnsupportedProtocol) and phase == "first_byte":
        return clock.connection_error("url", error, retryable=False)
    if phase == "first_byte" and (call.received or not _unanswered(error)):
        phase = "read"
    if call.received and "without sending" in str(error):
        return clock.connection_error(phase, "it ended inside the head")  # the library says that nothing came
    return clock.connection_error(phase, reasons[-1])


def _unanswered(error: Exception) -> bool:
    """Whether the other side may have ended the connection before it answered, by httpcore2's account."""
    return not isinstance(error, httpcore2.RemoteProtocolError) or "without sending" in str(error)


def _connecting_phase(reasons: list[BaseException]) -> str:
    for each in reasons:
        if isinstance(each, socket.gaierror):
            return "dns"
        if isinstance(each, ssl.SSLError):
            return "tls"
    return "connect"


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and those that it was made from.

    httpcore2 hands the system's on as its first argument; anyio groups those of several addresses, of which the first counts.
    """
    each: BaseException | None = error
    while each is not None:
        yield each
        if isinstance(each, BaseExceptionGroup):
            each = each.exceptions[0]
        else:
            first = each.args[0] if each.args else None
            each = first if isinstance(first, BaseException) else each.__cause__
