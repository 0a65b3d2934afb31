"""Which call of a streamed reply may run while the reply goes on: one that the model has moved on from, and nobody holds."""

from __future__ import annotations

from typing import Any

from keybearer.types.content import ToolUseBlock

__all__ = ["EagerCalls"]


class EagerCalls:
    """The calls of one streamed reply."""

    def __init__(self) -> None:
        self._finished: list[ToolUseBlock] = []
        self._held: set[str] = set()
        self._closed: ToolUseBlock | None = None
        self._fallback = False

    def hold(self, call: ToolUseBlock | str) -> None:
        """Hold a call until the reply is done with."""
        self._held.add(call if isinstance(call, str) else call.id)

    def is_held(self, call: ToolUseBlock) -> bool:
        """Return whether a call is held."""
        return call.id in self._held

    def held(self) -> list[ToolUseBlock]:
        """Return the calls that are held and have come whole, in their order."""
        return [call for call in self._finished if call.id in self._held]

    def track(self, event: Any) -> ToolUseBlock | None:
        """Look at an event; return the call that it shows the model to have moved on from.

        The end of a call's block is not enough, for a reply that is cut closes its last call too. After a fallback to another
        model none is returned: the refusal may have cut the call before it.
        """
        if event.type == "content_block_stop":
            if isinstance(event.content_block, ToolUseBlock):
                self._finished.append(event.content_block)
                self._closed = None if self._fallback else event.content_block
            return None
        if event.type == "content_block_start" and event.content_block.type == "fallback":
            self._fallback, self._closed = True, None
            return None
        if event.type == "content_block_start" or (
            event.type == "message_delta" and event.delta.stop_reason == "tool_use"
        ):
            moved_on, self._closed = self._closed, None
            return moved_on
        return None
