"""Rules on tools: names, schemas, `tool_choice`, and the pairing of calls with their results."""

from __future__ import annotations

from collections import Counter
from typing import Final

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.metaschema import is_schema
from keybearer.simulator.rules.rule import Rule, rule

__all__ = ["RULES"]

TOOLS_PAGE: Final = "docs: Tool use"
HANDLING_PAGE: Final = "docs: Handling tool calls"
NULLABLE: Final = ("properties", "required")
"""Keywords of an `input_schema` that may be null (the wheel's `types/tool_param.py`)."""
COMBINATIONS: Final = ("oneOf", "allOf", "anyOf")


@rule("tool-names-unique", TOOLS_PAGE, about=("tools",))
def tool_names_unique(request: MessageRequest) -> str | None:
    """No two tools share a name."""
    counts = Counter(tool.get("name") for tool in request.body.get("tools") or [] if tool.get("name"))
    return "tools: Tool names must be unique." if any(count > 1 for count in counts.values()) else None


@rule("tool-schema", TOOLS_PAGE, about=("tools",))
def tool_schema(request: MessageRequest) -> str | None:
    """A tool's `input_schema` is a valid JSON schema of an object."""
    for index, tool in enumerate(request.body.get("tools") or []):
        schema = tool.get("input_schema")
        path = f"tools.{index}.custom.input_schema"
        if schema is None:
            continue
        if "type" not in schema:
            return f"{path}.type: Field required"
        if schema["type"] != "object":
            return f"{path}.type: Input should be 'object'"
        if any(name in schema for name in COMBINATIONS):
            return f"{path}: input_schema does not support oneOf, allOf, or anyOf at the top level"
        if not is_schema({key: value for key, value in schema.items() if value is not None or key not in NULLABLE}):
            return f"{path}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12)"
    return None


@rule("tool-choice-needs-tools", TOOLS_PAGE, about=("tool_choice",))
def tool_choice_needs_tools(request: MessageRequest) -> str | None:
    """`tool_choice` comes only with tools."""
    given = request.body.get("tool_choice") and not request.body.get("tools")
    return "tool_choice: may only be specified while providing tools" if given else None


@rule("tool-choice-known", TOOLS_PAGE, about=("tool_choice",))
def tool_choice_known(request: MessageRequest) -> str | None:
    """`tool_choice` names a tool of the request."""
    choice = request.body.get("tool_choice") or {}
    names = {tool.get("name") for tool in request.body.get("tools") or []}
    if choice.get("type") == "tool" and choice["name"] not in names:
        return f"Tool '{choice['name']}' not found in provided tools"
    return None


@rule(
    "tool-choice-model",
    "pydantic-ai 2.68, supports_forced_tool_choice; litellm, supports_forced_tool_use",
    sure="reported",
    about=("tool_choice",),
)
def tool_choice_model(request: MessageRequest) -> str | None:
    """The model takes a `tool_choice` that forces a tool."""
    kind = (request.body.get("tool_choice") or {}).get("type")
    if kind not in {"any", "tool"} or request.model is None or request.model.forced_tools:
        return None
    return (
        f"tool_choice: forcing tool use (type '{kind}') is not supported by {request.model.id}. Use 'auto' or 'none'."
    )


@rule("tool-use-ids-unique", HANDLING_PAGE, about=("tool_use",))
def tool_use_ids_unique(request: MessageRequest) -> str | None:
    """No two calls share an id."""
    seen: set[str] = set()
    for turn in request.turns:
        for path, block in turn.blocks:
            if block.get("type") == "tool_use":
                if block["id"] in seen:
                    return f"{path}: `tool_use` ids must be unique"
                seen.add(block["id"])
    return None


@rule("tool-use-answered", HANDLING_PAGE, about=("tool_use",))
def tool_use_answered(request: MessageRequest) -> str | None:
    """Every call has its result in the very next turn."""
    found = request.turns
    for place, turn in enumerate(found):
        calls = [block["id"] for _, block in turn.blocks if block.get("type") == "tool_use"]
        following = found[place + 1].blocks if place + 1 < len(found) else []
        answered = {block["tool_use_id"] for _, block in following if block.get("type") == "tool_result"}
        missing = [call for call in calls if call not in answered]
        if missing:
            return (
                f"messages.{turn.start}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            )
    return None


@rule("tool-result-expected", HANDLING_PAGE, about=("tool_result",))
def tool_result_expected(request: MessageRequest) -> str | None:
    """Every result answers a call of the turn before it."""
    found = request.turns
    for place, turn in enumerate(found):
        before = found[place - 1].blocks if place else []
        calls = {block["id"] for _, block in before if block.get("type") == "tool_use"}
        for path, block in turn.blocks:
            if block.get("type") == "tool_result" and block["tool_use_id"] not in calls:
                return (
                    f"{path}: unexpected `tool_use_id` found in `tool_result` blocks: {block['tool_use_id']}. Each "
                    "`tool_result` block must have a corresponding `tool_use` block in the previous message."
                )
    return None


@rule("tool-result-single", HANDLING_PAGE, about=("tool_result",))
def tool_result_single(request: MessageRequest) -> str | None:
    """A call has one result."""
    for turn in request.turns:
        results = Counter(block["tool_use_id"] for _, block in turn.blocks if block.get("type") == "tool_result")
        for name, count in results.items():
            if count > 1:
                return (
                    f"messages.{turn.start}: each tool_use must have a single result. "
                    f"Found multiple `tool_result` blocks with id: {name}"
                )
    return None


@rule("tool-result-first", HANDLING_PAGE, about=("tool_result",))
def tool_result_first(request: MessageRequest) -> str | None:
    """Results come before any other block of their turn."""
    for turn in request.turns:
        kinds = [block.get("type") == "tool_result" for _, block in turn.blocks]
        if True in kinds and kinds != sorted(kinds, reverse=True):
            return f"messages.{turn.start}: `tool_result` blocks must come before other content in the message"
    return None


RULES: Final[tuple[Rule, ...]] = (
    tool_names_unique,
    tool_schema,
    tool_choice_needs_tools,
    tool_choice_known,
    tool_choice_model,
    tool_use_ids_unique,
    tool_use_answered,
    tool_result_expected,
    tool_result_single,
    tool_result_first,
)
