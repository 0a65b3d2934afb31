"""What a tool is for, judged by its name: its subject, and whether it searches for tools or ends the work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from keybearer.simulator.core.patterns import lazy

__all__ = ["about_words", "is_final", "is_search", "name_words", "short_name"]

NAME_PARTS: Final = lazy(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
COMMON_VERBS: Final = (
    "get set fetch find look up lookup search read list show do run make create query check tool the a my current and "
    "of for to by mcp calculate compute send add write edit delete remove update save open file view call use"
)
VERBS: Final = frozenset(COMMON_VERBS.split())
SEARCH: Final = lazy(r"search_?\w*_?tools?$|tool_?search|find_?tools?$", re.IGNORECASE)
FINAL_NAMES_TEXT: Final = (
    "final_answer finalanswer final_result final_response finish structuredoutput structured_output "
    "submit_answer submit_result attempt_completion task_complete return_answer respond_to_user "
    "json_tool_call"
)
FINAL_NAMES: Final = frozenset(FINAL_NAMES_TEXT.split())
"""Of smolagents, pydantic-ai, dspy, Claude Code, OpenHands, Cline and litellm."""
FINAL_PREFIX: Final = "final_result_"
"""pydantic-ai's output tools when there are several: one for each type."""


def name_words(name: str) -> list[str]:
    """Split a tool's name into words: `mcp__fs__write_file` into `mcp`, `fs`, `write`, `file`."""
    return [part.lower() for part in NAME_PARTS.findall(name)]


def short_name(name: str) -> str:
    """Return a tool's own name, without the server of MCP: `greet` of `mcp__tools__greet`."""
    return name.rsplit("__", 1)[-1] if name.startswith("mcp__") else name


def about_words(name: str) -> list[str]:
    """Return what a tool is about: `weather` of `get_weather`."""
    return [word for word in name_words(short_name(name)) if word not in VERBS]


def is_search(name: str) -> bool:
    """Return whether a tool of this name searches for tools."""
    return SEARCH.search(name) is not None


def is_final(tool: Mapping[str, Any] | str) -> bool:
    """Return whether a tool takes the result of the whole work."""
    name = (tool if isinstance(tool, str) else str(tool.get("name", ""))).lower()
    return name in FINAL_NAMES or name.startswith(FINAL_PREFIX)
