"""What of a request the simulator does not do as the service does it: one sentence each, for the journal.

These are the simulator's own gaps. They are no fault of the client, and no finding about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["FIELDS", "gaps"]

Body = dict[str, Any]

FIELDS: Final[Mapping[str, str]] = {
    "mcp_servers": "no MCP server is asked; its tools get a scenario's or canned results",
    "container": "no code is run; what an earlier request left in a container is not known",
    "container.skills": "skills are listed in the reply, and not carried out",
    "fallbacks": "which models are the default ones is not known; a refusal stays a refusal",
    "fallback_credit_token": "it is not redeemed",
    "billing_policy": "nothing is billed",
    "safeguards": "no safeguard is run",
    "output_config.task_budget": "the answer is not shortened to it",
    "thinking.block_binding": "blocks are not bound",
    "messages.clear_at": "the message stays",
    "messages.content.tool_changes": "the tools that a compacted conversation added or removed are as the request lists them",
    "mcp_servers.authorization_token": "no MCP server is asked, so it goes nowhere",
    "tools.allowed_callers": "programmatic tool calling is not simulated; code calls no tool",
    "tools.caching": "the advisor's own cache is not simulated",
    "tools.citations": "what a fetched page says is not cited",
    "tools.response_inclusion": "every result is in the reply",
    "tools.url_sources": "a page may be fetched wherever its URL comes from",
    "tools.use_cache": "no page is fetched, so none is cached",
    "tools.user_location": "no search is made, so none is near a place",
}
"""What a request may ask for that is not simulated, by the way to the field, and what happens in its place."""


PATHS: Final[dict[str, list[str]]] = {
    first: [path for path in FIELDS if path.partition(".")[0] == first]
    for first in dict.fromkeys(path.partition(".")[0] for path in FIELDS)
}
"""The ways to the fields by the field of the body that each begins with: most bodies have none but `messages`."""


def _programmatic(value: Any) -> bool:
    return any(caller != "direct" for caller in value)


MATTERS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "fallbacks": lambda value: value == "default",
    "tools.allowed_callers": _programmatic,
}
"""The fields of which only some values are not simulated."""


def _values(value: Any, path: str) -> list[Any]:
    """Find the values at the way to a field, in each item of a list."""
    if not path:
        return [value]
    first, _, rest = path.partition(".")
    return [
        found
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, dict) and first in each
        for found in _values(each[first], rest)
    ]


def gaps(body: Body) -> list[str]:
    """List the gaps that a request touches, in words."""
    notes = [
        f"{path.removeprefix('tools.')}: {FIELDS[path]}"
        for first, paths in PATHS.items()
        if first in body
        for path in paths
        if any(value and MATTERS.get(path, bool)(value) for value in _values(body, path))
    ]
    if body.get("speed") == "fast":
        notes.append("speed: it is reported in the usage, and the reply is as fast as ever")
    return notes
