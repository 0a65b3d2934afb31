"""The headers of a request: user agent, API version and beta tags.

`BETAS` is the table of beta tags. A new tag takes one row; requests that use its parameter then send it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from keybearer._version import __version__
from keybearer.types.api_object import is_mapping

__all__ = ["API_VERSION", "BETAS", "FILES", "USER_AGENT", "Beta", "beta_tags", "join_betas", "uses_file"]

API_VERSION: Final = "2026-10-21"
"""The default API version (`anthropic-version`)."""

USER_AGENT: Final = f"keybearer/{__version__}"
"""The user agent. keybearer never claims to be another client."""


FILES: Final = "files-api-2025-04-14"
"""The beta tag for messages that refer to an uploaded file."""


def _blocks(body: Mapping[str, Any]) -> Iterable[Any]:
    for message in body.get("messages") or ():
        content = message.get("content") if is_mapping(message) else None
        if isinstance(content, list):
            yield from content


def uses_file(body: Mapping[str, Any]) -> bool:
    """Return whether a body's messages refer to an uploaded file."""
    for block in _blocks(body):
        if is_mapping(block):
            if block.get("type") == "container_upload":
                return True
            source = block.get("source")
            if source is not None and is_mapping(source) and source.get("type") == "file":
                return True
    return False


def compacts(body: Mapping[str, Any]) -> bool:
    """Return whether a body asks for a compaction, or begins with the block that one returned."""
    if body.get("compaction") is not None:
        return True
    turns = body.get("messages")
    first = turns[0] if isinstance(turns, list) and turns else None
    content = first.get("content") if is_mapping(first) else None
    block = content[0] if isinstance(content, list) and content else None
    return is_mapping(block) and block.get("type") == "compaction" and "signature" in block


class Beta(NamedTuple):
    """When a request needs a beta tag.

    Attributes:
        parameter: The parameter that the tag belongs to; a body without it does not need the tag.
        needed: Whether a body that has the parameter needs the tag.
    """

    parameter: str
    needed: Callable[[Mapping[str, Any]], bool] = lambda _body: True


BETAS: Final[dict[str, Beta]] = {
    "fast-mode-2026-02-01": Beta("speed", lambda body: body["speed"] is not None),
    "context-management-2025-06-27": Beta("context_management"),
    "mcp-client-2025-11-20": Beta("mcp_servers"),
    "message-threads-2026-08-12": Beta("thread"),
    "server-side-fallback-2026-07-01": Beta("fallbacks"),
    "fallback-credit-2026-07-01": Beta("fallback_credit_token"),
    "compact-2026-09-04": Beta("messages", compacts),
    FILES: Beta("messages", uses_file),
}
"""Beta tag to when a request needs it. Source: docs/protocol.md."""


def beta_tags(body: Mapping[str, Any]) -> list[str]:
    """Return the tags that a request body needs."""
    return [tag for tag, beta in BETAS.items() if beta.parameter in body and beta.needed(body)]


def join_betas(*groups: str | Iterable[str] | None) -> str:
    """Join beta tags for the header: each tag once, in the order given."""
    if not any(groups):
        return ""
    tags: dict[str, None] = {}
    for group in groups:
        parts = group.split(",") if isinstance(group, str) else [tag for each in group or () for tag in each.split(",")]
        tags |= dict.fromkeys(tag.strip() for tag in parts if tag.strip())
    return ",".join(tags)
