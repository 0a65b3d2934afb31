"""Blocks, turns and what else the requests of the rules' tests are made of."""

from __future__ import annotations

import base64
import struct
from typing import Any

from keybearer.simulator.service import signing

OLD = "2023-06-01"
NEW = "2026-10-21"
HAIKU = "claude-haiku-4-5"
OPUS = "claude-opus-4-8"
USER = {"role": "user", "content": "Hello"}
TOOL = {"name": "add", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}
SHORT = {"type": "ephemeral"}
LONG = {"type": "ephemeral", "ttl": "1h"}


def text(words: str = "x", **more: Any) -> dict[str, Any]:
    """Make a text block."""
    return {"type": "text", "text": words, **more}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Make a turn of the user."""
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Make a turn of the assistant."""
    return {"role": "assistant", "content": list(blocks)}


def call(name: str = "toolu_1") -> dict[str, Any]:
    """Make a tool call."""
    return {"type": "tool_use", "id": name, "name": "add", "input": {}}


def result(name: str = "toolu_1") -> dict[str, Any]:
    """Make a tool result."""
    return {"type": "tool_result", "tool_use_id": name, "content": "3"}


def thinking(words: str = "Hm.", signature: str | None = None) -> dict[str, Any]:
    """Make a thinking block, signed by the simulator unless a signature is given."""
    return {"type": "thinking", "thinking": words, "signature": signature or signing.sign(words)}


def redacted(data: str) -> dict[str, Any]:
    """Make a redacted thinking block."""
    return {"type": "redacted_thinking", "data": data}


def png(width: int, height: int, media_type: str = "image/png") -> dict[str, Any]:
    """Make an image block of a size, with only a header behind it."""
    data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return image(base64.b64encode(data).decode(), media_type)


def image(data: str, media_type: str = "image/png") -> dict[str, Any]:
    """Make an image block of any data."""
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def document(**source: Any) -> dict[str, Any]:
    """Make a document block."""
    return {"type": "document", "source": source}


def pdf(data: bytes) -> dict[str, Any]:
    """Make a document block that says that it is a PDF."""
    return document(type="base64", media_type="application/pdf", data=base64.b64encode(data).decode())


def shape(schema: Any) -> dict[str, Any]:
    """Make an output_config with a schema."""
    return {"format": {"type": "json_schema", "schema": schema}}


PADDING = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1, 1)).decode()
BUDGET = {"type": "enabled", "budget_tokens": 1024}
DEEP = {"max_tokens": 1025, "thinking": BUDGET}
LOOP = [USER, assistant(thinking(), call()), user(result()), assistant(call("toolu_2")), user(result("toolu_2"))]
CLOSED = {"type": "object", "properties": {}, "additionalProperties": False}
CITED = document(type="text", media_type="text/plain", data="x") | {"citations": {"enabled": True}}


Change = dict[str, Any]
"""A change of a request's body; its keys `version`, `betas`, `files` and `skills` are of the request around it."""

Case = tuple[str, Change, Change, str]
"""A rule, a change that is just inside, one that is just outside, and the words of the refusal."""
