"""Which requests are never sent again by themselves once nobody knows what came of them.

Strategy: the API takes no idempotency keys, so that a POST which makes something would make it twice. What a POST does is read from
the last word of its path; one whose word is not known here counts as one that makes something.

Contract: a request that the service has refused, or that never left, is not in doubt. One whose connection broke or timed out after
bytes of it were sent is, and so is one that a gateway gave up on.
"""

from __future__ import annotations

from typing import Final

from keybearer.errors import APIError, KeybearerError, TransportError
from keybearer.policy.retry_hints import should_retry

__all__ = ["in_doubt", "makes_something"]

_MAKING: Final = frozenset({"POST", "PATCH"})
"""HTTP methods that are not idempotent (RFC 9110, section 9.2.2; RFC 5789)."""

_SAME_TWICE: Final = frozenset(
    {
        # questions
        "count_tokens",
        "mcp_oauth_validate",
        "reveal_token",
        "validate",
        "validate_archive",
        "validate_repository",
        # a state that a thing is then in
        "ack",
        "activate",
        "archive",
        "cancel",
        "heartbeat",
        "pause",
        "redact",
        "sign_out",
        "stop",
        "unpause",
        # settings that there is one of
        "compliance_settings",
        "configuration",
        "data_controls",
        "rbac_group_default",
        "spend_limits",
        # its own rule: docs/limits.md
        "messages",
    }
)
"""Last words of POST paths that come to the same when they are sent twice."""

_DOUBTFUL: Final = frozenset({408, 500, 502, 504, 520, 522, 524})
"""Statuses after which the request may have been carried out. A guess for 500; the others are a gateway's, that had no answer."""


def makes_something(method: str, path: str) -> bool:
    """Return whether a request may make, cost or start something each time that it is sent.

    Args:
        method: The HTTP method.
        path: The path. One that ends with `{name}`, of the table of methods, changes the one thing of that id.
    """
    return method in _MAKING and not path.endswith("}") and path.rpartition("/")[2] not in _SAME_TWICE


def in_doubt(error: KeybearerError) -> bool:
    """Return whether the request may have been carried out, although it ended with this error."""
    if isinstance(error, TransportError):
        return error.delivered
    return isinstance(error, APIError) and error.http_status in _DOUBTFUL and should_retry(error.headers) is not True
