"""Every limit of the wire, named in one place."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

__all__ = ["MAX_EVENT_BYTES", "StreamLimits"]

MAX_EVENT_BYTES: Final = 1 << 30
"""The most that `StreamLimits.event_bytes` can be set to: an event is held whole, several times over while it is decoded."""


class StreamLimits(Struct, frozen=True, kw_only=True):
    """What one stream may hold; over it, the stream ends with a `StreamProtocolError`.

    Attributes:
        event_bytes: One event, in bytes: 64 MiB, as a whole reply; settable up to 1 GiB.
        text_bytes: What all blocks together may hold, in characters: 256 Mi.
        blocks: How many content blocks a message may have.
    """

    event_bytes: int = 64 << 20
    text_bytes: int = 256 << 20
    blocks: int = 10_000

    def __post_init__(self) -> None:
        if not 0 < self.event_bytes <= MAX_EVENT_BYTES:
            raise ValueError(f"event_bytes is {self.event_bytes}; it must be from 1 to {MAX_EVENT_BYTES}")
        for name in ("text_bytes", "blocks"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more")
