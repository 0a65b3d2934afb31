"""The limits of a stream, in one place."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

__all__ = ["MAX_EVENT_BYTES", "StreamLimits"]

MAX_EVENT_BYTES: Final = 1 << 30
"""The most that `StreamLimits.event_bytes` can be set to. Decoding an event takes several times its size in memory."""


class StreamLimits(Struct, frozen=True, kw_only=True):
    """The limits of one stream; a stream that passes one ends with a `StreamProtocolError`.

    Attributes:
        event_bytes: The most bytes of one event: 64 MiB by default, 1 GiB at most.
        text_bytes: The most characters of all blocks together: 256 Mi by default.
        blocks: The most content blocks of a message: 10,000 by default.

    Raises:
        ValueError: A limit is below 1, or `event_bytes` above 1 GiB.
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
