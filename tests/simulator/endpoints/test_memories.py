"""The memories of a store and their versions, as the official SDK and Anthropic's OpenAPI document see them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import anthropic
import pytest
from anthropic.types.beta.memory_stores import BetaManagedAgentsMemory, BetaManagedAgentsMemoryVersion

from keybearer.simulator import Simulator
from simulator.schema_check import fits

MEMORY, VERSION = "BetaManagedAgentsMemory", "BetaManagedAgentsMemoryVersion"
CONFLICT = anthropic.ConflictError


def sha(text: str) -> str:
    """Return a text's digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def refused(call: Any, words: str, kind: type[anthropic.APIStatusError] = anthropic.BadRequestError) -> Any:
    """Hold a call to a refusal with these words."""
    with pytest.raises(kind, match=words) as caught:
        call()
    assert fits(caught.value.body, "BetaManagedAgentsErrorResponse") == []
    return caught.value.body


class Store:
    """The memories of one store; each reply fits the document, and has no field that the wheel does not know."""

    memories: Any
    versions: Any

    def __init__(self, sdk: anthropic.Anthropic) -> None:
        self.id = sdk.beta.memory_stores.create(name="Notes").id
        self.memories = sdk.beta.memory_stores.memories.with_raw_response
        self.versions = sdk.beta.memory_stores.memory_versions.with_raw_response

    def sent(self, schema: str, method: Any, *given: Any, **more: Any) -> Any:
        reply = json.loads(method(*given, memory_store_id=self.id, **more).text())
        known: Any = {MEMORY: BetaManagedAgentsMemory, VERSION: BetaManagedAgentsMemoryVersion}.get(schema)
        assert known is None or set(reply) == set(known.model_fields)
        # the document has no null for `redacted_by`, of which its own description and the wheel speak
        entries = reply.get("data", [reply])
        shown = [{k: v for k, v in each.items() if (k, v) != ("redacted_by", None)} for each in entries]
        assert fits({**reply, "data": shown} if "data" in reply else shown[0], schema) == []
        return reply

    def write(self, path: str, content: str = "tea", **more: Any) -> Any:
        return self.sent(MEMORY, self.memories.create, path=path, content=content, **more)

    def update(self, memory: Any, **fields: Any) -> Any:
        return self.sent(MEMORY, self.memories.update, memory["id"], **fields)

    def history(self, **asked: Any) -> list[Any]:
        listed = self.sent("BetaManagedAgentsListMemoryVersionsResult", self.versions.list, **asked)
        return list(listed["data"])

    def paths(self, **asked: Any) -> list[str]:
        listed = self.sent("BetaManagedAgentsListMemoriesResult", self.memories.list, **asked)
        return [each["path"] for each in listed["data"]]


@pytest.fixture
def store(sdk: anthropic.Anthropic) -> Store:
    """Make a store with nothing in it."""
    return Store(sdk)


def test_a_memorys_life(store: Store) -> None:
    """A memory is written, read, changed, moved and deleted; each change leaves a version, and what changes nothing none."""
    memory = store.write("/notes/tea.md", "grün")
    assert (memory["content"], memory["content_size_bytes"], memory["content_sha256"]) == (None, 5, sha("grün"))
    assert store.sent(MEMORY, store.memories.retrieve, memory["id"])["content"] == "grün"
    changed = store.update(memory, content="black", view="full")
    assert (changed["content"], changed["id"]) == ("black", memory["id"])
    assert store.update(memory, content="black", path="/notes/tea.md") == {**changed, "content": None}
    moved = store.update(memory, path="/tea.md")
    assert (moved["path"], moved["content_sha256"]) == ("/tea.md", sha("black"))
    store.sent("BetaManagedAgentsDeletedMemory", store.memories.delete, memory["id"])
    refused(
        lambda: store.memories.retrieve(memory["id"], memory_store_id=store.id), "not found", anthropic.NotFoundError
    )
    history = store.history(memory_id=memory["id"], view="full")
    assert [(each["operation"], each["path"], each["content"]) for each in history] == [
        ("deleted", "/tea.md", None),
        ("modified", "/tea.md", "black"),
        ("modified", "/notes/tea.md", "black"),
        ("created", "/notes/tea.md", "grün"),
    ]
    assert history[1]["id"] == moved["memory_version_id"]
    assert {each["created_by"]["type"] for each in history} == {"api_actor"}


def test_conflicts(store: Store) -> None:
    """A taken path, its folder and what is below it are refused with the memory that is there; so is a stale digest."""
    memory = store.write("/a/b")
    other = store.write("/c")
    taken: Any = {"memory_store_id": store.id, "content": "x"}
    for path in ("/a/b", "/a", "/a/b/c"):
        error = refused(lambda path=path: store.memories.create(**taken, path=path), "in conflict", CONFLICT)["error"]
        assert error["type"] == "memory_path_conflict_error"
        assert (error["conflicting_path"], error["conflicting_memory_id"]) == ("/a/b", memory["id"])
    move: Any = {"memory_id": other["id"], "memory_store_id": store.id, "path": "/a/b"}
    refused(lambda: store.memories.update(**move), "in conflict", CONFLICT)
    assert store.update(memory, path="/a/b/deeper")["path"] == "/a/b/deeper"
    expects: Any = {"type": "content_sha256", "content_sha256": sha("old")}
    stale: Any = {"memory_id": memory["id"], "memory_store_id": store.id}
    error = refused(lambda: store.memories.update(**stale, content="new", precondition=expects), "digest", CONFLICT)
    assert error["error"]["type"] == "memory_precondition_failed_error"
    refused(lambda: store.memories.delete(**stale, expected_content_sha256=sha("old")), "digest", CONFLICT)
    refused(lambda: store.memories.delete(**stale, expected_content_sha256="x"), "64 lowercase hexadecimal")
    store.update(memory, content="new", precondition={**expects, "content_sha256": sha("tea")})
    store.sent(
        "BetaManagedAgentsDeletedMemory", store.memories.delete, memory["id"], expected_content_sha256=sha("new")
    )


def test_lists_of_memories(store: Store) -> None:
    """Memories are listed by path, below a prefix of whole segments, or one level deep with a marker for each folder."""
    for path in ("/notes/a", "/notes/b/c", "/notes/b/d", "/notes-old/x", "/z"):
        store.write(path)
    assert store.paths() == ["/notes-old/x", "/notes/a", "/notes/b/c", "/notes/b/d", "/z"]
    assert store.paths(path_prefix="/notes/") == ["/notes/a", "/notes/b/c", "/notes/b/d"]
    assert store.paths(depth=1) == ["/notes-old/", "/notes/", "/z"]
    assert store.paths(depth=1, path_prefix="/notes/") == ["/notes/a", "/notes/b/"]
    listed: Any = {"memory_store_id": store.id}
    page = json.loads(store.memories.list(**listed, limit=2, depth=1).text())
    assert store.paths(limit=2, depth=1, page=page["next_page"]) == ["/z"]
    refused(lambda: store.memories.list(**listed, path_prefix="/notes"), "path_prefix: use a path that ends with `/`")
    refused(lambda: store.memories.list(**listed, depth=2), "depth: Input should be '0' or '1'")
    refused(lambda: store.memories.list(**listed, view="all"), "view: Input should be 'basic' or 'full'")
    refused(lambda: store.memories.list(**listed, page=json.loads(
        store.versions.list(**listed, limit=1).text())["next_page"]), "page: this is not the `next_page`")  # fmt: skip


def test_a_page_with_content_has_at_most_twenty(store: Store) -> None:
    """With `view=full` a page ends at twenty, whatever the limit."""
    for number in range(21):
        store.write(f"/{number}", str(number))
    page = json.loads(store.memories.list(memory_store_id=store.id, view="full", limit=100).text())
    assert len(page["data"]) == 20
    assert {each["content"] for each in page["data"]} < {str(number) for number in range(21)}
    assert len(store.paths(limit=100)) == 21
    assert len(store.history(view="full", limit=100)) == 20


def test_versions_are_filtered_and_redacted(sim: Simulator, store: Store) -> None:
    """Versions are found by operation, time and author; one that is not the current can be redacted, once."""
    memory = store.write("/a", "secret")
    sim.clock.advance(60)
    store.update(memory, content="clean")
    newest, oldest = store.history()
    assert store.history(operation="created") == store.history(created_at_lte=oldest["created_at"]) == [oldest]
    assert store.history(created_at_gte=newest["created_at"]) == [newest]
    assert store.history(api_key_id=newest["created_by"]["api_key_id"]) == [newest, oldest]
    assert store.history(api_key_id="apikey_none") == store.history(session_id="sesn_1") == []
    current: Any = {"memory_version_id": newest["id"], "memory_store_id": store.id}
    refused(lambda: store.versions.redact(**current), "update or delete the memory first")
    gone = store.sent(VERSION, store.versions.redact, oldest["id"])
    assert [gone[name] for name in ("path", "content", "content_sha256", "content_size_bytes")] == [None] * 4
    assert gone["redacted_by"] == gone["created_by"] == oldest["created_by"]
    sim.clock.advance(60)
    assert store.sent(VERSION, store.versions.redact, oldest["id"]) == gone
    assert store.sent(VERSION, store.versions.retrieve, oldest["id"]) == gone


def test_an_archived_store_can_be_read_and_emptied(sdk: anthropic.Anthropic, store: Store) -> None:
    """Of an archived store memories are read and deleted, and neither created nor updated."""
    memory = store.write("/a")
    sdk.beta.memory_stores.archive(store.id)
    own: Any = {"memory_store_id": store.id}
    refused(lambda: store.memories.create(**own, path="/b", content=""), "is archived")
    refused(lambda: store.memories.update(memory["id"], **own, content=""), "is archived")
    assert store.paths() == ["/a"]
    store.sent("BetaManagedAgentsDeletedMemory", store.memories.delete, memory["id"])
    assert len(store.history()) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"path": None}, "path: Field required"),
        ({"content": None}, "content: Field required"),
        ({"content": "é" * 51_201}, "content: 102402 bytes > 102400 bytes"),
        ({"path": "notes"}, "path: use a text that starts with `/`"),
        ({"path": "/"}, "path: a segment is not empty"),
        ({"path": "/a//b"}, "path: a segment is not empty"),
        ({"path": "/a/../b"}, "path: a segment is not empty"),
        ({"path": "/a" * 21}, "path: use 1 to 20 segments"),
        ({"path": "/" + "é" * 512}, "path: use 1 to 20 segments, and at most 1024 bytes"),
        ({"path": "/a\u200db"}, "path: control and format characters"),
        ({"path": "/a\u2028b"}, "path: control and format characters"),
        ({"path": "/e\u0301"}, "path: use Unicode Normalization Form C"),
        ({"extra_body": {"mode": 1}}, "mode: Extra inputs are not permitted"),
    ],
)
def test_a_memory_that_is_refused(store: Store, fields: dict[str, Any], words: str) -> None:
    """Each limit of the wheel's docstrings is kept, in words that name the field."""
    given: Any = {"memory_store_id": store.id, "path": "/a", "content": "x", **fields}
    refused(lambda: store.memories.create(**given), words)


def test_an_update_that_is_refused(store: Store) -> None:
    """An update changes something, and its precondition is a digest."""
    own: Any = {"memory_id": store.write("/a")["id"], "memory_store_id": store.id}
    refused(lambda: store.memories.update(**own), "At least one of content and path is required")
    for wrong in ({"type": "etag"}, {"type": "content_sha256"}, {"type": "content_sha256", "content_sha256": "AB"}):
        refused(lambda wrong=wrong: store.memories.update(**own, content="y", precondition=wrong), "precondition: ")
