"""`POST /v1/chat/completions`: the API's OpenAI-compatible door, to the same rules, engine, scripts and journal as `/v1/messages`.

Source: the API's "OpenAI SDK compatibility" page. It needs no `anthropic-version`, which that SDK does not send; the older version's
rules apply, because the newer one takes no `temperature` (a guess). A refusal has the other API's shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import structs

from keybearer.simulator.core.reply import Event, ServerReply, encode
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.chat_request import ignored_fields, to_message_request
from keybearer.simulator.endpoints.messages import create_message, read_body
from keybearer.simulator.faults import StruckReply
from keybearer.simulator.faults.chat import DONE
from keybearer.simulator.service.streaming import message_events
from keybearer.simulator.state import State

__all__ = ["complete_chat", "in_chat_shape"]

VERSION: Final = "2023-06-01"
FINISH: Final = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""Stop reason to finish reason; every other one is `stop`."""


def complete_chat(state: State, call: ServedCall) -> ServerReply | StruckReply:
    """Answer `POST /v1/chat/completions`, plain or streamed."""
    body = read_body(call)
    headers = {**call.headers, "anthropic-version": VERSION}
    inner = structs.replace(call, body=encode(to_message_request(body)), headers=headers)
    answered = create_message(state, inner)
    reply, struck = (answered.reply, answered) if isinstance(answered, StruckReply) else (answered, None)
    if reply.status == 200 and reply.events is None:
        reply = _translated(reply, body, int(state.clock.now()))
    return reply if struck is None else struck._replace(reply=reply)


def _translated(reply: ServerReply, body: dict[str, Any], created: int) -> ServerReply:
    message = msgspec.json.decode(reply.body)
    ignored = ignored_fields(body)
    note = {**reply.note, **({"ignored": ignored} if ignored else {})}
    head = {"id": message["id"], "created": created, "model": message["model"]}
    if not body.get("stream"):
        return structs.replace(reply, body=encode(_completion(message, head)), note=note)
    options = body.get("stream_options")
    with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    chunks = [Event("", chunk) for chunk in _chunks(message, head, with_usage=with_usage)]
    return structs.replace(reply, body=b"", events=[*chunks, DONE], note=note)


def _finish(message: dict[str, Any]) -> str:
    return FINISH.get(message["stop_reason"], "stop")


def _usage(usage: dict[str, Any]) -> dict[str, int]:
    read = sum(usage[name] for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"))
    written = usage["output_tokens"]
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _completion(message: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    blocks = message["content"]
    text = "".join(block["text"] for block in blocks if block["type"] == "text")
    calls = [
        {
            "id": block["id"],
            "type": "function",
            "function": {"name": block["name"], "arguments": encode(block["input"]).decode()},
        }
        for block in blocks
        if block["type"] == "tool_use"
    ]
    said = {"role": "assistant", "content": text or None, "refusal": None, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": said, "finish_reason": _finish(message), "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(message["usage"])}


def _chunks(message: dict[str, Any], head: dict[str, Any], *, with_usage: bool) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a stream, made from the events of the message's own stream."""
    head = {**head, "object": "chat.completion.chunk"} | ({"usage": None} if with_usage else {})

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    place = -1
    for event in message_events(message):
        if event.name == "content_block_start" and event.data["content_block"]["type"] == "tool_use":
            place += 1
            block = event.data["content_block"]
            function = {"name": block["name"], "arguments": ""}
            yield chunk({"tool_calls": [{"index": place, "id": block["id"], "type": "function", "function": function}]})
        elif event.name == "content_block_delta":
            delta = event.data["delta"]
            if delta["type"] == "text_delta":
                yield chunk({"content": delta["text"]})
            elif delta["type"] == "input_json_delta" and delta["partial_json"]:
                yield chunk({"tool_calls": [{"index": place, "function": {"arguments": delta["partial_json"]}}]})
    yield chunk({}, _finish(message))
    if with_usage:
        yield {**head, "choices": [], "usage": _usage(message["usage"])}


def in_chat_shape(reply: ServerReply) -> ServerReply:
    """Give a refusal the shape of the other API; any other reply is returned as it is.

    Args:
        reply: A reply to a request for a chat completion.
    """
    if reply.status < 400 or reply.events is not None or reply.content_type != "application/json":
        return reply
    try:
        error = msgspec.json.decode(reply.body)["error"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return reply
    code = (error.get("details") or {}).get("error_code")
    shaped = {"message": error.get("message"), "type": error.get("type"), "param": None, "code": code}
    return structs.replace(reply, body=encode({"error": shaped}))
