"""aiohttp's exceptions turned into ours: the one place where that is done."""

from __future__ import annotations

from typing import Final

import aiohttp

from keybearer.errors import TransportError
from keybearer.shell.transports.base import Clock

__all__ = ["FAILURES", "translate"]

FAILURES: Final = (aiohttp.ClientError, OSError, ValueError, RuntimeError)
"""What a request may end with; a read after a broken chunk is a bare RuntimeError."""

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
"""Where each of aiohttp's exceptions comes from; the first that fits counts. Any other comes from where the request was."""

_NOT_AGAIN: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)


def translate(error: Exception, phase: str, limit: str, clock: Clock) -> TransportError:
    """Turn an exception of aiohttp into ours.

    Args:
        error: The exception.
        phase: Where it came: `first_byte`, or `read` once the reply's head had come.
        limit: The time limit that a time-out is of.
        clock: The call's clock.
    """
    if clock.expired:
        return clock.late("total")
    if isinstance(error, TimeoutError):
        return clock.late("connect" if isinstance(error, aiohttp.ConnectionTimeoutError) else limit)
    if type(error) is ValueError and phase == "first_byte":  # its own words show the header, and it may be a secret
        return clock.failed("url", "the URL or a header has a character that may not be there", retryable=False)
    if isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str):
        return clock.failed("read", "it ended inside the head")
    where = next((each for kind, each in _PHASES if isinstance(error, kind)), phase)
    return clock.failed(where, _reason(error), retryable=not isinstance(error, _NOT_AGAIN))


def _reason(error: Exception) -> str | BaseException:
    """Return why, without aiohttp's own words around it."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"{error.status} {error.message}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the answer is not HTTP: {error.message}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    reason: BaseException = getattr(error, "os_error", error)
    return reason
