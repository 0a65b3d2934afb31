"""A request's head as it goes out: HTTP/1.1's first line and headers, as bytes (RFC 9112, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keybearer.types.http import Request

__all__ = ["host_header", "request_head"]

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that say how a request is framed, which is decided here."""


def host_header(netloc: str, scheme: str) -> str:
    """Return the `host` header for a URL's network location: without a login, and without the scheme's own port."""
    return netloc.rpartition("@")[2].removesuffix(":443" if scheme == "https" else ":80")


def request_head(request: Request, target: str, host: str, more: Mapping[str, str]) -> bytes:
    """Return a request's first line and its headers, and the empty line after them.

    Args:
        request: The request.
        target: What is asked for: a path, or of a proxy the whole URL.
        host: The `host` header.
        more: Headers for a proxy.

    Raises:
        ValueError: Something in them would be another line or another word.
    """
    lines = [f"{request.method} {target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name not in _FRAMING]
    lines += [f"{name}: {value}" for name, value in more.items()]
    if request.body or request.method == "POST":
        lines.append(f"content-length: {len(request.body)}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or " " in target:
        raise ValueError("the URL or a header has a character that may not be there")
    return text.encode("ascii") + b"\r\n\r\n"
