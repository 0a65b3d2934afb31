"""What a reply's head may not be, for every transport: what others would read otherwise, or nobody asked for."""

from __future__ import annotations

from keybearer.types.http import Headers

__all__ = ["head_problem"]


def head_problem(status: int, version: tuple[int, int], headers: Headers) -> str:
    """Return what is wrong with a reply's head, in words; nothing when it can be used.

    Args:
        status: Its status.
        version: HTTP's version, as it names it.
        headers: Its headers.
    """
    if version[0] != 1:
        return f"the answer is not HTTP/1.1 but HTTP/{version[0]}.{version[1]}"
    if status == 101:
        return "it changes to another protocol"
    if headers.get("transfer-encoding", "identity").lower() not in {
        "identity",
        "chunked",
    }:  # two are joined with a comma
        return "its transfer coding is not known"
    return ""
