"""The words of network errors, the same for every transport.

Contract: the message says what failed and for which host; the hint says what to do. A library's own text is the reason: escaped,
shortened, and without error numbers, object addresses and lines of C.
"""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import urlsplit

from keybearer.config.urls import is_loopback
from keybearer.errors import ConnectionFailed, TimedOut
from keybearer.errors.sanitize import sanitize
from keybearer.policy.deadline import format_seconds

__all__ = ["connection_error", "timeout_error"]

MOST: Final = 300
"""How much of a library's words an error shows, in characters."""

_TIMEOUTS: Final = {
    "connect": (
        "No connection was made",
        "Check that the host can be reached, and the proxy if there is one; or raise the limit.",
    ),
    "first_byte": (
        "No reply began",
        "Stream the answer, which then begins sooner; or raise the limit.",
    ),
    "idle": (
        "No more of the reply came",
        "The connection may be dead, or a proxy in between may hold the reply back; or raise the limit.",
    ),
    "progress": (
        "Nothing but pings came",
        "The service is stuck with this request: send it again; or raise the limit.",
    ),
    "total": (
        "The call did not end",
        "Give the call more time with timeout=..., or with timeouts.total in llm.yaml.",
    ),
}
"""Time limit, by its name in `Timeouts` and llm.yaml: what did not happen in time, and what to do."""

_BEFORE_SENDING: Final = {
    "dns": ("The address of {host} was not found", "Check base_url and the network."),
    "connect": (
        "No connection to {host} could be made",
        "Check base_url (or ANTHROPIC_BASE_URL), the network, and the proxy if one is needed.",
    ),
    "proxy": (
        "The proxy in front of {host} failed",
        "Check its address and its login: proxy=..., HTTPS_PROXY, ALL_PROXY.",
    ),
    "tls": (
        "TLS with {host} failed",
        "Where a server or a proxy has a certificate of its own authority, name that in ca_file.",
    ),
    "url": ("The URL for {host} cannot be used", "Check base_url."),
}
"""Phase before the request was sent: what failed, and what to do."""

_BROKEN: Final = ("The connection to {host} broke", "If it goes on, check the network, and any proxy in between.")

UNANSWERED: Final = frozenset({"send", "first_byte"})
"""Phases in which a connection ends without a byte of a reply, mostly because the server had closed it and did nothing."""

_NOISE: Final = re.compile(r"\[Errno [^\]]*\] ?| ?\(_ssl\.c:\d+\)| ?<[\w.]+ object at 0x[0-9a-f]+>:?")


def timeout_error(phase: str, limit: float | None) -> TimedOut:
    """Return the error for a time limit that has passed.

    Args:
        phase: The limit: a key of `_TIMEOUTS`.
        limit: Its value in seconds; None when the system ended the wait, not a limit of ours.
    """
    what, hint = _TIMEOUTS[phase]
    when = "in the system's own time" if limit is None else f"within {format_seconds(limit)} (timeouts.{phase})"
    delivered = phase != "connect"  # the service may be at work on it, and sending it again could cost twice
    return TimedOut(f"{what} {when}.", phase=phase, delivered=delivered, retryable=not delivered, hint=hint)


def connection_error(phase: str, url: str, reason: str | BaseException, *, retryable: bool = True) -> ConnectionFailed:
    """Return the error for a connection that failed.

    Args:
        phase: Where: a key of `_BEFORE_SENDING`; any other means that the connection broke after sending began.
        url: The request's URL.
        reason: Why, in the library's words.
        retryable: Whether another attempt may succeed.
    """
    host = sanitize("".join(url.split("/", 3)[2:3]) or url, 100)
    what, hint = _BEFORE_SENDING.get(phase, _BROKEN)
    message = f"{what.format(host=host)}: {_reason_text(reason)}."
    if phase == "connect" and "refused" in message and is_loopback(urlsplit(url).hostname or ""):
        hint = "Nothing listens there: start `keybearer simulate`, or what else should; or check base_url and ANTHROPIC_BASE_URL."
    delivered, where = phase not in _BEFORE_SENDING, "connect" if phase == "url" else phase
    again = retryable and (not delivered or phase in UNANSWERED)
    return ConnectionFailed(message, phase=where, delivered=delivered, retryable=again, hint=hint)


def _reason_text(reason: str | BaseException) -> str:
    number = getattr(reason, "errno", None)
    if isinstance(reason, OSError) and number is not None and number > 0 and type(reason).__module__ == "builtins":
        text = os.strerror(number)  # asyncio replaces the text with its own
    else:
        text = _NOISE.sub("", str(reason)).strip()
        if not text and isinstance(reason, BaseException) and reason.__cause__ is not None:
            return _reason_text(reason.__cause__)  # an exception without a text
    return sanitize(text, MOST).rstrip(".") or type(reason).__name__
