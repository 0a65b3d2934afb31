"""Transports that keep the last reply of a call, for callers that want its headers."""

from __future__ import annotations

from keybearer.shell.transports.base import AsyncTransport, Transport
from keybearer.types.http import Reply, Request

__all__ = ["AsyncReplyKeeper", "ReplyKeeper"]


class ReplyKeeper:
    """A transport that keeps the last reply.

    Args:
        transport: Sends the requests; it is not closed.

    Attributes:
        reply: The last reply; None before one came.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.reply: Reply | None = None

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        self.reply = self._transport.send(request)
        return self.reply

    def close(self) -> None:
        """Do nothing: the connections are the client's."""


class AsyncReplyKeeper:
    """A transport that is awaited and keeps the last reply.

    Args:
        transport: Sends the requests; it is not closed.

    Attributes:
        reply: The last reply; None before one came.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self.reply: Reply | None = None

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        self.reply = await self._transport.send(request)
        return self.reply

    async def close(self) -> None:
        """Do nothing: the connections are the client's."""
