"""`/v1/memory_stores`: create, list, retrieve, update, archive, delete.

An archived store is read-only: its memories can still be read and deleted, and their versions redacted.

Source: the wheel's `resources/beta/memory_stores/memory_stores.py` and the types that it names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.memory_fields import (
    LIMIT,
    STORE_FIELDS,
    check_tag,
    merge_metadata,
    read_choice,
    read_fields,
    read_time,
)
from keybearer.simulator.endpoints.pagination import cut_after, read_limit
from keybearer.simulator.service.memory_stores import MemoryStore
from keybearer.simulator.state import State

__all__ = [
    "archive_store",
    "create_store",
    "delete_store",
    "find_store",
    "is_within",
    "list_stores",
    "refuse_archived",
    "retrieve_store",
    "update_store",
]

SINCE: Final = "created_at[gte]"
UNTIL: Final = "created_at[lte]"


def _describe(store: MemoryStore) -> dict[str, Any]:
    return {
        "type": "memory_store",
        "id": store.id,
        "name": store.name,
        "description": store.description,
        "metadata": store.metadata,
        "created_at": rfc3339(store.created),
        "updated_at": rfc3339(store.updated),
        "archived_at": None if store.archived is None else rfc3339(store.archived),
    }


def find_store(state: State, call: ServedCall) -> MemoryStore:
    """Return the store that a path names.

    Raises:
        ServiceError: 400 without the beta tag, 404 if the caller has no such store.
    """
    check_tag(call)
    name = call.path_params["id"]
    store = state.memory_stores.of(call.organization).get(name)
    if store is None:
        raise ServiceError("not_found_error", f"Memory store not found: {name}", rule="memory-known")
    return store


def refuse_archived(store: MemoryStore) -> None:
    """Refuse to change an archived store.

    Raises:
        ServiceError: 400.
    """
    if store.archived is not None:
        words = f"Memory store {store.id} is archived: it cannot be changed, and no memory of it created or updated"
        raise ServiceError("invalid_request_error", words, rule="memory-archived")


def is_within(call: ServedCall, created: float) -> bool:
    """Return whether a time, as the replies give it, is in the range that a list request asks for."""
    created = datetime.fromisoformat(rfc3339(created)).timestamp()
    since, until = read_time(call, SINCE), read_time(call, UNTIL)
    return (since is None or created >= since) and (until is None or created <= until)


def create_store(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores`."""
    check_tag(call)
    given = read_fields(call, STORE_FIELDS["create"], required=("name",))
    store = state.memory_stores.add(
        call.organization,
        name=given["name"],
        description=given.get("description", ""),
        metadata=given.get("metadata", {}),
    )
    return ServerReply.json(_describe(store))


def list_stores(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores`, newest first; archived ones only if it asks for them."""
    check_tag(call)
    archived = read_choice(call, "include_archived", ("true", "false")) == "true"
    found = [
        (-store.number, store)
        for store in reversed(state.memory_stores.of(call.organization).values())
        if (archived or store.archived is None) and is_within(call, store.created)
    ]
    page = cut_after(call, found, limit=read_limit(call, LIMIT))
    return ServerReply.json({"data": [_describe(store) for store in page.items], "next_page": page.next_page})


def retrieve_store(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/memory_stores/{id}`."""
    return ServerReply.json(_describe(find_store(state, call)))


def update_store(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores/{id}`."""
    store = find_store(state, call)
    given = read_fields(call, STORE_FIELDS["update"])
    refuse_archived(store)
    if "metadata" in given:
        given["metadata"] = merge_metadata(store.metadata, given["metadata"])
    state.memory_stores.change(store, **given)
    return ServerReply.json(_describe(store))


def archive_store(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/memory_stores/{id}/archive`; a store stays archived."""
    store = find_store(state, call)
    state.memory_stores.archive(store)
    return ServerReply.json(_describe(store))


def delete_store(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/memory_stores/{id}`: its memories and their versions go with it."""
    store = find_store(state, call)
    state.memory_stores.remove(store)
    return ServerReply.json({"id": store.id, "type": "memory_store_deleted"})
