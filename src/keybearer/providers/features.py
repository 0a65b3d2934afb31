"""The features of the API that a platform may lack, and how a request shows that it uses one.

Contract: what a platform lacks is refused before anything is sent, in words that name the platforms which have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from keybearer.errors import UsageError
from keybearer.types.http import Draft

if TYPE_CHECKING:
    from keybearer.providers.platform import PlatformRow

__all__ = ["BODY", "FEATURES", "ROUTES", "refuse", "used"]

ROUTES: Final[tuple[tuple[str, str], ...]] = (
    ("/v1/messages", "messages"),
    ("/v1/messages/count_tokens", "count_tokens"),
    ("/v1/messages/batches", "batches"),
    ("/v1/models", "models"),
    ("/v1/files", "files"),
    ("/v1/skills", "skills"),
    ("/v1/user_profiles/*/action_urls", "action_urls"),
)
"""The paths of the features; any other path is `other`."""

BODY: Final[dict[str, str]] = {
    "speed": "fast_mode",
    "mcp_servers": "mcp_connector",
    "container": "containers",
    "thread": "threads",
    "fallbacks": "server_fallbacks",
    "fallback_credit_token": "server_fallbacks",
}
"""The fields of a message's request that use a feature, unless they are null."""

FEATURES: Final[dict[str, str]] = {
    "messages": "messages",
    "count_tokens": "the counting of tokens",
    "batches": "message batches",
    "models": "the list of models",
    "files": "the Files API, and messages that refer to an uploaded file",
    "skills": "skills",
    "containers": "containers and the skills in them",
    "threads": "message threads",
    "fast_mode": "fast mode",
    "mcp_connector": "the MCP connector",
    "server_fallbacks": "fallbacks to other models by the service",
    "action_urls": "action URLs of user profiles",
    "other": "agents, sessions, memory stores, administration and whatever else has a path of its own",
}
"""Each feature, in words."""

_UNUSED: Final = (None, "standard")
"""Values of a field that use no feature: null, and the speed that every platform has."""

_FILE: Final = re.compile(rb'"(type|file_id)":\s*"?(container_upload|file_|file")')


def used(draft: Draft, path: str) -> Iterator[str]:
    """Give the features that a request uses.

    Args:
        draft: The request, in the API's own form.
        path: Its path below the base URL.
    """
    yield (route := _route(path))
    if route not in {"messages", "count_tokens", "batches"} or not draft.body:
        return
    if any(f'"{name}"'.encode() in draft.body for name in BODY):
        yield from _of_fields(draft.body)
    if b"file" in draft.body and _FILE.search(draft.body):
        yield from _of_files(draft.body)


def _route(path: str) -> str:
    plain = path.partition("?")[0]
    found = "other"
    for route, feature in ROUTES:
        pattern = re.escape(route).replace(r"\*", "[^/]+")
        if re.fullmatch(pattern if route == "/v1/messages" else rf"{pattern}(/.*)?", plain):
            found = feature
    return found


def _of_fields(body: bytes) -> Iterator[str]:
    decoded = msgspec.json.decode(body)
    rows = decoded.get("requests") if isinstance(decoded, dict) else None
    fields = [row.get("params") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [decoded]
    for each in fields:
        if isinstance(each, dict):
            yield from (feature for name, feature in BODY.items() if each.get(name) not in _UNUSED)


def _of_files(body: bytes) -> Iterator[str]:
    if _refers(msgspec.json.decode(body)):
        yield "files"


def _refers(value: Any) -> bool:
    """Return whether a value holds a block that refers to an uploaded file."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if not isinstance(value, dict):
        return False
    if value.get("type") == "container_upload" or (value.get("type") == "file" and "file_id" in value):
        return True
    return any(
        _refers(value[name]) for name in ("requests", "params", "messages", "content", "source") if name in value
    )


def refuse(row: PlatformRow, feature: str, others: Mapping[str, PlatformRow]) -> UsageError:
    """Return the error for a feature that a platform does not offer.

    Args:
        row: The platform.
        feature: The feature.
        others: The table of platforms.
    """
    there = [f"{each.title} (kind: {each.kind})" for each in others.values() if feature not in each.lacks]
    anthropic = "Anthropic's own API (kind: anthropic)"
    doubt = "" if row.lacks[feature] == "wheel" else f" If it does by now, add {feature!r} to the platform's `allow`."
    return UsageError(
        f"{row.title} does not offer {FEATURES[feature]}: nothing was sent.",
        hint=f"Offered by: {', '.join([anthropic, *there])}.{doubt}",
    )
