"""Beta tags: the table, and the header that they are joined to."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.types.requests import CreateParams
from keybearer.wire.request.headers import BETAS, Beta, beta_tags, join_betas

FILE = {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "file_1"}}]}]}
UPLOAD = {"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "file_1"}]}]}
SUMMARY = {"type": "compaction", "content": "All so far."}


def _begins_with(block: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "assistant", "content": [block]}]}


CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}], "tools": []}, []),
    ({"speed": "fast"}, ["fast-mode-2026-02-01"]),
    ({"context_management": {}}, ["context-management-2025-06-27"]),
    ({"mcp_servers": []}, ["mcp-client-2025-11-20"]),
    ({"thread": {}}, ["message-threads-2026-08-12"]),
    ({"fallbacks": []}, ["server-side-fallback-2026-07-01"]),
    ({"fallback_credit_token": "x"}, ["fallback-credit-2026-07-01"]),
    ({"messages": [], "compaction": {}}, ["compact-2026-09-04"]),
    (_begins_with({**SUMMARY, "signature": "c2ln"}), ["compact-2026-09-04"]),
    (_begins_with(SUMMARY), []),
    (FILE, ["files-api-2025-04-14"]),
    (UPLOAD, ["files-api-2025-04-14"]),
    ({**FILE, "speed": "fast"}, ["fast-mode-2026-02-01", "files-api-2025-04-14"]),
]


@pytest.mark.parametrize(("body", "tags"), CASES)
def test_each_row_of_the_table_adds_its_tag(body: dict[str, Any], tags: list[str]) -> None:
    """A body gets the tags of what it uses, and none that it does not need."""
    assert beta_tags(body) == tags


def test_every_row_is_tried_above() -> None:
    """A row that is added to the table is added to the cases; one for a parameter that no call has is a mistake."""
    assert {tag for _, tags in CASES for tag in tags} == set(BETAS)
    assert {beta.parameter for beta in BETAS.values()} <= set(CreateParams.__annotations__)


def test_one_row_is_all_that_a_new_tag_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row with a parameter alone makes a request that has the parameter send the tag, and no other request."""
    monkeypatch.setitem(BETAS, "new-2027-01-01", Beta("new_parameter"))
    assert beta_tags({"messages": [], "new_parameter": None}) == ["new-2027-01-01"]
    assert beta_tags({"messages": []}) == []


def test_tags_are_whole_and_sent_once() -> None:
    """Tags of several groups are joined in their order, without white space, each once; no group at all is no tag."""
    assert join_betas("a, b", ["b", "c,a"], None, "") == "a,b,c"
    assert join_betas(None, [], "") == ""
