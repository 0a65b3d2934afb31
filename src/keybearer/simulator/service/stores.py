"""Uploaded files and message batches, as the service keeps them for each organization."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

__all__ = ["BatchStore", "StoredBatch", "StoredFile", "UploadStore"]

MOST_BATCHES: Final = 1_000
"""Batches that are kept; a new one displaces the oldest."""


class StoredFile(Struct, frozen=True):
    """A file.

    Args:
        id: Its id.
        organization: Its owner; empty for a file that every caller sees.
        filename: Its name, without a folder.
        mime_type: Its type.
        data: Its bytes.
        created: Seconds since the epoch.
        expires: When its bytes are gone, in seconds since the epoch; None for never.
        downloadable: Whether a tool made it.
        number: How many files were kept before it, which is the order of the list.
    """

    id: str
    organization: str
    filename: str
    mime_type: str
    data: bytes
    created: float
    expires: float | None = None
    downloadable: bool = False
    number: int = 0


class UploadStore:
    """The files, oldest first."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._numbers = itertools.count()

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(len(file.data) for file in self._files.values())

    def add(self, file: StoredFile) -> None:
        """Keep a file."""
        self._files[file.id] = structs.replace(file, number=next(self._numbers))

    def remove(self, file: StoredFile) -> None:
        """Forget a file."""
        del self._files[file.id]

    def visible_to(self, organization: str) -> dict[str, StoredFile]:
        """Return the files that an organization may use, by id, oldest first."""
        return {name: file for name, file in list(self._files.items()) if file.organization in {organization, ""}}

    def types(self, organization: str) -> dict[str, str]:
        """Return the type of each file that an organization may use, by id."""
        return {name: file.mime_type for name, file in self.visible_to(organization).items()}


class StoredBatch(Struct):
    """A batch.

    Args:
        id: Its id.
        organization: Its owner.
        requests: Its requests as they came.
        version: The API version that they are checked by.
        betas: The beta tags of the call.
        created: Seconds since the epoch.
        cancelled: When it was first asked to cancel, in seconds since the epoch.
        headers: The headers of the call, without credentials: what a script may match.
        results: One line for each request, computed when somebody first looks after its end.
        notes: What the simulator could not do as the service does it, in the answers of its requests.
    """

    id: str
    organization: str
    requests: list[dict[str, Any]]
    version: str
    betas: frozenset[str]
    created: float
    cancelled: float | None = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    results: list[dict[str, Any]] | None = None
    notes: list[str] = msgspec.field(default_factory=list)

    def cancel(self, now: float) -> None:
        """Note that it was asked to cancel; the first time counts."""
        self.cancelled = now if self.cancelled is None else self.cancelled

    def keep_results(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep its results, so that every later look finds the same, and return them."""
        self.results = results
        return results


class BatchStore:
    """The batches, oldest first."""

    def __init__(self) -> None:
        self._batches: dict[str, StoredBatch] = {}

    def add(self, batch: StoredBatch) -> None:
        """Keep a batch, and forget the oldest when there are too many."""
        self._batches[batch.id] = batch
        while len(self._batches) > MOST_BATCHES:
            self._batches.pop(next(iter(self._batches)))

    def remove(self, batch: StoredBatch) -> None:
        """Forget a batch."""
        del self._batches[batch.id]

    def of(self, organization: str) -> dict[str, StoredBatch]:
        """Return an organization's batches, by id, oldest first."""
        return {name: batch for name, batch in self._batches.items() if batch.organization == organization}
