"""Transports that keep the last reply of a call, for callers that want its headers."""

from __future__ import annotations

from keybearer.shell.transports.base import AsyncTransport, Transport
from keybearer.types.http import Reply, Request
from keybearer.types.seen import SentRequest

__all__ = ["AsyncReplyKeeper", "ReplyKeeper"]


class ReplyKeeper:
    """A transport that keeps the last reply.

    Args:
        transport: Sends the requests; it is not closed.

    Attributes:
        request: The last request, without its credential; None before one was sent.
        reply: The last reply; None before one came.
        sent: How many requests were sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.request: SentRequest | None = None
        self.reply: Reply | None = None
        self.sent = 0

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        self.request, self.sent = SentRequest.of(request), self.sent + 1
        self.reply = self._transport.send(request)
        return self.reply

    def close(self) -> None:
        """Do nothing: the connections are the client's."""


class AsyncReplyKeeper:
    """A transport that is awaited and keeps the last reply.

    Args:
        transport: Sends the requests; it is not closed.

    Attributes:
        request: The last request, without its credential; None before one was sent.
        reply: The last reply; None before one came.
        sent: How many requests were sent.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self.request: SentRequest | None = None
        self.reply: Reply | None = None
        self.sent = 0

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        self.request, self.sent = SentRequest.of(request), self.sent + 1
        self.reply = await self._transport.send(request)
        return self.reply

    async def close(self) -> None:
        """Do nothing: the connections are the client's."""
