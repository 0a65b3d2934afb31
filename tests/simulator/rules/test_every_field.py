"""Every optional field, value and block of the wheel's request types alone: no refusal that the wheel does not explain."""

from __future__ import annotations

import base64
import itertools
import json
import re
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from keybearer.simulator.core.data import DATA
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import check_request
from keybearer.simulator.service import signing
from support.rule_cases.blocks import TOOL, USER, assistant, call, png, result, text, user
from support.wheel_requests import requests

PNG = png(8, 8)["source"]["data"]
HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xc2\x00\x11\x08" + struct.pack(">HH", 8, 8),
    "image/png": base64.b64decode(PNG),
    "image/gif": b"GIF89a" + struct.pack("<HH", 8, 8),
    "image/webp": b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 8, 8),
}
PDF = base64.b64encode(b"%PDF-1.7\n").decode()
VALUES: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "messages": [USER],
    "max_tokens": 4096,
    "budget_tokens": 1024,
    "ThinkingBlockParam.signature": signing.sign("x"),
    "BetaThinkingBlockParam.signature": signing.sign("x"),
    "RedactedThinkingBlockParam.data": signing.redact("x"),
    "BetaRedactedThinkingBlockParam.data": signing.redact("x"),
    "Base64ImageSourceParam.data": PNG,
    "BetaBase64ImageSourceParam.data": PNG,
    "Base64PDFSourceParam.data": PDF,
    "BetaBase64PDFSourceParam.data": PDF,
    "url": "https://example.com/x",
    "file_id": "file_1",
    "skill_id": "skill_1",
    "SkillParams.version": "latest",
    "BetaSkillParams.version": "latest",
    "ToolUseBlockParam.id": "toolu_1",
    "BetaToolUseBlockParam.id": "toolu_1",
    "ToolResultBlockParam.tool_use_id": "toolu_1",
    "BetaToolResultBlockParam.tool_use_id": "toolu_1",
    "BetaMCPToolUseBlockParam.id": "mcptoolu_1",
    "BetaRequestMCPToolResultBlockParam.tool_use_id": "mcptoolu_1",
    "id": "srvtoolu_1",
    "tool_use_id": "srvtoolu_1",
    "total": 20_000,
    "BetaInputTokensTriggerParam.value": 50_000,
    "input_schema": {"type": "object", "additionalProperties": False},
    "schema": {"type": "object", "additionalProperties": False},
    "ToolChoiceToolParam.name": "add",
    "BetaToolChoiceToolParam.name": "add",
}
"""What the types alone do not say: formats, bounds, and names of things that must be there."""

VERSIONS = (("skillver_1", "1759178010641129"),)

MODELS = ("claude-opus-5", "claude-haiku-4-5", "claude-sonnet-5-5", "claude-opus-4-6")
"""A request is fine if one of them takes it, under one of the API's versions: which do is not in the types."""

TAGS = frozenset(json.loads((DATA / "betas.json").read_text(encoding="utf-8"))["tags"]) | {
    "dangerous-tool-use-2026-09-03"
}

EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "fallback-model",
        r"BetaFallbackParam>\.model=claude-mythos-preview$",
        "anthropic 2.14.0, _data/deprecated_models.py: it is retired, and an entry is checked as a request to its model is",
    ),
    (
        "block-role",
        r"UserMessageParam>\.content\[\]<(Beta)?(Thinking|RedactedThinking|ToolUse|ServerToolUse)BlockParam>",
        "docs: Messages API; these blocks are the assistant's, though both roles share one type for their content",
    ),
    (
        "block-role",
        r"AssistantMessageParam>\.content\[\]<(Beta)?ToolResultBlockParam>",
        "docs: Handling tool calls; results are the user's, though both roles share one type for their content",
    ),
    (
        "compaction-block",
        r"BetaCompactionBlockParam>\.signature",
        "wheel, types/compaction_signature_invalid_error.py: a signature is the service's own, and must verify",
    ),
    (
        "content-present",
        r"BetaSystemMessageParam>(\.(clear_at|output_config|role|content=null).*|<BetaSystemMessageOutputConfigParam>.*)?$",
        "wheel, beta_system_message_param.py: a message with neither content nor output_config fields is rejected",
    ),
)
"""A rule, the requests that the types allow and it refuses, and why."""


def with_its_bytes(value: Any) -> Any:
    """Give each image in base64 bytes of the type that it says."""
    if isinstance(value, list):
        return [with_its_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "base64" and (kind := str(value.get("media_type"))) in HEADS:
        return {**value, "data": base64.b64encode(HEADS[kind]).decode()}
    return {name: with_its_bytes(each) for name, each in value.items()}


def in_conversation(body: dict[str, Any]) -> dict[str, Any]:
    """Put a body's message into a conversation, as the wheel's documentation asks: calls have their results, thinking is not last."""
    body = with_its_bytes(body)
    messages = list(body["messages"])
    if body.get("tool_choice"):
        body = {"tools": [TOOL], **body}
    edits = (body.get("context_management") or {}).get("edits") or []
    if any(edit["type"] == "clear_thinking_20251015" for edit in edits):
        body = {"thinking": {"type": "adaptive"}, **body}
    for message in messages:
        kinds = (
            {block.get("type") for block in message["content"]} if isinstance(message.get("content"), list) else set()
        )
        before: list[Any] = [USER]
        after: list[Any] = [USER]
        if message["role"] == "user":
            before = [USER, assistant(call())] if "tool_result" in kinds else []
            after = []
        elif "tool_use" in kinds:
            after = [user(result())]
        elif kinds & {"thinking", "redacted_thinking"}:
            after = [assistant(text("done")), USER]
        messages = [*before, message, *after]
    return {**body, "messages": messages}


def refusal(body: dict[str, Any], endpoint: str) -> ServiceError | None:
    """Return the refusal of a request, if none of the models takes it."""
    found = None
    versions, files = ("2026-10-21", "2023-06-01"), ("application/pdf", "image/png")
    for model, version, file in itertools.product(MODELS, versions, files):
        request = MessageRequest(
            in_conversation({**body, "model": model}),
            version=version,
            betas=TAGS,
            endpoint=endpoint,
            files={"file_1": file},
            skills={("anthropic", "skill_1"): VERSIONS, ("custom", "skill_1"): VERSIONS},
            now=datetime(2026, 11, 25, tzinfo=UTC).timestamp(),
            future="refuse",
        )
        try:
            check_request(request)
        except ServiceError as error:
            found = found or error
        else:
            return None
    return found


@pytest.mark.parametrize("endpoint", ["messages", "count_tokens"])
@pytest.mark.parametrize("beta", [False, True], ids=["api", "beta"])
def test_every_field_alone(endpoint: str, *, beta: bool) -> None:
    """Whatever the wheel's types allow is taken, but for what its documentation refuses elsewhere."""
    asked = requests(endpoint, VALUES, beta=beta)
    assert len(asked) > 1000
    refused = {name: error for name, body in asked.items() if (error := refusal(body, endpoint))}
    strange = {
        name: f"{error.rule}: {error.message}"
        for name, error in refused.items()
        if not any(rule == error.rule and re.search(where, name) for rule, where, _ in EXPLAINED)
    }
    assert strange == {}
