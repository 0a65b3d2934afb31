"""The official SDK's names of an answer with the HTTP reply that brought it."""

from __future__ import annotations

from keybearer.compat.responses import APIResponse, AsyncAPIResponse
from keybearer.shell.downloads import AsyncDownload as AsyncBinaryAPIResponse
from keybearer.shell.downloads import Download as BinaryAPIResponse

StreamedBinaryAPIResponse = APIResponse
AsyncStreamedBinaryAPIResponse = AsyncAPIResponse

__all__ = [
    "APIResponse",
    "AsyncAPIResponse",
    "AsyncBinaryAPIResponse",
    "AsyncStreamedBinaryAPIResponse",
    "BinaryAPIResponse",
    "StreamedBinaryAPIResponse",
]
