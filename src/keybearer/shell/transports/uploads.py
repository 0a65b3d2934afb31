"""Read a body while it is sent, where the transport is awaited."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from keybearer.shell.runtime import current_runtime
from keybearer.types.http import BodySource

__all__ = ["pieces_async"]


async def pieces_async(source: BodySource) -> AsyncGenerator[bytes, None]:
    """Give the pieces of a body; each is read where it stalls no event loop."""
    runtime = current_runtime()
    pieces = source.pieces()
    while piece := await runtime.blocking(lambda: next(pieces, b"")):
        yield piece
