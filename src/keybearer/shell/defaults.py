"""The transport that a client uses when it is given none, made at the first request.

Loading an HTTP library costs more than everything else that an import of keybearer does; a client that sends nothing pays nothing.
"""

from __future__ import annotations

from keybearer.errors import UsageError
from keybearer.shell.transport import AsyncTransport, Transport, TransportOptions
from keybearer.types.http import Reply, Request

__all__ = ["DefaultAsyncTransport", "DefaultTransport"]


class DefaultTransport:
    """urllib3, loaded at the first request.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._transport: Transport | None = None

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        if self._transport is None:
            from keybearer.shell.urllib3 import Urllib3Transport

            self._transport = Urllib3Transport(self._options)
        return self._transport.send(request)

    def close(self) -> None:
        """Close every connection."""
        if self._transport is not None:
            self._transport.close()


class DefaultAsyncTransport:
    """aiohttp on asyncio, httpx2 on trio; loaded at the first request.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._transport: AsyncTransport | None = None

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        if self._transport is None:
            self._transport = self._choose()
        return await self._transport.send(request)

    async def close(self) -> None:
        """Close every connection."""
        if self._transport is not None:
            await self._transport.close()

    def _choose(self) -> AsyncTransport:
        from keybearer.shell.runtime import on_trio

        if not on_trio():
            from keybearer.shell.aiohttp import AiohttpTransport

            return AiohttpTransport(self._options)
        try:
            from keybearer.shell.httpx import AsyncHttpxTransport
        except ImportError as error:
            raise UsageError(
                "On trio, keybearer sends its requests with httpx2, which is not installed.",
                hint="Install it with: pip install 'keybearer[httpx]'",
            ) from error
        return AsyncHttpxTransport(self._options)
