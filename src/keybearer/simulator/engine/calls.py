"""Chooses the tools to call, and their arguments.

A tool is called when the prompt asks for it: by an unmistakable name (`get_weather`), by `use X` or `the X tool`, or,
for a name of several words, by the words for its subject (`weather`). A plain English word such as `Read` is not
enough, because an agent's tools have effects. `tool_choice` comes first: `any` and `tool` force a call, `none` forbids it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine.hints import Hints, places
from keybearer.simulator.engine.prompt import Prompt
from keybearer.simulator.engine.schema import make_instance

__all__ = ["plan_calls"]

LONGEST_INPUT: Final = 20_000
COMMON_VERBS: Final = (
    "get set fetch find look up lookup search read list show do run make create query check tool the a my current and "
    "of for to by mcp calculate compute send add"
)
VERBS: Final = frozenset(COMMON_VERBS.split())
NAME_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
CLIENT_TOOLS: Final[dict[str, dict[str, Any]]] = {
    "bash": {"command": "echo hello from the simulator"},
    "str_replace_based_edit_tool": {"command": "view", "path": "/tmp"},  # noqa: S108  # an argument, never opened here
    "memory": {"command": "view", "path": "/memories"},
    "computer": {"action": "screenshot"},
}
"""Harmless arguments for the tools whose schema only the service has."""


def _words(name: str) -> list[str]:
    return [part.lower() for part in NAME_PARTS.findall(name)]


def _is_wanted(tool: dict[str, Any], text: str) -> bool:
    name = str(tool.get("name", ""))
    quoted = re.escape(name)
    if not name:
        return False
    if re.search(
        rf"(?:\b(?:use|call|run|invoke|using|with|via)\s+(?:the\s+)?[`'\"]?{quoted}\b|`{quoted}`|\b{quoted}\s+tool\b)",
        text,
        re.IGNORECASE,
    ):
        return True
    words = _words(name)
    if len(words) < 2:
        return False
    if re.search(rf"(?<!\w){quoted}(?!\w)", text):
        return True
    about = [word for word in words if word not in VERBS]
    spoken = set(re.findall(r"[a-z0-9]+", text.lower()))
    return bool(about) and all(word in spoken or word + "s" in spoken for word in about)


def _given_input(name: str, text: str) -> dict[str, Any] | None:
    """Return arguments that the prompt gives as JSON: `get_weather {"city": "Oslo"}`."""
    match = re.search(rf"{re.escape(name)}[`'\"]?(?:\s+with)?[\s(:]*(\{{)", text)
    if not match:
        return None
    tail = text[match.start(1) :][:LONGEST_INPUT]
    for end in (index + 1 for index, character in enumerate(tail) if character == "}"):
        try:
            value = msgspec.json.decode(tail[:end])
        except msgspec.DecodeError:
            continue
        return value if isinstance(value, dict) else None
    return None


def _inputs(tool: dict[str, Any], text: str, *, parallel: bool) -> list[dict[str, Any]]:
    """Make the arguments of one tool: several sets when the prompt names several places."""
    name = str(tool.get("name"))
    if given := _given_input(name, text):
        return [given]
    schema = tool.get("input_schema")
    if not isinstance(schema, dict):
        return [dict(CLIENT_TOOLS.get(name, {}))]
    examples = tool.get("input_examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], dict):
        return [examples[0]]
    inputs: list[dict[str, Any]] = []
    named: list[str | None] = [*places(text)] if parallel else []
    for place in named or [None]:
        instance = make_instance(schema, Hints(text, place=place))
        if isinstance(instance, dict) and instance not in inputs:
            inputs.append(instance)
    return inputs or [{}]


def plan_calls(prompt: Prompt, ids: Ids) -> list[dict[str, Any]]:
    """Decide the tool calls of a turn.

    Args:
        prompt: The prompt.
        ids: The source of ids for the calls.

    Returns:
        `tool_use` blocks; empty when the answer is text.
    """
    choice = prompt.tool_choice
    kind = choice.get("type", "auto")
    # Tools that the service runs itself have a versioned type and no schema; the client could not answer a call of one.
    callable_ = [tool for tool in prompt.tools if "input_schema" in tool or tool.get("name") in CLIENT_TOOLS]
    if kind == "none" or not callable_:
        return []
    parallel = not choice.get("disable_parallel_tool_use")
    if kind == "tool":
        chosen = [tool for tool in callable_ if tool.get("name") == choice.get("name")]
    else:
        chosen = [tool for tool in callable_ if _is_wanted(tool, prompt.text) and tool.get("name") not in prompt.called]
        if kind == "any" and not chosen:
            chosen = callable_[:1]
    calls = [(tool, made) for tool in chosen for made in _inputs(tool, prompt.text, parallel=parallel)]
    if not parallel or kind == "tool":
        calls = calls[:1]
    return [
        {"type": "tool_use", "id": ids.new("toolu_"), "name": tool["name"], "input": made, "caller": {"type": "direct"}}
        for tool, made in calls
    ]
