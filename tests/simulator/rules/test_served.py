"""The blocks of the service's own tools: each as the wheel has it, and each field of it missing, of another type, or unknown."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from keybearer.simulator.rules.schema import BLOCKS

FILE = {"type": "code_execution_output", "file_id": "file_1"}
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
RAN = {"return_code": 0, "stderr": "", "stdout": "hi"}


def result(kind: str, content: Any) -> dict[str, Any]:
    """Return a server tool's result."""
    return {"type": kind, "tool_use_id": "srvtoolu_1", "content": content}


GOOD: list[dict[str, Any]] = [
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}, "caller": {"type": "direct"}},
    result("web_search_tool_result", [{"type": "web_search_result", "encrypted_content": "e", "title": "t", "url": "u"}]),
    result("web_search_tool_result", {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}),
    result("web_fetch_tool_result", {"type": "web_fetch_result", "url": "u", "content": DOCUMENT}),
    result("web_fetch_tool_result", {"type": "web_fetch_tool_result_error", "error_code": "url_too_long"}),
    result("code_execution_tool_result", {"type": "code_execution_result", "content": [FILE], **RAN}),
    result("code_execution_tool_result", {"type": "code_execution_tool_result_error", "error_code": "unavailable"}),
    result(
        "bash_code_execution_tool_result",
        {"type": "bash_code_execution_result", "content": [{"type": "bash_code_execution_output", "file_id": "f"}], **RAN},
    ),
    result(
        "text_editor_code_execution_tool_result",
        {"type": "text_editor_code_execution_view_result", "content": "x", "file_type": "text"},
    ),
    result(
        "tool_search_tool_result",
        {"type": "tool_search_tool_search_result", "tool_references": [{"type": "tool_reference", "tool_name": "read"}]},
    ),
    {"type": "container_upload", "file_id": "file_1"},
    {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "read", "server_name": "s", "input": {}},
    {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": [{"type": "text", "text": "x"}], "is_error": False},
    {"type": "compaction", "content": "what came before"},
]  # fmt: skip


def problems(block: dict[str, Any]) -> list[str]:
    """Return what is wrong with a block."""
    return [problem.message for problem in BLOCKS[block["type"]](block, "b")]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where every field of a block is, but for the tags, and for what is free: a tool's input and caller."""
    if isinstance(value, dict):
        found = [(*path, name) for name in value if name not in {"type", "input", "caller"}]
        return found + [
            place for name in value for place in places(value[name], (*path, name)) if name not in {"input", "caller"}
        ]
    return (
        [place for number, each in enumerate(value) for place in places(each, (*path, number))]
        if isinstance(value, list)
        else []
    )


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_each_block_just_inside_and_just_outside(block: dict[str, Any]) -> None:
    """A block of the wheel is accepted; with a field of another type, or an unknown one, it is refused with the field's path."""
    assert problems(block) == []
    for place in places(block):
        wrong = copy.deepcopy(block)
        inner = wrong
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = {"an": "object of no known kind"}
        assert problems(wrong), place
    assert problems(block | {"zork": 1}) == ["b.zork: Extra inputs are not permitted"]


@pytest.mark.parametrize(
    ("block", "missing"),
    [
        ({"type": "server_tool_use", "id": "a", "input": {}}, "b.name: Field required"),
        ({"type": "container_upload"}, "b.file_id: Field required"),
        ({"type": "mcp_tool_use", "id": "a", "name": "n", "input": {}}, "b.server_name: Field required"),
        ({"type": "web_search_tool_result", "tool_use_id": "a"}, "b.content: Field required"),
        ({"type": "mcp_tool_result"}, "b.tool_use_id: Field required"),
    ],
)
def test_a_field_that_is_missing_is_named(block: dict[str, Any], missing: str) -> None:
    """A missing field is reported in the service's words."""
    assert problems(block) == [missing]


def test_a_server_tool_that_does_not_exist_is_refused() -> None:
    """The name of a server tool's call is one of the service's own."""
    block = {"type": "server_tool_use", "id": "a", "name": "teleport", "input": {}}
    assert problems(block)[0].startswith("b.name: Input should be 'web_search', 'web_fetch'")
