"""Pre-rendered replies, for benchmarks of clients: equal requests get the bytes of the first reply.

A request that was answered before is neither checked nor charged nor added to the journal; its reply is two writes from
memory. Requests are equal if their method, path, query and body are.
"""

from __future__ import annotations

from typing import Final

from keybearer.simulator.http.asgi import ASGIApp, Message, Receive, Scope, Send
from keybearer.simulator.http.intake import hand_on

__all__ = ["Prerendered"]

MOST_REPLIES: Final = 1_000
LARGEST_REPLY: Final = 64 * 1024 * 1024


class Prerendered:
    """An application that caches the replies of another.

    Args:
        app: The other application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._replies: dict[tuple[str, str, bytes, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from memory, or pass it on the first time."""
        if scope["type"] != "http" or scope["path"].startswith("/_sim"):
            await self._app(scope, receive, send)
            return
        chunks: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        body = b"".join(chunks)
        key = (scope["method"], scope["path"], scope["query_string"], body)
        if key not in self._replies:
            await self._first(key, scope, receive, send)
            return
        for message in self._replies[key]:
            await send(message)

    async def _first(self, key: tuple[str, str, bytes, bytes], scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and keep the reply if it is complete and a success."""
        sent: list[Message] = []

        async def note(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self._app(scope, hand_on(key[3], receive), note)
        size = sum(len(message.get("body", b"")) for message in sent)
        whole = bool(sent) and sent[0].get("status") == 200 and not sent[-1].get("more_body", False)
        if whole and size <= LARGEST_REPLY and len(self._replies) < MOST_REPLIES:
            self._replies[key] = sent
