"""What parts of a request cost: tables of paths, parameters, tools and blocks, by what bounds what the service bills for them.

Contract: what stands in none of the tables is not known to this version, and is never taken for free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = [
    "ASKING",
    "BY_BYTES",
    "FREE",
    "HIDDEN",
    "IMAGE",
    "LOOPING",
    "OF_RESULTS",
    "OWN_TOOL",
    "PAID",
    "PLAIN",
    "READS_MORE",
    "ROUNDS",
    "TOOLSETS",
    "WITHOUT_FIGURE",
    "blocks",
    "is_open",
    "written",
]

HIDDEN: Final = 1_000
"""The tokens that the service writes around a request's own: its words on tools and formats. Documented are 804 at the most."""

OWN_TOOL: Final = 1_000
"""The tokens of the definition of one of the service's tools that the caller runs. Documented are 735 at the most."""

IMAGE: Final = 4_784
"""The most tokens of an image, after it is scaled, of the newest models; older ones have 1,600."""

ROUNDS: Final = 10
"""How often the service asks the model in one request, with tools of its own, before it ends with `pause_turn`."""

PLAIN: Final = frozenset(
    {
        "model",
        "max_tokens",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "output_format",
        "cache_control",
        "stop_sequences",
        "metadata",
        "service_tier",
        "inference_geo",
        "diagnostics",
        "temperature",
        "top_p",
        "top_k",
        "stream",
        "speed",
        "billing_policy",
        "fallback_credit_token",
        "safeguards",
        "custom_id",
    }
)
"""Parameters whose cost is in their bytes, in `max_tokens` and in the price."""

READS_MORE: Final = frozenset({"thread", "mcp_servers", "container", "compaction", "context_management", "fallbacks"})
"""Parameters by which the model may read what is not in the request, or be asked more than once."""

TOOLSETS: Final = ("browser_toolset_", "computer_toolset_")
"""Those whose definitions nothing bounds."""

LOOPING: Final = ("web_search_", "web_fetch_", "tool_search_tool_", "mcp_toolset")
"""The service's tools that it runs itself, asking the model again with what came of it."""

PAID: Final = {"web_search_": "web_search", "web_fetch_": "web_fetch"}
"""Those that are paid by the request."""

WITHOUT_FIGURE: Final = {"code_execution_": "the hours of its container are in no reply"}
"""Those that cost what no reply says."""

BY_BYTES: Final = frozenset(
    {
        "text",
        "thinking",
        "redacted_thinking",
        "tool_use",
        "tool_result",
        "server_tool_use",
        "mcp_tool_use",
        "mcp_tool_result",
        "search_result",
        "image",
        "document",
        "compaction",
        "fallback",
        "tool_reference",
    }
)
"""The types of blocks whose cost is in their bytes, but for the media in them."""

OF_RESULTS: Final = ("_result", "_error", "_output")
"""The ends of the types of what the results of the service's tools are made of."""

FREE: Final = frozenset(
    {
        "agents",
        "compliance",
        "environments",
        "files",
        "memory_stores",
        "models",
        "organizations",
        "skills",
        "tunnels",
        "user_profiles",
        "vaults",
    }
)
"""The first words of paths below `/v1/` where nothing is asked of a model."""

ASKING: Final = frozenset({"POST", "PUT", "PATCH"})


def blocks(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every block of a decoded request, those in others too."""
    found: list[Mapping[str, Any]] = []
    left: list[Any] = [body.get("messages"), body.get("system")]
    while left:
        value = left.pop()
        if type(value) is list:
            left += value
        elif type(value) is dict:
            if type(value.get("type")) is str:
                found.append(value)
            left.append(value.get("content"))
            source = value.get("source")
            if type(source) is dict:
                left.append(source.get("content"))
    return found


def is_open(block: Mapping[str, Any]) -> bool:
    """Return whether no byte of a block bounds what the model reads of it."""
    kind = str(block["type"])
    if kind not in BY_BYTES and not kind.endswith(OF_RESULTS):
        return True
    source = block.get("source")
    return kind == "document" and (not isinstance(source, Mapping) or source.get("type") not in {"text", "content"})


def written(value: Any) -> set[str]:
    """Return what is paid for writing to the cache, by the breakpoints anywhere in a request."""
    found: set[str] = set()
    if type(value) is dict:
        if (mark := value.get("cache_control")) is not None:
            found.add("cache_write_1h" if isinstance(mark, Mapping) and mark.get("ttl") == "1h" else "cache_write_5m")
        for name, each in value.items():
            if name not in {"input", "input_schema"}:
                found |= written(each)
    elif type(value) is list:
        for each in value:
            found |= written(each)
    return found
