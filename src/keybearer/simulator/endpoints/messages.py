"""`POST /v1/messages` and `/v1/messages/count_tokens`: check, admit, answer, charge, render."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec

from keybearer.simulator.control.scenario import ScriptedReply
from keybearer.simulator.core.catalogue import CatalogueModel
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import Event, ServerReply
from keybearer.simulator.core.request import MessageRequest, ServedCall
from keybearer.simulator.engine import EngineAnswer, answer
from keybearer.simulator.faults import StruckReply
from keybearer.simulator.rules import check_request
from keybearer.simulator.rules.params import input_tokens
from keybearer.simulator.rules.thinking import keeps_thinking
from keybearer.simulator.service.prompt_cache import CacheUsage
from keybearer.simulator.service.streaming import message_events
from keybearer.simulator.state import State

__all__ = ["count_tokens", "create_message", "make_message", "read_body"]


def read_body(call: ServedCall) -> dict[str, Any]:
    """Decode the body of a request.

    Args:
        call: The request.

    Returns:
        The JSON object.

    Raises:
        ServiceError: 400 for a body that is not a JSON object.
    """
    try:
        body = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ServiceError(
            "invalid_request_error", f"The request body is not valid JSON: {error}", rule="json"
        ) from error
    if not isinstance(body, dict):
        raise ServiceError("invalid_request_error", "The request body must be a JSON object", rule="json")
    return body


def _usage(cached: CacheUsage, turn: EngineAnswer, body: dict[str, Any], tier: str) -> dict[str, Any]:
    """Render a reply's usage (`Usage` of the wheel)."""
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


def _model(request: MessageRequest) -> CatalogueModel:
    """Return the request's model; without the rule `model-known` any name is a model with the default limits."""
    name = str(request.body.get("model"))
    return request.model or CatalogueModel(id=name, name=name, line="other")


def make_message(
    state: State,
    request: MessageRequest,
    organization: str,
    *,
    tier: str = "standard",
    script: ScriptedReply | None = None,
) -> dict[str, Any]:
    """Answer a request that has passed the rules with a whole message.

    Args:
        state: The simulator's state.
        request: The request.
        organization: The owner of the cache.
        tier: `standard` or `batch`.
        script: A scenario's reply, in place of the engine's answer.

    Returns:
        The message, as the plain endpoint returns it.
    """
    model = _model(request)
    body = request.body
    cached = state.cache.account(body, organization=organization, model=model.id, minimum=model.cache_minimum)
    scripted = script.content(state.ids) if script else None
    room = max(0, model.window - cached.total)
    asked = body if keeps_thinking(request) else {**body, "thinking": {"type": "disabled"}}
    turn = answer(asked, state.ids, betas=request.betas, room=room, content=scripted)
    if script and "stop_reason" in script.reply:
        turn = dataclasses.replace(turn, stop_reason=str(script.reply["stop_reason"]))
    usage = _usage(cached, turn, body, tier)
    if script and "usage" in script.reply:
        usage |= script.reply["usage"]
    message_id = state.ids.new("msg_")
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model.id,
        "content": turn.content,
        "stop_reason": turn.stop_reason,
        "stop_sequence": turn.stop_sequence,
        "stop_details": turn.stop_details,
        "usage": usage,
        **(
            {"diagnostics": state.diagnostics.diagnose(body, organization, message_id)} if "diagnostics" in body else {}
        ),
    }


def create_message(state: State, call: ServedCall) -> ServerReply | StruckReply:
    """Answer `POST /v1/messages`, plain or streamed, with the fault that a scenario asks for."""
    body = state.threads.resume(read_body(call), organization=call.organization, betas=call.betas)
    request = MessageRequest(
        body,
        version=call.version,
        betas=call.betas,
        files=state.files.types(call.organization),
        now=state.clock.now(),
        future=state.options.future,
    )
    notes = check_request(request, state.options.lenient)
    line, subscription = _model(request).line, call.is_subscription
    state.limits.admit(call.organization, line, input_tokens(request), subscription=subscription)
    script = state.script.take(body, call.headers, call.test)  # once it is admitted: a 429 uses up no turn
    if script and script.fault and (reply := script.fault.applied.instead(call.request_id, state.clock.now())):
        return reply
    message = make_message(state, request, call.organization, script=script)
    usage = message["usage"]
    state.threads.keep(body, message, organization=call.organization, betas=call.betas, request_id=call.request_id)
    state.limits.charge(
        call.organization,
        line,
        input_tokens=usage["input_tokens"] + usage["cache_creation_input_tokens"],
        output_tokens=usage["output_tokens"],
        subscription=subscription,
    )
    reply = dataclasses.replace(
        _render(message, script) if body.get("stream") else ServerReply.json(message),
        headers=state.limits.headers(call.organization, line, subscription=subscription),
        note={
            "message_id": message["id"],
            "usage": usage,
            "stop_reason": message["stop_reason"],
            **({"notes": notes} if notes else {}),
        },
    )
    return StruckReply(reply, script.fault.applied) if script and script.fault else reply


def _render(message: dict[str, Any], script: ScriptedReply | None) -> ServerReply:
    """Stream a message, or the events of a scenario."""
    if script and "events" in script.reply:
        raw = script.reply["events"]
        return ServerReply(events=[Event(str(each.get("type", "message")), each) for each in raw])
    return ServerReply(events=list(message_events(message)))


def count_tokens(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/messages/count_tokens`."""
    request = MessageRequest(
        read_body(call),
        version=call.version,
        betas=call.betas,
        endpoint="count_tokens",
        files=state.files.types(call.organization),
        now=state.clock.now(),
        future=state.options.future,
    )
    notes = check_request(request, state.options.lenient)
    return ServerReply.json({"input_tokens": input_tokens(request)}, note={"notes": notes} if notes else None)
