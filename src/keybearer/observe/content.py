"""What was said, for spans: only where the standard variable asks for it.

Source: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, as opentelemetry-util-genai reads it: `NO_CONTENT` (the default),
`SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`. Older instrumentations take `true`, which counts as `SPAN_ONLY` here. The shapes are the
conventions' JSON: a list of messages, each with a role and parts.

Contract: the data of images and documents is left out, and so is what is encrypted. An attribute has at most `MOST` characters.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["message_content", "tool_content", "wanted"]

VARIABLE: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

ON_SPANS: Final = frozenset({"SPAN_ONLY", "SPAN_AND_EVENT", "TRUE"})
"""The values that put content on spans."""

MOST: Final = 200_000
"""The longest value of an attribute, in characters; a longer one is left out, and `anthropic.content.truncated` is set."""


def wanted() -> bool:
    """Return whether spans are to have content; the variable is read at each call."""
    return os.environ.get(VARIABLE, "").strip().upper() in ON_SPANS


def message_content(body: Any, answer: Iterable[Any] | None) -> dict[str, Any]:
    """Return the attributes of what was asked and answered.

    Args:
        body: The request's body.
        answer: The answer's blocks; None for none.
    """
    body = body if isinstance(body, Mapping) else {}
    turns = body.get("messages") or ()
    said: dict[str, Any] = {
        "gen_ai.input.messages": [
            {"role": str(turn.get("role", "user")), "parts": _parts(turn.get("content"))}
            for turn in turns
            if isinstance(turn, Mapping)
        ]
    }
    if body.get("system") is not None:
        said["gen_ai.system_instructions"] = _parts(body["system"])
    if answer is not None:
        blocks = [block if isinstance(block, Mapping) else block.to_dict() for block in answer]
        said["gen_ai.output.messages"] = [{"role": "assistant", "parts": _parts(blocks)}]
    return _texts(said)


def tool_content(arguments: Any, result: Any) -> dict[str, Any]:
    """Return the attributes of what a tool was given and gave."""
    said = {"gen_ai.tool.call.arguments": arguments}
    if result is not None:
        said["gen_ai.tool.call.result"] = _parts(result)
    return _texts(said)


def _texts(said: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: json.dumps(value, ensure_ascii=False, default=str) for name, value in said.items()}
    kept: dict[str, Any] = {name: text for name, text in texts.items() if len(text) <= MOST}
    if len(kept) < len(texts):
        kept["anthropic.content.truncated"] = True
    return kept


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "content": content}]
    if not isinstance(content, list | tuple):
        return []
    return [_part(block) for block in content]


def _part(block: Any) -> dict[str, Any]:
    if not isinstance(block, Mapping):
        return {"type": "anthropic_unknown"}
    kind = block.get("type")
    if kind == "text":
        return {"type": "text", "content": block.get("text")}
    if kind == "thinking":
        return {"type": "reasoning", "content": block.get("thinking")}
    if kind in {"tool_use", "server_tool_use", "mcp_tool_use"}:
        return {"type": "tool_call", "id": block.get("id"), "name": block.get("name"), "arguments": block.get("input")}
    if isinstance(kind, str) and kind.endswith("tool_result"):
        return {
            "type": "tool_call_response",
            "id": block.get("tool_use_id"),
            "response": _parts(block.get("content")),
        }
    return {"type": f"anthropic_{kind}" if isinstance(kind, str) else "anthropic_unknown"}
