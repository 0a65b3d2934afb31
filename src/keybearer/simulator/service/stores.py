"""What uploads and batches leave behind."""

from __future__ import annotations

import dataclasses
from typing import Any

__all__ = ["StoredBatch", "StoredFile"]


@dataclasses.dataclass
class StoredFile:
    """A file.

    Args:
        id: Its id.
        organization: Whose it is; empty for anybody's.
        filename: Its name, without a folder.
        mime_type: Its type.
        data: Its bytes.
        created: When, in seconds since the epoch.
        expires: When its bytes are gone, if ever.
        downloadable: A tool made it.
    """

    id: str
    organization: str
    filename: str
    mime_type: str
    data: bytes
    created: float
    expires: float | None = None
    downloadable: bool = False


@dataclasses.dataclass
class StoredBatch:
    """A batch.

    Args:
        id: Its id.
        organization: Whose it is.
        requests: Its requests as they came.
        version: The API version that they are judged by.
        betas: The beta tags of the call.
        created: When, in seconds since the epoch.
        cancelled: When somebody asked to cancel it.
        results: One line a request, made when somebody first looks after its end.
    """

    id: str
    organization: str
    requests: list[dict[str, Any]]
    version: str
    betas: frozenset[str]
    created: float
    cancelled: float | None = None
    results: list[dict[str, Any]] | None = None
