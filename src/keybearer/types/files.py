"""A file that was uploaded, or that a tool made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from keybearer.types.answer import Answer
from keybearer.types.timestamp import NEVER, Timestamp, times

__all__ = ["DeletedObject", "FileMetadata"]


class FileMetadata(Answer, frozen=True):
    """What is known of a file.

    Attributes:
        id: Its id, as a block's `file_id` takes it.
        filename: Its name.
        mime_type: Its type.
        size_bytes: Its size in bytes.
        created_at: When it was uploaded (RFC 3339).
        downloadable: Whether it can be downloaded: one that a tool made can, one that was uploaded cannot.
        expires_at: When it ends (RFC 3339); None for never.

    Source: the Files API, https://docs.claude.com/en/api/files-create; the `anthropic` wheel, `types/file_metadata.py`.
    """

    id: str = ""
    filename: str = ""
    mime_type: str = ""
    size_bytes: int = 0
    created_at: Timestamp = NEVER
    downloadable: bool | None = None
    expires_at: Timestamp | None = None
    type: Literal["file"] = "file"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = times("created_at", "expires_at")


class DeletedObject(Answer, frozen=True):
    """What was deleted.

    Attributes:
        id: Its id.
        type: What it was, such as `file_deleted`.
    """

    id: str = ""
    type: str = ""
