"""`POST /v1/messages` and `/v1/messages/count_tokens`: judge, account, answer, render."""

from __future__ import annotations

from typing import Any

import msgspec

from keybearer.simulator.caching import CacheUsage
from keybearer.simulator.engine import Answer, answer
from keybearer.simulator.errors import APIError
from keybearer.simulator.events import message_events
from keybearer.simulator.reply import Reply
from keybearer.simulator.request import Call, MessageRequest
from keybearer.simulator.rules import judge
from keybearer.simulator.rules.params import input_tokens
from keybearer.simulator.state import State

__all__ = ["count_tokens", "create_message", "read_body"]


def read_body(call: Call) -> dict[str, Any]:
    """Decode the body of a request.

    Args:
        call: The request.

    Returns:
        The JSON object.

    Raises:
        APIError: 400 for a body that is no JSON object.
    """
    try:
        body = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise APIError("invalid_request_error", f"The request body is not valid JSON: {error}", rule="json") from error
    if not isinstance(body, dict):
        raise APIError("invalid_request_error", "The request body must be a JSON object", rule="json")
    return body


def usage(cached: CacheUsage, turn: Answer, body: dict[str, Any], *, tier: str = "standard") -> dict[str, Any]:
    """Render a reply's usage, the wheel's `Usage`."""
    thinking = {"output_tokens_details": {"thinking_tokens": turn.thinking_tokens}} if turn.thinking_tokens else {}
    return {
        "input_tokens": cached.uncached,
        "cache_creation_input_tokens": cached.written,
        "cache_read_input_tokens": cached.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached.written_5m,
            "ephemeral_1h_input_tokens": cached.written_1h,
        },
        "output_tokens": turn.output_tokens,
        **thinking,
        "service_tier": tier,
        "inference_geo": body.get("inference_geo") or "global",
    }


def make_message(state: State, request: MessageRequest, organization: str, *, tier: str = "standard") -> dict[str, Any]:
    """Answer a judged request with a whole message.

    Args:
        state: The twin.
        request: The request.
        organization: Whose cache it reads and writes.
        tier: `standard` or `batch`.

    Returns:
        The message, as the plain endpoint returns it.
    """
    model = request.model
    if model is None:
        raise APIError("not_found_error", f"model: {request.body.get('model')}")
    cached = state.cache.account(request.body, organization=organization, model=model.id, minimum=model.cache_minimum)
    turn = answer(request.body, state.ids, betas=request.betas, room=max(0, model.window - cached.total))
    return {
        "id": state.ids.new("msg_"),
        "type": "message",
        "role": "assistant",
        "model": model.id,
        "content": turn.content,
        "stop_reason": turn.stop_reason,
        "stop_sequence": turn.stop_sequence,
        "stop_details": turn.stop_details,
        "usage": usage(cached, turn, request.body, tier=tier),
    }


def create_message(state: State, call: Call) -> Reply:
    """Answer `POST /v1/messages`, plain or streamed."""
    body = read_body(call)
    request = MessageRequest(body, version=call.version, betas=call.betas)
    judge(request, state.options.lenient)
    message = make_message(state, request, call.organization)
    note = {"message_id": message["id"], "usage": message["usage"], "stop_reason": message["stop_reason"]}
    if body.get("stream"):
        return Reply(events=list(message_events(message)), note=note | {"stream": True})
    reply = Reply.json(message)
    reply.note = note
    return reply


def count_tokens(state: State, call: Call) -> Reply:
    """Answer `POST /v1/messages/count_tokens`."""
    request = MessageRequest(read_body(call), version=call.version, betas=call.betas, endpoint="count_tokens")
    judge(request, state.options.lenient)
    return Reply.json({"input_tokens": input_tokens(request)})
