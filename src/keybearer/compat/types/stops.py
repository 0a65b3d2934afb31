"""The events that end a block and a message: the service's, or those of `messages.stream`, which hold what has ended."""

from __future__ import annotations

from typing import TypeAlias

from keybearer.types.events import (
    ContentBlockStopEvent,
    MessageStopEvent,
    RawContentBlockStopEvent,
    RawMessageStopEvent,
)

__all__ = ["BlockStop", "MessageStop"]

BlockStop: TypeAlias = RawContentBlockStopEvent | ContentBlockStopEvent
MessageStop: TypeAlias = RawMessageStopEvent | MessageStopEvent
