"""The memories of a store, and the versions of each: create, list, retrieve, update, delete, and redact a version.

Source: the wheel's `resources/beta/memory_stores/memories.py` and `memory_versions.py`; the two conflicts are from
Anthropic's OpenAPI document of 2026-05-06. That a memory's current version cannot be redacted is a guess.
"""

from __future__ import annotations

import hashlib
from typing import Any

from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.memory_fields import (
    LIMIT,
    MEMORY_FIELDS,
    check_digest,
    page_limit,
    read_choice,
    read_fields,
    wants_content,
)
from keybearer.simulator.endpoints.memory_stores import find_store, is_within, refuse_archived
from keybearer.simulator.endpoints.pagination import cut_after, read_limit
from keybearer.simulator.service.memory_stores import CONFLICT, MemoryStore, MemoryVersion, StoredMemory, digest_of
from keybearer.simulator.state import State

__all__ = [
    "create_memory",
    "delete_memory",
    "list_memories",
    "list_memory_versions",
    "redact_memory_version",
    "retrieve_memory",
    "retrieve_memory_version",
    "update_memory",
]


def _describe(store: MemoryStore, memory: StoredMemory, *, full: bool) -> dict[str, Any]:
    return {
        "type": "memory",
        "id": memory.id,
        "memory_store_id": store.id,
        "memory_version_id": memory.version_id,
        "path": memory.path,
        "content": memory.content if full else None,
        "content_size_bytes": len(memory.content.encode()),
        "content_sha256": digest_of(memory.content),
        "created_at": rfc3339(memory.created),
        "updated_at": rfc3339(memory.updated),
    }


def _describe_version(store: MemoryStore, version: MemoryVersion, *, full: bool) -> dict[str, Any]:
    content = version.content
    return {
        "type": "memory_version",
        "id": version.id,
        "memory_store_id": store.id,
        "memory_id": version.memory_id,
        "operation": version.operation,
        "path": version.path,
        "content": content if full else None,
        "content_size_bytes": None if content is None else len(content.encode()),
        "content_sha256": None if content is None else digest_of(content),
        "created_at": rfc3339(version.created),
        "created_by": version.created_by,
        "redacted_at": None if version.redacted is None else rfc3339(version.redacted),
        "redacted_by": version.redacted_by,
    }


def _actor(call: ServedCall) -> dict[str, str]:
    """Name who calls: the key's id, or the user of a login, both made of the account, never of the credential."""
    name = hashlib.sha256(call.organization.encode()).hexdigest()[:24]
    if call.is_subscription:
        return {"type": "user_actor", "user_id": f"user_{name}"}
    return {"type": "api_actor", "api_key_id": f"apikey_{name}"}


def _find(store: MemoryStore, call: ServedCall) -> StoredMemory:
    name = call.path_params["memory"]
    memory = store.memories.get(name)
    if memory is None:
        raise ServiceError("not_found_error", f"Memory not found: {name}", rule="memory-known")
    return memory


def _find_version(store: MemoryStore, call: ServedCall) -> MemoryVersion:
    name = call.path_params["version"]
    version = store.versions.get(name)
    if version is None:
        raise ServiceError("not_found_error", f"Memory version not found: {name}", rule="memory-known")
    return version


def _check_unchanged(memory: StoredMemory, expected: str | None) -> None:
    found = digest_of(memory.content)
    if expected is not None and expected != found:
        raise ServiceError(
            "memory_precondition_failed_error",
            f"The content of {memory.id} has the digest {found}, not {expected}: read it again",
            status=CONFLICT,
            rule="memory-precondition",
        )


def create_memory(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores/{id}/memories`."""
    store, full = find_store(state, call), wants_content(call, "basic")
    given = read_fields(call, MEMORY_FIELDS["create"], required=("path", "content"))
    refuse_archived(store)
    memory = state.memory_stores.write(store, **given, by=_actor(call))
    return ServerReply.json(_describe(store, memory, full=full))


def list_memories(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores/{id}/memories`, in the order of their paths.

    With `depth=1` only the memories right below `path_prefix` are listed, and each folder there once, as a `memory_prefix`.
    """
    store, full = find_store(state, call), wants_content(call, "basic")
    prefix = call.query.get("path_prefix", "/")
    if not prefix.startswith("/") or not prefix.endswith("/"):
        raise ServiceError("invalid_request_error", "path_prefix: use a path that ends with `/`", rule="memory-fields")
    is_flat = read_choice(call, "depth", ("0", "1")) == "1"
    found: dict[str, dict[str, Any]] = {}
    for memory in store.by_path():
        below = memory.path.removeprefix(prefix)
        if not memory.path.startswith(prefix):
            continue
        if is_flat and "/" in below:
            folder = f"{prefix}{below.partition('/')[0]}/"
            found[folder] = {"type": "memory_prefix", "path": folder}
        else:
            found[memory.path] = _describe(store, memory, full=full)
    page = cut_after(call, sorted(found.items()), limit=page_limit(read_limit(call, LIMIT), full=full))
    return ServerReply.json({"data": page.items, "next_page": page.next_page})


def retrieve_memory(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores/{id}/memories/{memory}`."""
    store = find_store(state, call)
    return ServerReply.json(_describe(store, _find(store, call), full=wants_content(call, "full")))


def update_memory(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores/{id}/memories/{memory}`."""
    store, full = find_store(state, call), wants_content(call, "basic")
    memory = _find(store, call)
    given = read_fields(call, MEMORY_FIELDS["update"])
    expected = given.pop("precondition", {}).get("content_sha256")
    if not given:
        raise ServiceError(
            "invalid_request_error", "At least one of content and path is required", rule="memory-fields"
        )
    refuse_archived(store)
    _check_unchanged(memory, expected)
    new = {"path": memory.path, "content": memory.content, **given}
    state.memory_stores.rewrite(store, memory, **new, by=_actor(call))
    return ServerReply.json(_describe(store, memory, full=full))


def delete_memory(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/memory_stores/{id}/memories/{memory}`."""
    store = find_store(state, call)
    memory = _find(store, call)
    expected = call.query.get("expected_content_sha256")
    check_digest(expected)
    _check_unchanged(memory, expected)
    state.memory_stores.delete(store, memory, by=_actor(call))
    return ServerReply.json({"id": memory.id, "type": "memory_deleted"})


def list_memory_versions(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores/{id}/memory_versions`, newest first."""
    store, full = find_store(state, call), wants_content(call, "basic")
    read_choice(call, "operation", ("created", "modified", "deleted"))
    wanted = {name: call.query[name] for name in ("memory_id", "operation") if name in call.query}
    actors = {
        name: call.query[name] for name in ("api_key_id", "session_id", "service_account_id") if name in call.query
    }
    found = [
        (-version.number, version)
        for version in reversed(store.versions.values())
        if wanted.items() <= {"memory_id": version.memory_id, "operation": version.operation}.items()
        and actors.items() <= version.created_by.items()
        and is_within(call, version.created)
    ]
    page = cut_after(call, found, limit=page_limit(read_limit(call, LIMIT), full=full))
    data = [_describe_version(store, version, full=full) for version in page.items]
    return ServerReply.json({"data": data, "next_page": page.next_page})


def retrieve_memory_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores/{id}/memory_versions/{version}`."""
    store = find_store(state, call)
    return ServerReply.json(_describe_version(store, _find_version(store, call), full=wants_content(call, "full")))


def redact_memory_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores/{id}/memory_versions/{version}/redact`."""
    store = find_store(state, call)
    version = _find_version(store, call)
    memory = store.memories.get(version.memory_id)
    if memory is not None and memory.version_id == version.id:
        words = f"{version.id} is what {memory.id} holds now: update or delete the memory first"
        raise ServiceError("invalid_request_error", words, rule="memory-current")
    state.memory_stores.redact(version, by=_actor(call))
    return ServerReply.json(_describe_version(store, version, full=True))
