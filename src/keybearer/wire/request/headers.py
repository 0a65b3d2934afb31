"""The headers of a request: who we are, the API's version, the beta tags.

`BETAS` is the table of tags that a request needs; a tag is added by rule when the request uses what it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from keybearer._version import __version__
from keybearer.types.api_object import is_mapping

__all__ = ["API_VERSION", "BETAS", "FILES", "USER_AGENT", "beta_tags", "join_betas", "uses_file"]

API_VERSION: Final = "2026-10-21"
"""The version asked for when the caller names none."""

USER_AGENT: Final = f"keybearer/{__version__}"
"""Who we are. keybearer never claims to be another client."""


FILES: Final = "files-api-2025-04-14"
"""The tag for messages that name an uploaded file."""


def _blocks(body: Mapping[str, Any]) -> Iterable[Any]:
    for message in body.get("messages") or ():
        content = message.get("content") if is_mapping(message) else None
        if isinstance(content, list):
            yield from content


def uses_file(body: Mapping[str, Any]) -> bool:
    """Return whether a body's messages name an uploaded file."""
    for block in _blocks(body):
        if is_mapping(block):
            if block.get("type") == "container_upload":
                return True
            source = block.get("source")
            if source is not None and is_mapping(source) and source.get("type") == "file":
                return True
    return False


BETAS: Final[dict[str, Callable[[Mapping[str, Any]], bool]]] = {
    "fast-mode-2026-02-01": lambda body: body.get("speed") is not None,
    "context-management-2025-06-27": lambda body: "context_management" in body,
    "mcp-client-2025-11-20": lambda body: "mcp_servers" in body,
    "message-threads-2026-08-12": lambda body: "thread" in body,
    "server-side-fallback-2026-07-01": lambda body: "fallbacks" in body,
    "fallback-credit-2026-07-01": lambda body: "fallback_credit_token" in body,
    "compact-2026-09-04": lambda body: "compaction" in body,
    FILES: uses_file,
}
"""Beta tag: whether a request body needs it. Source: docs/protocol.md."""


_PARAMETERS: Final = frozenset(
    {"speed", "context_management", "mcp_servers", "thread", "fallbacks", "fallback_credit_token", "compaction"}
)
"""The parameters that the table speaks of: nearly every body has none of them."""


def beta_tags(body: Mapping[str, Any]) -> list[str]:
    """Return the tags that a request body needs."""
    if _PARAMETERS.isdisjoint(body) and not uses_file(body):
        return []
    return [tag for tag, needed in BETAS.items() if needed(body)]


def join_betas(*groups: str | Iterable[str] | None) -> str:
    """Join beta tags for the header: whole tags, each once, in the order they came."""
    if not any(groups):
        return ""
    tags: dict[str, None] = {}
    for group in groups:
        parts = group.split(",") if isinstance(group, str) else [tag for each in group or () for tag in each.split(",")]
        tags |= dict.fromkeys(tag.strip() for tag in parts if tag.strip())
    return ",".join(tags)
