"""Translates a request of `/v1/chat/completions` to one for a message.

Source: the API's "OpenAI SDK compatibility" page, which says of each field whether it is taken or ignored. A field that the page does
not name is ignored too, as it says of most. What was ignored is named in the journal, so that nobody takes it for carried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from keybearer.simulator.core.catalogue import find_model
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy

__all__ = ["ignored_fields", "to_message_request"]

TAKEN: Final = frozenset(
    {
        "max_completion_tokens", "max_tokens", "messages", "model", "n", "parallel_tool_calls", "stop", "stream",
        "stream_options", "temperature", "thinking", "tool_choice", "tools", "top_p",
    }
)  # fmt: skip
"""The fields that have an effect; every other one is ignored, as the page says of most."""
USUAL_MAX_TOKENS: Final = 4096
"""For a model that nobody knows; otherwise the model's own maximum (a guess: the page does not say)."""
HIGHEST_TEMPERATURE: Final = 1.0
DATA_URL: Final = lazy(r"data:([\w/+.-]+);base64,(.*)", re.DOTALL)
CHOICES: Final = {"auto": "auto", "none": "none", "required": "any"}


def _refuse(message: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, rule="chat-shape")


def ignored_fields(body: dict[str, Any]) -> list[str]:
    """Name the fields that were given and have no effect here, as on the service."""
    inner = ("strict",) if any(_function(tool).get("strict") is not None for tool in _list(body, "tools")) else ()
    return sorted({name for name, value in body.items() if name not in TAKEN and value is not None} | set(inner))


def _list(body: dict[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    if found is not None and not isinstance(found, list):
        raise _refuse(f"{name}: Input should be a valid list")
    return found or []


def _function(tool: Any) -> dict[str, Any]:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise _refuse("tools: each is of the type 'function', with a function that has a name")
    return function


def _part(part: Any, path: str) -> dict[str, Any] | None:
    """Translate one part of a content; None for audio, which is stripped."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in {"text", "refusal"} and isinstance(part.get("text" if kind == "text" else "refusal"), str):
        return {"type": "text", "text": part["text" if kind == "text" else "refusal"]}
    if kind == "input_audio":
        return None
    url = part["image_url"].get("url") if kind == "image_url" and isinstance(part.get("image_url"), dict) else None
    if not isinstance(url, str):
        raise _refuse(f"{path}: a part of the type {kind!r} is not supported, or not whole")
    found = DATA_URL.fullmatch(url)
    if found is None:
        return {"type": "image", "source": {"type": "url", "url": url}}
    return {"type": "image", "source": {"type": "base64", "media_type": found[1], "data": found[2]}}


def _content(message: dict[str, Any], path: str) -> list[dict[str, Any]]:
    content = message.get("content")
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise _refuse(f"{path}: Input should be a string or a list of parts")
    parts = (_part(part, f"{path}.{index}") for index, part in enumerate(content))
    return [part for part in parts if part is not None]


def _calls(message: dict[str, Any], path: str) -> list[dict[str, Any]]:
    blocks = []
    for call in _list(message, "tool_calls"):
        function = _function(call)
        try:
            arguments = msgspec.json.decode(function.get("arguments") or "{}")
        except (msgspec.DecodeError, TypeError) as error:
            raise _refuse(f"{path}.tool_calls: the arguments of {function['name']} are not valid JSON") from error
        blocks.append({"type": "tool_use", "id": call.get("id"), "name": function["name"], "input": arguments})
    return blocks


def _turns(messages: Iterable[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for index, message in messages:
        path, role = f"messages.{index}", message.get("role")
        if role == "tool":
            result = {
                "type": "tool_result",
                "tool_use_id": message.get("tool_call_id"),
                "content": _content(message, path),
            }
            last = turns[-1] if turns else None
            if last and last["role"] == "user" and last["content"][-1]["type"] == "tool_result":
                last["content"].append(result)
            else:
                turns.append({"role": "user", "content": [result]})
        elif role == "user":
            turns.append({"role": "user", "content": _content(message, path)})
        elif role == "assistant":
            turns.append({"role": "assistant", "content": [*_content(message, path), *_calls(message, path)]})
        else:
            raise _refuse(f"{path}.role: {role!r} is none of system, developer, user, assistant and tool")
    return turns


def _choice(body: dict[str, Any]) -> dict[str, Any] | None:
    asked, parallel = body.get("tool_choice"), body.get("parallel_tool_calls")
    if asked is None and parallel is None:
        return None
    if isinstance(asked, dict):
        choice: dict[str, Any] = {"type": "tool", "name": _function(asked)["name"]}
    elif asked is None or asked in CHOICES:
        choice = {"type": CHOICES[asked or "auto"]}
    else:
        raise _refuse(f"tool_choice: {asked!r} is none of auto, none, required and a function")
    return (
        choice if parallel is None or choice["type"] == "none" else choice | {"disable_parallel_tool_use": not parallel}
    )


def to_message_request(body: dict[str, Any]) -> dict[str, Any]:
    """Translate a body.

    Args:
        body: The decoded body of a chat completion.

    Returns:
        The body of a request for a message, without `stream`.

    Raises:
        ServiceError: 400 for what has no translation, and for `n` other than 1.
    """
    messages = _list(body, "messages")
    if not all(isinstance(message, dict) for message in messages):
        raise _refuse("messages: Input should be a list of objects")
    if body.get("n") not in {None, 1}:
        raise _refuse("n: must be 1")
    is_system = [message.get("role") in {"system", "developer"} for message in messages]
    hoisted = [part["text"] for index, message in enumerate(messages) if is_system[index]
               for part in _content(message, f"messages.{index}") if part["type"] == "text"]  # fmt: skip
    model = find_model(body.get("model"))
    most = (
        body.get("max_completion_tokens") or body.get("max_tokens") or (model.max_tokens if model else USUAL_MAX_TOKENS)
    )
    stops = [body["stop"]] if isinstance(body.get("stop"), str) else _list(body, "stop")
    temperature = body.get("temperature")
    if isinstance(temperature, int | float):
        temperature = min(temperature, HIGHEST_TEMPERATURE)
    translated = {
        "model": body.get("model"),
        "max_tokens": most,
        "messages": _turns((index, message) for index, message in enumerate(messages) if not is_system[index]),
        "system": "\n".join(hoisted) or None,
        "stop_sequences": [stop for stop in stops if not isinstance(stop, str) or stop.strip()] or None,
        "temperature": temperature,
        "top_p": body.get("top_p"),
        "thinking": body.get("thinking"),
        "tools": [_tool(_function(tool)) for tool in _list(body, "tools")] or None,
        "tool_choice": _choice(body) if body.get("tools") else None,
    }
    return {name: value for name, value in translated.items() if value is not None}


def _tool(function: dict[str, Any]) -> dict[str, Any]:
    described = {"description": function["description"]} if function.get("description") else {}
    empty = {"type": "object", "properties": {}}
    return {"name": function["name"], **described, "input_schema": function.get("parameters") or empty}
