"""Names of the official SDK that can be imported, and raise one clear error when they are used.

A program that imports a name for a branch it never takes runs; one that uses it hears what to do instead.
"""

from __future__ import annotations

from typing import Any

from keybearer.errors import UsageError

__all__ = [
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
]


class _HTTPClient:
    """An HTTP client for `http_client=`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise UsageError(
            f"keybearer brings its own HTTP, so there is no {type(self).__name__}(...), and no http_client=.",
            hint="transport=... takes one of your own; proxy=..., ca_file=... and timeout=... are arguments of the client.",
        )


class DefaultHttpxClient(_HTTPClient):
    """Raises when it is made."""


class DefaultAsyncHttpxClient(_HTTPClient):
    """Raises when it is made."""


class DefaultAioHttpClient(_HTTPClient):
    """Raises when it is made."""
