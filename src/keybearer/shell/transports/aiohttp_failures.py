"""Translate aiohttp's exceptions into ours; this is the only place that does."""

from __future__ import annotations

from typing import Final

import aiohttp

from keybearer.errors import TransportError
from keybearer.shell.transports.base import BAD_CHARACTER, IOClock

__all__ = ["FAILURES", "translate"]

FAILURES: Final = (aiohttp.ClientError, OSError, ValueError, RuntimeError)
"""The exceptions that a request may end with; a read after a broken chunk raises a bare RuntimeError."""

_PHASES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (aiohttp.ClientProxyConnectionError, "proxy"),
    (aiohttp.ClientHttpProxyError, "proxy"),
    (aiohttp.ClientConnectorDNSError, "dns"),
    (aiohttp.ClientConnectorCertificateError, "tls"),
    (aiohttp.ClientSSLError, "tls"),
    (aiohttp.ClientConnectorError, "connect"),
    (aiohttp.InvalidURL, "url"),
    (aiohttp.NonHttpUrlClientError, "url"),
    (aiohttp.ClientResponseError, "read"),
)
"""Exception to phase; the first match counts. Any other exception has the phase that the request was in."""

_NOT_AGAIN: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)


def translate(error: Exception, phase: str, limit: str, clock: IOClock) -> TransportError:
    """Turn an exception of aiohttp into ours.

    Args:
        error: The exception.
        phase: Where it came: `first_byte`, or `read` once the reply's head had come.
        limit: The time limit that a time-out means, a field of `Timeouts`.
        clock: The call's clock.
    """
    if clock.expired:
        return clock.timeout_error("total")
    if isinstance(error, TimeoutError):
        return clock.timeout_error("connect" if isinstance(error, aiohttp.ConnectionTimeoutError) else limit)
    if type(error) is ValueError and phase == "first_byte":
        return clock.connection_error("url", BAD_CHARACTER, retryable=False)
    if isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str):
        return clock.connection_error("read", "it ended inside the head")
    where = next((each for kind, each in _PHASES if isinstance(error, kind)), phase)
    return clock.connection_error(where, _reason(error), retryable=not isinstance(error, _NOT_AGAIN))


def _reason(error: Exception) -> str | BaseException:
    """Return the reason without the sentence that aiohttp puts around it."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"{error.status} {error.message}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the answer is not HTTP: {error.message}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    reason: BaseException = getattr(error, "os_error", error)
    return reason
