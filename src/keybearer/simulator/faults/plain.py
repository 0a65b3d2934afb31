"""What a fault in the events does to a plain message or chat completion: the same fault, in the only form that it has there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import structs

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply, encode, refuse
from keybearer.simulator.faults.chat import changed_choice
from keybearer.simulator.faults.events import NEW_BLOCK

__all__ = ["PLAIN"]

SUCCESS: Final = 200


def _message(reply: ServerReply) -> dict[str, Any] | None:
    """Return the message or the chat completion of a reply; None for a refusal."""
    message = msgspec.json.decode(reply.body) if reply.status == SUCCESS and reply.lines is None else None
    return message if isinstance(message, dict) and {"content", "choices"} & message.keys() else None


def _changed(reply: ServerReply, **fields: Any) -> ServerReply:
    message = _message(reply)
    return reply if message is None else structs.replace(reply, body=encode({**message, **fields}))


def _stream_error(
    reply: ServerReply,
    request_id: str,
    *,
    type: str = "overloaded_error",  # noqa: A002  # the wire's name
    message: str = "Overloaded",
    **_: Any,
) -> ServerReply:
    """The error of the stream as the whole reply."""
    return reply if _message(reply) is None else refuse(ServiceError(type, message), request_id)


def _unknown_block(reply: ServerReply, _request_id: str) -> ServerReply:
    message = _message(reply)
    if message is None or "content" not in message:
        return reply
    return _changed(reply, content=[*message["content"], NEW_BLOCK])


def _unknown_stop_reason(reply: ServerReply, _request_id: str, *, value: str = "tea_time") -> ServerReply:
    message = _message(reply)
    if message is not None and "choices" in message:
        return _changed(reply, **changed_choice(message, finish_reason=value))
    return _changed(reply, stop_reason=value)


def _huge_event(reply: ServerReply, _request_id: str, *, bytes: int = 1_000_000) -> ServerReply:  # noqa: A002  # see events
    message = _message(reply)
    if message is None:
        return reply
    if "choices" in message:
        said = {**message["choices"][0]["message"], "content": "x" * bytes}
        return _changed(reply, **changed_choice(message, message=said))
    return _changed(reply, content=[{"type": "text", "text": "x" * bytes}, *message["content"]])


def _broken_event(reply: ServerReply, _request_id: str, **_: Any) -> ServerReply:
    return reply if _message(reply) is None else structs.replace(reply, body=reply.body[: len(reply.body) // 2])


PLAIN: Final[dict[str, Callable[..., ServerReply]]] = {
    "stream_error": _stream_error,
    "unknown_block": _unknown_block,
    "unknown_stop_reason": _unknown_stop_reason,
    "huge_event": _huge_event,
    "broken_event": _broken_event,
}
"""Name of a fault in the events to what it does to a plain message. The other ones need a stream."""
