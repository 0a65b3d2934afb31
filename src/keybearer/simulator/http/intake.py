"""Reads a request's body within limits of bytes, of memory and of time, so that no client can fill or hold the simulator.

Up to `SMALL_BYTES` are kept of any body. More is kept only of a caller that the head has identified, up to the path's limit,
and only while all bodies that are still arriving fit into `MOST_HELD_BYTES`. What is not kept is read and dropped, because a
client that is still writing would not see an early reply. A body that falls silent, or takes too long, ends as `late`.
The limits of time are the wall clock's: turning or freezing the simulator's clock must neither end a body nor keep it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct

from keybearer.simulator.http.asgi import ClientLeftError, Message, Receive, Scope

__all__ = ["BodyIntake", "TakenBody", "hand_on"]

KILOBYTE: Final = 1024
SMALL_BYTES: Final = 64 * KILOBYTE
"""What is kept of the body of a caller that is not known."""
MOST_HELD_BYTES: Final = 1024 * KILOBYTE * KILOBYTE
"""The bytes of all bodies that are still arriving; the largest single one is an upload of 500 MB."""
SILENCE_SECONDS: Final = 30.0
BODY_SECONDS: Final = 600.0

Outcome = Literal["whole", "too_large", "stranger", "full", "late"]


class TakenBody(Struct, frozen=True):
    """A body as far as it was kept.

    Args:
        data: The bytes; all of them if it is `whole`, else none.
        outcome: `whole`; `too_large` for the path; from a `stranger` who may not send that much; `full` when no memory is left for
            it; `late` when it stopped arriving.
    """

    data: bytes
    outcome: Outcome = "whole"


class BodyIntake:
    """Reads bodies, and counts the bytes of those that are still arriving.

    Args:
        most_held: The limit of all of them together, in bytes.
        silence: How long a body may pause, in seconds.
        longest: How long it may take, in seconds.
    """

    def __init__(
        self, *, most_held: int = MOST_HELD_BYTES, silence: float = SILENCE_SECONDS, longest: float = BODY_SECONDS
    ) -> None:
        self._most_held = most_held
        self._silence = silence
        self._longest = longest
        self._held = 0

    async def take(self, scope: Scope, receive: Receive, *, largest: int, is_known: Callable[[], bool]) -> TakenBody:
        """Read a body to its end; one that is here already, `whole_body` of the scope, is waited for no more.

        Args:
            scope: ASGI's scope.
            receive: ASGI's receive.
            largest: The path's limit in bytes.
            is_known: Whether the caller may send more than a small body; asked once, when it does.

        Returns:
            What was kept.

        Raises:
            ClientLeftError: The client left before the end.
        """
        whole: bytes | None = scope.get("whole_body")
        if whole is not None and len(whole) <= SMALL_BYTES:  # nearly every request
            return TakenBody(whole)
        body = _ArrivingBody(largest, is_known)
        end = asyncio.get_running_loop().time() + self._longest
        try:
            if whole is not None:
                self._keep(body, whole)
                return body.taken()
            message = await self._next(receive, self._silence)
            while message is not None:
                self._keep(body, message.get("body", b""))
                if not message.get("more_body", False):
                    return body.taken()
                left = end - asyncio.get_running_loop().time()
                message = await self._next(receive, min(self._silence, left))
            return TakenBody(b"", "late")
        finally:
            self._held -= body.held

    async def _next(self, receive: Receive, seconds: float) -> Message | None:
        """Wait for the next piece; None when it does not come in time."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                message = await receive()
        except TimeoutError:
            return None
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        return message

    def _keep(self, body: _ArrivingBody, data: bytes) -> None:
        before = body.held
        body.add(data, room=self._most_held - self._held)
        self._held += body.held - before


class _ArrivingBody:
    """One body while it arrives."""

    def __init__(self, largest: int, is_known: Callable[[], bool]) -> None:
        self.held = 0
        self._largest = largest
        self._is_known = is_known
        self._asked = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._outcome: Outcome = "whole"

    def add(self, data: bytes, *, room: int) -> None:
        """Keep one more piece, or drop all of the body once it may not be kept."""
        self._size += len(data)
        if self._size > self._largest:
            self._drop("too_large")
        elif self._outcome == "whole" and not self._may_grow():
            self._drop("stranger")
        elif self._outcome == "whole" and len(data) > room:
            self._drop("full")
        elif self._outcome == "whole":
            self._chunks.append(data)
            self.held += len(data)

    def _may_grow(self) -> bool:
        if self._size <= SMALL_BYTES or self._asked:
            return True
        self._asked = True
        return self._is_known()

    def _drop(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._chunks.clear()
        self.held = 0

    def taken(self) -> TakenBody:
        """Return what was kept of it."""
        return TakenBody(b"".join(self._chunks), self._outcome)


def hand_on(data: bytes, receive: Receive) -> Receive:
    """Make a `receive` for another application, which gives a body that was read already, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": data, "more_body": False}

    return replay
