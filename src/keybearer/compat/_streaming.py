"""The official SDK's names of the streams that `messages.create(stream=True)` gives."""

from __future__ import annotations

from keybearer.shell.streams import AsyncRawStream as AsyncStream
from keybearer.shell.streams import RawStream as Stream

__all__ = ["AsyncStream", "Stream"]
