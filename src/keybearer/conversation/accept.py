"""What a conversation takes as a turn, and the form in which it keeps it.

Contract: an answer stays the `Message` that it is, with its usage and the headers of its reply. Any other turn becomes a dict of plain
JSON types, copied, so that what a caller changes afterwards changes no conversation. No field is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.types.api_object import APIObject, is_mapping
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.json import detached

__all__ = ["Turn", "blocks_of", "role_of", "turn_of", "with_request_id"]

Turn: TypeAlias = Message | dict[str, Any]
"""One turn: an answer, or a dict with `role` and `content`."""

ROLES: Final = ("user", "assistant", "system")


def turn_of(value: Any) -> Turn:
    """Return a turn in the form in which a conversation keeps it.

    Args:
        value: A `Message`; a mapping with `role` and `content`; a message of the official SDK; or what `to_dict` made of one of these.

    Raises:
        UsageError: It is none of these.
    """
    if isinstance(value, Message):
        return value
    if isinstance(value, str):
        raise UsageError(
            f"A turn has a role and content, and this is the text {sanitize(repr(value), 60)}.",
            hint="Write conversation.user(...) or conversation.assistant(...).",
        )
    plain = detached(value)
    if not isinstance(plain, dict) or plain.get("role") not in ROLES:
        what = f"of type {type(value).__name__}" if not isinstance(plain, dict) else f"with role {plain.get('role')!r}"
        raise UsageError(
            f"A turn is a Message, or a dict with a role and content; this is one {sanitize(what, 80)}.",
            hint=f"The roles are {', '.join(ROLES)}; keybearer.repair mends a history from elsewhere.",
        )
    if plain.get("type") != "message" or plain["role"] != "assistant" or not isinstance(plain.get("content"), list):
        return plain
    return with_request_id(Message.of(plain), value)


def with_request_id(turn: Turn, value: Any) -> Turn:
    """Return a turn with the id of its request, which an answer of the official SDK has beside its fields."""
    request = None if isinstance(value, Mapping) else getattr(value, "_request_id", None)
    if isinstance(turn, Message) and isinstance(request, str):
        return turn.with_headers(Headers((("request-id", request),)))
    return turn


def role_of(turn: Turn) -> str:
    """Return a turn's role."""
    return turn.role if isinstance(turn, Message) else str(turn["role"])


def blocks_of(turn: Turn) -> list[Mapping[str, Any]]:
    """Return a turn's content blocks as plain JSON types; a text is one block."""
    content: Any = turn.content if isinstance(turn, Message) else turn.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    plain = [each.to_param() if isinstance(each, APIObject) else each for each in content or ()]
    return [each for each in plain if is_mapping(each)]
