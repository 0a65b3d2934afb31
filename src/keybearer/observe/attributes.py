"""The attributes of spans, as tables: where each comes from in a request and in a message.

Strategy: the names are those of the official SDK's own spans (`anthropic._tracing`, 2.14), which takes them from OpenTelemetry's
conventions for generative AI where they have one. What the SDK has no name for begins with `keybearer.`.

Contract: an attribute is of the type that its row says, or missing. No header's value but the beta tags, no user of a URL and no query
is an attribute. `gen_ai.usage.input_tokens` includes the tokens that were read from the prompt cache and written to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from keybearer.api.methods import methods
from keybearer.errors import DeadlineExceeded, StreamTimedOut, StreamTruncated, TimedOut, TransportError
from keybearer.errors.base import KeybearerError
from keybearer.errors.sanitize import sanitize
from keybearer.types.messages import Message
from keybearer.types.usage import Usage

__all__ = [
    "CHAT",
    "COUNT",
    "Operation",
    "counted_attributes",
    "description_of",
    "error_type",
    "message_attributes",
    "operation_of",
    "path_attributes",
    "provider_of",
    "request_attributes",
    "url_attributes",
]

CHAT: Final = "messages.create"
"""The operation whose answers are messages."""

COUNT: Final = "messages.count_tokens"
"""The operation that counts the tokens of a request."""

MESSAGE_REQUEST: Final[Mapping[str, tuple[tuple[str, ...], type]]] = {
    "gen_ai.request.model": (("model",), str),
    "gen_ai.request.max_tokens": (("max_tokens",), int),
    "gen_ai.request.reasoning.level": (("output_config", "effort"), str),
    "gen_ai.request.temperature": (("temperature",), float),
    "gen_ai.request.top_k": (("top_k",), float),
    "gen_ai.request.top_p": (("top_p",), float),
    "anthropic.request.service_tier": (("service_tier",), str),
    "anthropic.thinking.type": (("thinking", "type"), str),
    "anthropic.thinking.budget_tokens": (("thinking", "budget_tokens"), int),
}
"""Fields of the request's body: the path of each, and its type."""

MESSAGE_USAGE: Final[Mapping[str, tuple[tuple[str, ...], type]]] = {
    "gen_ai.usage.cache_write.input_tokens": (("cache_creation_input_tokens",), int),
    "gen_ai.usage.cache_read.input_tokens": (("cache_read_input_tokens",), int),
    "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": (("cache_creation", "ephemeral_5m_input_tokens"), int),
    "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": (("cache_creation", "ephemeral_1h_input_tokens"), int),
    "anthropic.response.service_tier": (("service_tier",), str),
    "gen_ai.usage.output_tokens": (("output_tokens",), int),
    "gen_ai.usage.reasoning.output_tokens": (("output_tokens_details", "thinking_tokens"), int),
}
"""Fields of a message's usage."""

FINAL: Final = frozenset({"gen_ai.usage.output_tokens", "gen_ai.usage.reasoning.output_tokens"})
"""Figures that a stream states at its end; those before are no figures."""

PROVIDERS: Final[Mapping[str, str]] = {
    "bedrock": "aws.bedrock",
    "bedrock_mantle": "aws.bedrock",
    "vertex": "gcp.vertex_ai",
}
"""The conventions' names of platforms, where they are not Anthropic's."""


_KIND: Final = re.compile(r"[a-z_]{1,40}")
"""An error's type, as the API names them; a gateway may say anything."""


PATH_IDS: Final[Mapping[str, str]] = {
    "agent_id": "gen_ai.agent.id",
    "deployment_id": "anthropic.deployment.id",
    "dream_id": "anthropic.dream.id",
    "environment_id": "anthropic.environment.id",
    "file_id": "anthropic.file.id",
    "memory_store_id": "gen_ai.memory.store.id",
    "message_batch_id": "anthropic.message.batch.id",
    "model_id": "anthropic.model.id",
    "session_id": "anthropic.session.id",
    "skill_id": "anthropic.skill.id",
    "user_profile_id": "anthropic.user_profile.id",
    "vault_id": "anthropic.vault.id",
}
"""The ids in a path; those of an organization's administration are in `url.path` alone."""


class Operation(NamedTuple):
    """What a request asks for.

    Attributes:
        name: The official SDK's name of the method, such as `messages.create`; `request` where it has none.
        route: The path with names in place of ids; None where the method is not known.
    """

    name: str
    route: str | None


@cache
def _table() -> Mapping[tuple[str, int], list[tuple[tuple[str, ...], Operation]]]:
    table: dict[tuple[str, int], list[tuple[tuple[str, ...], Operation]]] = {}
    for name, row in methods().items():
        parts = tuple(row.path.strip("/").split("/"))
        operation = Operation(name.removeprefix("beta."), row.path)
        table.setdefault((row.http, len(parts)), []).append((parts, operation))
    for rows in table.values():
        rows.sort(key=lambda row: sum(part.startswith("{") for part in row[0]))  # a name before a place for one
    return table


def operation_of(method: str, url: str) -> Operation:
    """Return what a request asks for."""
    path = urlsplit(url).path
    begin = path.find("/v1/")
    asked = path[max(begin, 0) :].strip("/").split("/")
    for parts, operation in _table().get((method, len(asked)), ()):
        if all(part.startswith("{") or part == other for part, other in zip(parts, asked, strict=True)):
            return operation
    return Operation("request", None)


def path_attributes(operation: Operation, url: str) -> dict[str, Any]:
    """Return the ids in a path, by the names of the operation's route."""
    if operation.route is None or "{" not in operation.route:
        return {}
    names, values = operation.route.strip("/").split("/"), urlsplit(url).path.strip("/").split("/")
    pairs = zip(names, values[-len(names) :], strict=True)
    return {PATH_IDS[name[1:-1]]: unquote(value) for name, value in pairs if name[1:-1] in PATH_IDS}


def url_attributes(url: str) -> dict[str, Any]:
    """Return the attributes of a URL, without its user, its query and its fragment."""
    split = urlsplit(url)
    host, port = split.hostname or "", split.port or (80 if split.scheme == "http" else 443)
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if split.port is None else f"{shown}:{port}"
    return {
        "server.address": host,
        "server.port": port,
        "url.scheme": split.scheme,
        "url.path": split.path,
        "url.full": f"{split.scheme}://{netloc}{split.path}",
    }


def provider_of(name: str) -> str:
    """Return the conventions' name of a provider; a gateway speaks Anthropic's API."""
    return PROVIDERS.get(name, "anthropic")


def request_attributes(body: Any) -> dict[str, Any]:
    """Return the attributes of a message's request."""
    found = _fields(body, MESSAGE_REQUEST)
    config = body.get("output_config") if isinstance(body, Mapping) else None
    shape = config.get("format") if isinstance(config, Mapping) else None
    if isinstance(shape, Mapping) and shape.get("type") == "json_schema":
        found["gen_ai.output.type"] = "json"
    return found


def message_attributes(message: Message, *, complete: bool) -> dict[str, Any]:
    """Return the attributes of a message.

    Args:
        message: The message, as far as it came.
        complete: Whether it is whole.
    """
    usage = message.usage
    found = _fields(usage.to_dict(), MESSAGE_USAGE)
    if not complete:
        found = {name: value for name, value in found.items() if name not in FINAL}
    elif message.stop_reason:
        found["anthropic.message.stop_reason"] = message.stop_reason
        found["gen_ai.response.finish_reasons"] = (message.stop_reason,)
    if (total := usage.total_input_tokens) is not None:
        found["gen_ai.usage.input_tokens"] = total
    if (share := cache_share(usage)) is not None:
        found["keybearer.cache.share"] = share
    named: dict[str, Any] = {"gen_ai.response.id": message.id, "gen_ai.response.model": message.model}
    found |= {name: value for name, value in named.items() if isinstance(value, str) and value}
    cost = message.cost
    if complete and not cost.unknown:
        found["keybearer.cost.usd"] = float(cost.known)
    return found


def counted_attributes(answer: Any) -> dict[str, Any]:
    """Return the attributes of the answer to `messages.count_tokens`."""
    return _fields(answer, {"anthropic.message.count_tokens.input_tokens": (("input_tokens",), int)})


def cache_share(usage: Usage) -> float | None:
    """Return which share of the input tokens was read from the prompt cache; None where there are none, or nobody knows."""
    total = usage.total_input_tokens
    read = usage.cache_read_input_tokens
    return None if not total else (read if isinstance(read, int) else 0) / total


def error_type(error: BaseException) -> str:
    """Return the `error.type` of an error: the API's own type, else the status, else what the SDK says, else the class."""
    kind: Any = getattr(error, "type", None)
    if isinstance(error, KeybearerError) and isinstance(kind, str) and _KIND.fullmatch(kind):
        return kind
    status = getattr(error, "http_status", 0)
    if isinstance(status, int) and status >= 400:
        return str(status)
    if isinstance(error, TimedOut | StreamTimedOut | DeadlineExceeded):
        return "client_timeout_error"
    if isinstance(error, TransportError | StreamTruncated):
        return "connection_error"
    if not isinstance(error, Exception):
        return "cancelled"
    return type(error).__qualname__


def description_of(error: BaseException) -> str | None:
    """Return an error's message for a span; None for one that is not keybearer's, which may say anything."""
    return sanitize(error.message, 300) if isinstance(error, KeybearerError) else None


def _fields(source: Any, table: Mapping[str, tuple[tuple[str, ...], type]]) -> dict[str, Any]:
    found = {}
    for name, (path, kind) in table.items():
        value = source
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(value, kind) and not isinstance(value, bool):
            found[name] = value
    return found
