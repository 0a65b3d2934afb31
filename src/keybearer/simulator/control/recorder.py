"""The recorder: a proxy to a real base URL that keeps every exchange, with secrets removed, for replay.

It runs in place of the simulator and checks nothing. The caller's credential goes upstream and nowhere else. Upstream
is https or loopback, and token requests are never passed on, so that no recording contains a token.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from keybearer.simulator.control.recording import check_record_file, record_exchange
from keybearer.simulator.core.errors import ServiceError, error_body
from keybearer.simulator.core.reply import encode

__all__ = ["check_upstream", "make_recorder"]

HOP_HEADERS: Final = frozenset(
    {"host", "connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding", "te", "upgrade"}
)
"""Headers of one connection (RFC 9110, section 7.6.1), and `accept-encoding`, because replies are recorded uncompressed."""
SECRET_PATHS: Final = ("/v1/oauth/", "/oauth/")
SECONDS: Final = 600.0
CREDENTIALS: Final = ("authorization", "x-api-key", "api-key", "x-amz-security-token", "proxy-authorization", "cookie")
SHORTEST: Final = 8
"""The fewest characters of a credential that is looked for in a reply: shorter ones are found in any text."""


def check_upstream(url: str) -> str:
    """Refuse an upstream to which a credential would go unencrypted.

    Args:
        url: The base URL.

    Returns:
        The URL without a trailing slash.

    Raises:
        ValueError: For anything but https, or http to this machine.
    """
    parts = urlsplit(url)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = parts.hostname == "localhost"
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError(f"recording sends your credential to {url!r}: it must be https, or http on this machine")
    return url.rstrip("/")


def _credentials(headers: Mapping[str, str]) -> list[str]:
    """Return the credentials of a request: those of its headers, without the scheme before a token (RFC 9110, section 11.4)."""
    values = [headers[name] for name in CREDENTIALS if name in headers]
    parts = [*values, *(value.partition(" ")[2] for value in values)]
    return sorted((each for each in parts if len(each) >= SHORTEST), key=len, reverse=True)


class _Recorder:
    def __init__(self, upstream: str, path: Path) -> None:
        self.upstream = upstream
        self.path = path
        self.lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if path.startswith(SECRET_PATHS):
            await self.refuse(send, ServiceError("permission_error", "The recorder passes no token request on"))
            return
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in HOP_HEADERS and not name.startswith("x-sim-")
        }
        headers["accept-encoding"] = "identity"
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.request(
                    request.method, self.upstream + path, data=body, headers=headers, allow_redirects=False
                ) as reply,
            ):
                seen = await self.forward(reply, send)
                known = {name.lower(): value for name, value in reply.headers.items()}
                exchange = record_exchange(
                    request.method,
                    path,
                    body,
                    status=reply.status,
                    headers=known,
                    reply=seen,
                    credentials=_credentials(headers),
                )
                self.keep(encode(exchange))
        except aiohttp.ClientError as error:
            await self.refuse(send, ServiceError("api_error", f"Upstream failed: {type(error).__name__}", status=502))

    async def forward(self, reply: aiohttp.ClientResponse, send: Send) -> bytes:
        """Pass a reply on as it arrives, and return its whole body."""
        headers = [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in reply.headers.items()
            if name.lower() not in HOP_HEADERS
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        chunks = []
        async for chunk in reply.content.iter_any():
            chunks.append(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return b"".join(chunks)

    def keep(self, line: bytes) -> None:
        with self.lock, self.path.open("ab") as file:
            file.write(line + b"\n")

    async def refuse(self, send: Send, error: ServiceError) -> None:
        body = encode(error_body(error, ""))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def make_recorder(upstream: str, path: Path) -> ASGIApp:
    """Build the recording proxy.

    Args:
        upstream: The base URL that requests are passed on to.
        path: The file to which exchanges are appended; created readable for its owner only.

    Returns:
        An ASGI application.
    """
    check_record_file(path)
    return _Recorder(check_upstream(upstream), path)
