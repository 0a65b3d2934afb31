"""Memory stores, as the official SDK and Anthropic's OpenAPI document see them."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from simulator.schema_check import fits


def sent(schema: str, method: Any, *given: Any, **more: Any) -> Any:
    """Return the body of a reply, which fits the OpenAPI document."""
    reply = json.loads(method(*given, **more).text())
    assert fits(reply, schema) == []
    return reply


def refused(call: Any, words: str, kind: type[anthropic.APIStatusError] = anthropic.BadRequestError) -> Any:
    """Hold a call to a refusal with these words."""
    with pytest.raises(kind, match=words) as caught:
        call()
    assert fits(caught.value.body, "BetaManagedAgentsErrorResponse") == []
    return caught.value.body


def test_a_stores_life(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A store is made, changed field by field, listed, archived once for all, and deleted."""
    stores = sdk.beta.memory_stores.with_raw_response
    kind = "BetaManagedAgentsMemoryStore"
    store = sent(kind, stores.create, name="Notes", metadata={"user": "u1", "old": "x"})
    assert (store["description"], store["archived_at"]) == ("", None)
    sim.clock.advance(60)
    changed = sent(kind, stores.update, store["id"], description="About tea", metadata={"old": None, "new": "y"})
    assert (changed["name"], changed["description"]) == ("Notes", "About tea")
    assert changed["metadata"] == {"user": "u1", "new": "y"}
    assert changed["updated_at"] > store["updated_at"]
    assert sent(kind, stores.retrieve, store["id"]) == changed
    archived = sent(kind, stores.archive, store["id"])
    sim.clock.advance(60)
    assert sent(kind, stores.archive, store["id"]) == archived
    refused(lambda: stores.update(store["id"], name="Other"), "is archived")
    listing = "BetaManagedAgentsListMemoryStoresResponse"
    assert sent(listing, stores.list)["data"] == []
    assert sent(listing, stores.list, include_archived=True)["data"] == [archived]
    sent("BetaManagedAgentsDeletedMemoryStore", stores.delete, store["id"])
    refused(lambda: stores.retrieve(store["id"]), "Memory store not found", anthropic.NotFoundError)


def test_stores_in_pages_and_by_time(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Stores are listed newest first, in pages, within the times that are asked for, and only to their owner."""
    made = []
    for name in ("a", "b", "c"):
        made.append(sdk.beta.memory_stores.create(name=name))
        sim.clock.advance(60)
    newest = [store.id for store in reversed(made)]
    assert [store.id for store in sdk.beta.memory_stores.list(limit=2)] == newest
    after = sdk.beta.memory_stores.list(created_at_gte=made[1].created_at)
    assert [store.id for store in after] == newest[:2]
    assert [store.name for store in sdk.beta.memory_stores.list(created_at_lte=made[0].created_at)] == ["a"]
    refused(lambda: sdk.beta.memory_stores.list(created_at_lte="yesterday"), r"created_at\[lte\]: use a time")
    refused(lambda: sdk.beta.memory_stores.list(limit=101), "between 1 and 100")
    with sdk.with_options(api_key="sk-ant-sim-other") as other:
        assert list(other.beta.memory_stores.list()) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "name: Field required"),
        ({"name": None}, "name: Field required"),
        ({"name": ""}, "name: use 1 to 255 characters"),
        ({"name": "x" * 256}, "name: use 1 to 255 characters"),
        ({"name": "a\nb"}, "name: use 1 to 255 characters, and no control character"),
        ({"name": "a", "description": "x" * 1025}, "description: use a text of at most 1,024"),
        ({"name": "a", "metadata": {str(number): "" for number in range(17)}}, "metadata: at most 16 pairs"),
        ({"name": "a", "metadata": {"k" * 65: ""}}, "metadata: a key has 1 to 64"),
        ({"name": "a", "metadata": {"k": "v" * 513}}, "metadata: k: use a text of at most 512"),
        ({"name": "a", "metadata": {"k": 1}}, "metadata: k: use a text"),
        ({"name": "a", "extra_body": {"colour": "red"}}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_store_that_is_refused(sdk: anthropic.Anthropic, fields: dict[str, Any], words: str) -> None:
    """Each limit of the wheel's docstrings is kept, in words that name the field."""
    refused(lambda: sdk.beta.memory_stores.with_raw_response.create(**{"name": None, **fields}), words)


def test_the_tag_is_needed(sdk: anthropic.Anthropic) -> None:
    """A request without one of the two beta tags is refused, and either opens every path."""
    ask: Any = {"cast_to": object, "options": {"headers": {"anthropic-beta": "context-1m-2025-08-07"}}}
    refused(lambda: sdk.get("/v1/memory_stores", **ask), "agent-memory-2026-07-22 or managed-agents-2026-04-01")
    ask["options"] = {"headers": {"anthropic-beta": "managed-agents-2026-04-01"}}
    assert sdk.get("/v1/memory_stores", **ask) == {"data": [], "next_page": None}
