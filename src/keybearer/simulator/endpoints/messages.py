"""`POST /v1/messages` and `/v1/messages/count_tokens`: resume, check, admit, answer, keep, charge, render."""

from __future__ import annotations

from typing import Any

import msgspec

from keybearer.simulator.control.scenario import ScriptedReply
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import Event, ServerReply, encode
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.compose import make_message, model_of, request_for
from keybearer.simulator.faults import StruckReply
from keybearer.simulator.rules import check_request
from keybearer.simulator.rules.params import input_tokens
from keybearer.simulator.service import tokens
from keybearer.simulator.service.gaps import gaps
from keybearer.simulator.service.streaming import message_events
from keybearer.simulator.service.usage import billed
from keybearer.simulator.state import State

__all__ = ["count_tokens", "create_message", "read_body"]


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


def create_message(state: State, call: ServedCall) -> ServerReply | StruckReply:
    """Answer `POST /v1/messages`, plain or streamed, with the fault that a scenario asks for."""
    organization, betas = call.organization, call.betas
    body = state.threads.resume(read_body(call), organization=organization, betas=betas)
    request = request_for(state, body, organization, version=call.version, betas=betas)
    notes = [*check_request(request, state.options.lenient), *gaps(body)]
    line, subscription = model_of(request).line, call.is_subscription
    state.limits.admit(organization, line, input_tokens(request), subscription=subscription)
    script = state.script.take(body, call.headers, call.test)  # once it is admitted: a 429 uses up no turn
    if script and script.fault and (reply := script.fault.applied.instead(call.request_id, state.clock.now())):
        return reply
    message = make_message(state, request, organization, script=script)
    usage = message["usage"]
    state.threads.keep(body, message, organization=organization, betas=betas, request_id=call.request_id)
    given, made = billed(usage)
    state.limits.charge(organization, line, input_tokens=given, output_tokens=made, subscription=subscription)
    events = _events(message, script) if body.get("stream") else None
    reply = ServerReply(
        body=encode(message) if events is None else b"",
        events=events,
        headers=state.limits.headers(organization, line, subscription=subscription),
        note={
            "message_id": message["id"],
            "model": message["model"],
            "usage": usage,
            "stop_reason": message["stop_reason"],
            **({"notes": notes} if notes else {}),
        },
    )
    return StruckReply(reply, script.fault.applied) if script and script.fault else reply


def _events(message: dict[str, Any], script: ScriptedReply | None) -> list[Event]:
    """Stream a message, or the events of a scenario."""
    if script and "events" in script.reply:
        raw = script.reply["events"]
        return [Event(str(each.get("type", "message")), each) for each in raw]
    return list(message_events(message))


def count_tokens(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/messages/count_tokens`."""
    request = request_for(
        state, read_body(call), call.organization, version=call.version, betas=call.betas, endpoint="count_tokens"
    )
    notes = check_request(request, state.options.lenient)
    counted: dict[str, Any] = {"input_tokens": input_tokens(request)}
    if request.body.get("context_management") is not None:
        counted["context_management"] = {"original_input_tokens": tokens.count_prompt(request.body)}
    return ServerReply.json(counted, note={"notes": notes} if notes else None)
