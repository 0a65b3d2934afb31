"""The shapes of the wheel: blocks and tools, with each field missing, of another type, unknown, or of the beta."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from keybearer.simulator.rules.grammar import ShapeProblem
from keybearer.simulator.rules.schema import shape_of

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


def found(block: dict[str, Any]) -> list[ShapeProblem]:
    """Return what the shape of the assistant's message says about a block."""
    return list(shape_of("AssistantMessage")({"role": "assistant", "content": [block]}, "m"))


def of_tool(tool: dict[str, Any]) -> list[ShapeProblem]:
    """Return what the shape of a request says about a tool."""
    body = {"model": "m", "max_tokens": 1, "messages": [], "tools": [tool]}
    return list(shape_of("messages")(body, ""))


def problems(block: dict[str, Any]) -> list[str]:
    """Return what is wrong with a block."""
    return [problem.message for problem in found(block) if problem.kind != "beta"]


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
    assert problems(block | {"zork": 1}) == ["m.content.0.zork: Extra inputs are not permitted"]


@pytest.mark.parametrize(
    ("block", "missing"),
    [
        ({"type": "server_tool_use", "id": "srvtoolu_a", "input": {}}, "m.content.0.name: Field required"),
        ({"type": "container_upload"}, "m.content.0.file_id: Field required"),
        (
            {"type": "mcp_tool_use", "id": "srvtoolu_a", "name": "n", "input": {}},
            "m.content.0.server_name: Field required",
        ),
        ({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_a"}, "m.content.0.content: Field required"),
        ({"type": "mcp_tool_result"}, "m.content.0.tool_use_id: Field required"),
    ],
)
def test_a_field_that_is_missing_is_named(block: dict[str, Any], missing: str) -> None:
    """A missing field is reported in the service's words."""
    assert problems(block) == [missing]


def test_a_server_tool_that_does_not_exist_is_refused() -> None:
    """The name of a server tool's call is one of the service's own."""
    block = {"type": "server_tool_use", "id": "srvtoolu_a", "name": "teleport", "input": {}}
    assert problems(block)[0].startswith("m.content.0.name: Input should be 'web_search', 'web_fetch'")


def test_what_only_the_beta_has_names_its_tags() -> None:
    """A block, a field and a value of the beta are marked with the tags that allow them."""
    (block,) = found({"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "read", "server_name": "s", "input": {}})
    assert (block.kind, block.tags) == ("beta", ("mcp-client-",))
    assert (
        "Input tag 'mcp_tool_use' found using 'type' does not match any of the expected tags: 'text'" in block.message
    )
    thinking = {"type": "adaptive", "display": "updates", "block_binding": None}
    body = {"model": "m", "max_tokens": 1, "messages": [], "thinking": thinking}
    assert [tuple(problem) for problem in shape_of("messages")(body, "")] == [
        ("beta", "thinking.display: Input should be 'summarized' or 'omitted'", ("thinking-display-updates-",)),
        ("beta", "thinking.block_binding: Extra inputs are not permitted", ("thinking-binding-controls-",)),
    ]


def test_an_edit_that_nobody_knows_is_wrong_and_a_block_is_of_the_future() -> None:
    """Only blocks and tools may be of the future; the other tags are those that the wheel lists."""
    body = {"model": "m", "max_tokens": 1, "messages": [], "context_management": {"edits": [{"type": "nonsense_1"}]}}
    (wrong,) = (problem for problem in shape_of("messages")(body, "") if problem.kind != "beta")
    assert wrong.kind == "wrong"
    assert wrong.message.startswith(
        "context_management.edits.0: Input tag 'nonsense_1' found using 'type' does not match"
    )
    assert [problem.kind for problem in found({"type": "hologram"})] == ["unknown"]
    assert [problem.kind for problem in found({"type": ["hologram"]})] == ["wrong"]
    assert [problem.kind for problem in of_tool({"type": "teleport_20270101"})] == ["unknown"]


def test_a_newer_version_of_a_tool_is_let_through() -> None:
    """A tool of a family that is known, of a later day, is checked by its name only."""
    assert [problem.kind for problem in of_tool({"type": "web_search_20990101", "name": "web_search"})] == ["newer"]
    assert of_tool({"type": "web_search_20990101", "name": ["web_search"]})[0].message == (
        "tools.0.name: Input should be a valid string"
    )


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ({"type": "bash_20250124", "name": "shell"}, "tools.0.name: Input should be 'bash'"),
        ({"type": "web_search_20250305", "name": "web_search", "max_uses": 0}, "greater than or equal to 1"),
        (
            {"type": "web_search_20250305", "name": "web_search", "zork": 1},
            "tools.0.zork: Extra inputs are not permitted",
        ),
        ({"type": "computer_20250124", "name": "computer"}, "tools.0.display_height_px: Field required"),
        ({"type": None, "name": "a b", "input_schema": {}}, "tools.0.name: String should match pattern"),
        ({"type": "custom", "name": "a"}, "tools.0.input_schema: Field required"),
    ],
)
def test_tools_just_outside(tool: dict[str, Any], words: str) -> None:
    """A tool with a field that is wrong, missing or unknown is refused with the field's path."""
    assert words in of_tool(tool)[0].message
