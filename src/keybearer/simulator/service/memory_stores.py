"""Memory stores: texts at paths, which agents read and write, and every version of each.

A memory's path is unique in its store, and no memory is both a text and the folder of another. Each change adds a
version, which stays when the memory is deleted, and goes with its store.

Source: the wheel's `types/beta/beta_managed_agents_memory_store.py` and `types/beta/memory_stores`; Anthropic's OpenAPI
document of 2026-05-06 (`BetaManagedAgentsCreateMemoryParams`, `...UpdateMemoryParams`) for the conflicts.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.ids import Ids

__all__ = ["MemoryStore", "MemoryStores", "MemoryVersion", "StoredMemory", "digest_of"]

Actor = Mapping[str, str]
Operation = Literal["created", "modified", "deleted"]

CONFLICT: Final = 409


def digest_of(content: str) -> str:
    """Return the SHA-256 of a memory's content, in lowercase hex."""
    return hashlib.sha256(content.encode()).hexdigest()


class StoredMemory(Struct):
    """A memory.

    Args:
        id: Its id.
        path: Where it is.
        content: Its text.
        created: Seconds since the epoch.
        updated: When it last changed, in seconds since the epoch.
        version_id: The version that holds what it has now.
    """

    id: str
    path: str
    content: str
    created: float
    updated: float
    version_id: str = ""


class MemoryVersion(Struct):
    """One change of a memory.

    Args:
        id: Its id.
        memory_id: The memory that changed.
        operation: What was done.
        path: The memory's path then; None once it is redacted.
        content: The memory's text then; None after a deletion, and once it is redacted.
        created: Seconds since the epoch.
        created_by: Who did it.
        number: Its place among all versions.
        redacted: When it was redacted, in seconds since the epoch.
        redacted_by: Who redacted it.
    """

    id: str
    memory_id: str
    operation: Operation
    path: str | None
    content: str | None
    created: float
    created_by: Actor
    number: int
    redacted: float | None = None
    redacted_by: Actor | None = None


class MemoryStore(Struct):
    """A store.

    Args:
        id: Its id.
        organization: Its owner.
        name: Its name for people.
        description: What it says of itself; empty when nothing was given.
        metadata: Its owner's notes.
        created: Seconds since the epoch.
        updated: When it last changed, in seconds since the epoch; changes of its memories do not count.
        number: Its place among all stores.
        archived: When it was archived, in seconds since the epoch.
        memories: Its memories by id.
        versions: All versions of its memories by id, oldest first.
    """

    id: str
    organization: str
    name: str
    description: str
    metadata: dict[str, str]
    created: float
    updated: float
    number: int
    archived: float | None = None
    memories: dict[str, StoredMemory] = msgspec.field(default_factory=dict)
    versions: dict[str, MemoryVersion] = msgspec.field(default_factory=dict)

    def by_path(self) -> list[StoredMemory]:
        """Return its memories in the order of their paths."""
        return sorted(self.memories.values(), key=lambda memory: memory.path)

    def check_free(self, path: str, *, but: str | None = None) -> None:
        """Refuse a path where a memory is, above one, or below one.

        Args:
            path: The path.
            but: The id of the memory that is to move there.

        Raises:
            ServiceError: 409 `memory_path_conflict_error`.
        """
        for memory in self.memories.values():
            taken = memory.path
            if memory.id != but and (taken == path or taken.startswith(f"{path}/") or path.startswith(f"{taken}/")):
                raise ServiceError(
                    "memory_path_conflict_error",
                    f"path: {path} is in conflict with the memory at {taken}",
                    status=CONFLICT,
                    fields={"conflicting_path": taken, "conflicting_memory_id": memory.id},
                    rule="memory-path",
                )


class MemoryStores:
    """The stores, oldest first, and what is done with them.

    Args:
        clock: The simulator's clock.
        ids: The source of ids.
    """

    def __init__(self, clock: SimulatedClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._stores: dict[str, MemoryStore] = {}
        self._numbers = itertools.count()

    def of(self, organization: str) -> dict[str, MemoryStore]:
        """Return an organization's stores by id, oldest first."""
        return {name: store for name, store in self._stores.items() if store.organization == organization}

    def add(self, organization: str, *, name: str, description: str, metadata: dict[str, str]) -> MemoryStore:
        """Make a store."""
        now = self._clock.now()
        store_id = self._ids.new("memstore_")
        store = MemoryStore(store_id, organization, name, description, metadata, now, now, next(self._numbers))
        self._stores[store.id] = store
        return store

    def change(self, store: MemoryStore, **fields: Any) -> None:
        """Set some of a store's `name`, `description`, `metadata`."""
        for name, value in fields.items():
            setattr(store, name, value)
        store.updated = self._clock.now()

    def archive(self, store: MemoryStore) -> None:
        """Archive a store; the first time counts."""
        if store.archived is None:
            store.archived = store.updated = self._clock.now()

    def remove(self, store: MemoryStore) -> None:
        """Forget a store with its memories and their versions."""
        del self._stores[store.id]

    def write(self, store: MemoryStore, *, path: str, content: str, by: Actor) -> StoredMemory:
        """Add a memory.

        Raises:
            ServiceError: 409 if its path is taken.
        """
        store.check_free(path)
        now = self._clock.now()
        memory = StoredMemory(self._ids.new("mem_"), path, content, now, now)
        store.memories[memory.id] = memory
        memory.version_id = self._keep(store, memory, "created", by).id
        return memory

    def rewrite(self, store: MemoryStore, memory: StoredMemory, *, path: str, content: str, by: Actor) -> None:
        """Change a memory's path or content; what is as it was leaves no version.

        Raises:
            ServiceError: 409 if the new path is taken.
        """
        if (path, content) == (memory.path, memory.content):
            return
        store.check_free(path, but=memory.id)
        memory.path, memory.content, memory.updated = path, content, self._clock.now()
        memory.version_id = self._keep(store, memory, "modified", by).id

    def delete(self, store: MemoryStore, memory: StoredMemory, *, by: Actor) -> None:
        """Delete a memory; its versions stay."""
        del store.memories[memory.id]
        self._keep(store, memory, "deleted", by)

    def redact(self, version: MemoryVersion, *, by: Actor) -> None:
        """Forget what a version holds; the first time counts."""
        if version.redacted is None:
            version.path = version.content = None
            version.redacted, version.redacted_by = self._clock.now(), by

    def _keep(self, store: MemoryStore, memory: StoredMemory, operation: Operation, by: Actor) -> MemoryVersion:
        content = None if operation == "deleted" else memory.content
        version = MemoryVersion(
            self._ids.new("memver_"), memory.id, operation, memory.path, content, self._clock.now(), by,
            next(self._numbers),
        )  # fmt: skip
        store.versions[version.id] = version
        return version
