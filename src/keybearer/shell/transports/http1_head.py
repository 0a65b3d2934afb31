"""HTTP/1.1 heads, for every transport: which request headers a transport writes itself, and which replies are refused.

A reply is refused where two readers could disagree about it, or where it is of a kind that was not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keybearer.types.http import Headers

__all__ = ["head_problem", "without_framing"]

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that frame a request (RFC 9112, section 6); the transport writes them, never the caller."""


def without_framing(headers: Mapping[str, str]) -> dict[str, str]:
    """Return a request's headers without those that frame it."""
    return {name: value for name, value in headers.items() if name.lower() not in _FRAMING}


def head_problem(status: int, version: tuple[int, int], headers: Headers) -> str:
    """Return what is wrong with a reply's head, in words; an empty string when it can be used.

    Args:
        status: Its status.
        version: The HTTP version it names, major and minor.
        headers: Its headers.
    """
    if version[0] != 1:
        return f"the answer is not HTTP/1.1 but HTTP/{version[0]}.{version[1]}"
    if status == 101:
        return "it changes to another protocol"
    if headers.get("transfer-encoding", "identity").lower() not in {
        "identity",
        "chunked",
    }:  # two would be joined with a comma
        return "its transfer coding is not known"
    return ""
