"""The items of a batch: each is answered like a live request, by the same rules, scripts and faults.

An item has the path `ITEM_PATH`, which is no page of the API. A fault that waits for requests, and one of a chaos profile, strikes
items only if it names that path; a fault of a script strikes what the script answers.
"""

from __future__ import annotations

from typing import Any

import msgspec

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.core.errors import STATUS, ServiceError, error_body
from keybearer.simulator.core.reply import ServerReply, encode
from keybearer.simulator.core.request import ITEM_PATH, ServedCall
from keybearer.simulator.endpoints.compose import make_message, request_for
from keybearer.simulator.faults import Applied
from keybearer.simulator.rules import check_request
from keybearer.simulator.service.gaps import gaps
from keybearer.simulator.service.stores import StoredBatch
from keybearer.simulator.state import State

__all__ = ["answer_item"]

Result = dict[str, Any]


def answer_item(state: State, batch: StoredBatch, item: dict[str, Any]) -> Result:
    """Answer one item.

    Args:
        state: The simulator's state.
        batch: Its batch, whose notes get those of the answer.
        item: `{custom_id, params}`.

    Returns:
        The `result` of its line: `succeeded`, `errored`, or `expired` where a fault would lose or delay the reply.
    """
    call = ServedCall(
        method="POST", path=ITEM_PATH, query={}, headers=batch.headers, body=encode(item["params"]),
        request_id=state.ids.new("req_"),
    )  # fmt: skip
    fault = state.faults.take(ITEM_PATH, {}, lambda: False, call.test)
    if state.chaos is not None:
        fault = state.chaos.decide(call, may_strike=fault is None).fault or fault
    result = _struck_or_answered(state, batch, item["params"], call, fault)
    if result["type"] == "succeeded":
        state.bills.add(result["message"]["usage"], result["message"]["model"], batch.created, call.test)
    if state.chaos is not None:
        state.chaos.tally.done(_entry(state, call, result, fault))
    return result


def _struck_or_answered(
    state: State, batch: StoredBatch, params: dict[str, Any], call: ServedCall, fault: Applied | None
) -> Result:
    try:
        reply = fault.instead(call.request_id, state.clock.now()) if fault else None
        if reply is None:
            reply, scripted = _answered(state, batch, params, call)
            fault = fault or scripted
        return _result(reply, fault, call.request_id)
    except ServiceError as error:
        return {"type": "errored", "error": error_body(error, call.request_id)}


def _answered(
    state: State, batch: StoredBatch, params: dict[str, Any], call: ServedCall
) -> tuple[ServerReply, Applied | None]:
    """Answer an item that no fault has replaced; return the message, and the fault of its script."""
    request = request_for(state, params, batch.organization, version=batch.version, betas=batch.betas)
    if request.body.get("thread") is not None:
        raise ServiceError("invalid_request_error", "thread: not permitted in a batch", rule="batch-thread")
    batch.notes += [*check_request(request, state.options.lenient), *gaps(request.body)]
    script = state.script.take(request.body, batch.headers, call.test)
    message = make_message(state, request, batch.organization, tier="batch", script=script)
    fault = script.fault.applied if script and script.fault else None
    instead = fault.instead(call.request_id, state.clock.now()) if fault else None
    return instead or ServerReply.json(message), fault


def _result(reply: ServerReply, fault: Applied | None, request_id: str) -> Result:
    """Make the result of a reply and the fault that strikes it: none in time if the reply would be lost or late."""
    if fault is not None:
        reply = fault.on_reply(reply, request_id)
        if fault.kind.stage == "plan" or not reply.status:
            return {"type": "expired"}
    if reply.status >= 400:
        name = fault.kind.name if fault else "an error"
        words = reply.note.get("message", f"The simulator was asked for {name}.")
        kind = reply.note.get("error") if reply.note.get("message") else "api_error"
        return {"type": "errored", "error": error_body(ServiceError(str(kind), words, status=reply.status), request_id)}
    try:
        return {"type": "succeeded", "message": msgspec.json.decode(reply.body)}
    except msgspec.DecodeError:  # half a message is a result of no kind
        return {"type": "errored", "error": error_body(ServiceError("api_error", "Internal server error"), request_id)}


def _entry(state: State, call: ServedCall, result: Result, fault: Applied | None) -> RecordedRequest:
    """Describe an item and its result as a request, for the report of a chaos profile; the journal has none of them."""
    entry = RecordedRequest(
        at=state.clock.now(), method=call.method, path=call.path, query={}, headers=dict(call.headers), body=call.body,
        request_id=call.request_id, test=call.test,
    )  # fmt: skip
    error = result["error"]["error"]["type"] if result["type"] == "errored" else None
    status = {"succeeded": 200, "expired": 504}.get(result["type"]) or STATUS.get(str(error), 500)
    entry.record_reply(status, {"error": error} if error else {}, fault.kind.name if fault else None)
    entry.delivered = {"end": "complete"}
    return entry
