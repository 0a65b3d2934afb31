"""Rules on the messages: roles and their order, empty content, prefill, the blocks of each role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.simulator.core.conversation import blocks_of
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule

__all__ = ["RULES"]

API_PAGE: Final = "docs: Messages API"
VERSION_PAGE: Final = "docs: Versions (2026-10-21)"
STRICTER_VERSION: Final = "2026-10-21"
ROLE_OF: Final = {
    "tool_use": "assistant",
    "thinking": "assistant",
    "redacted_thinking": "assistant",
    "server_tool_use": "assistant",
    "tool_result": "user",
}
"""Block types that only one role may send."""

UNFINISHED: Final = frozenset({"server_tool_use", "mcp_tool_use", "compaction"})
"""The blocks of a turn that the service may have paused, so that the same turn is sent back to go on."""


def _kinds(message: Mapping[str, Any]) -> list[Any]:
    return [block.get("type") for _, block in blocks_of(message["content"], "")]


@rule("messages-present", API_PAGE)
def messages_present(request: MessageRequest) -> str | None:
    """There is at least one message."""
    return None if request.messages else "messages: at least one message is required"


@rule("first-role", API_PAGE)
def first_role(request: MessageRequest) -> str | None:
    """The conversation begins with the user, or with the block that stands for what came before."""
    first = next((message for message in request.messages if message["role"] != "system"), {"role": "", "content": ""})
    fine = first["role"] == "user" or _kinds(first)[:1] == ["compaction"]
    return None if fine else 'messages: first message must use the "user" role'


@rule("content-present", API_PAGE)
def content_present(request: MessageRequest) -> str | None:
    """No message is empty, except a last one of the assistant, and one of the system with an `output_config`."""
    last = len(request.messages) - 1
    for index, message in enumerate(request.messages):
        if message["role"] == "system" and message.get("output_config"):
            continue
        if not message.get("content") and not (index == last and message["role"] == "assistant"):
            return (
                f"messages.{index}: all messages must have non-empty content "
                "except for the optional final assistant message"
            )
    return None


@rule("text-present", API_PAGE)
def text_present(request: MessageRequest) -> str | None:
    """No text block is empty, and the only text of a message is not blank."""
    for _, path, block in request.blocks:
        if block.get("type") == "text" and path.count(".") > 2 and block["text"] == "":
            return "messages: text content blocks must be non-empty"
    for message in request.messages:
        texts = [
            block["text"] if block.get("type") == "text" else "x" for _, block in blocks_of(message.get("content"), "")
        ]
        if texts and message["role"] != "assistant" and not "".join(texts).strip():
            return "messages: text content blocks must contain non-whitespace text"
    for _, block in blocks_of(request.body.get("system") or [], "system"):
        if block["text"] == "":
            return "system: text content blocks must be non-empty"
    return None


@rule("prefill-model", "docs: Errors, Prefill not supported", about=("assistant",))
def prefill_model(request: MessageRequest) -> str | None:
    """For newer models the conversation ends with the user, or with a turn that the service had paused."""
    if not request.messages or request.messages[-1]["role"] != "assistant" or request.model is None:
        return None
    if request.body.get("compaction") is not None:
        return None  # nothing is sampled
    if request.model.prefill or UNFINISHED.intersection(_kinds(request.messages[-1])):
        return None
    return "This model does not support assistant message prefill. The conversation must end with a user message."


@rule("prefill-space", API_PAGE, about=("assistant",))
def prefill_space(request: MessageRequest) -> str | None:
    """A prefill does not end with white space."""
    if not request.messages or request.messages[-1]["role"] != "assistant":
        return None
    last = [block for _, block in blocks_of(request.messages[-1].get("content"), "")][-1:]
    if any(block.get("type") == "text" and block["text"] != block["text"].rstrip() for block in last):
        return "messages: final assistant content cannot end with trailing whitespace"
    return None


@rule("block-role", API_PAGE, about=ROLE_OF)
def block_role(request: MessageRequest) -> str | None:
    """Tool calls and thinking are in the assistant's turns, tool results in the user's."""
    for role, path, block in request.blocks:
        owner = ROLE_OF.get(block.get("type", ""))
        if owner and role != owner:
            return f"{path}: `{block['type']}` blocks can only be in `{owner}` messages"
    return None


@rule(
    "system-turns",
    "pydantic-ai 2.68, providers/anthropic.py; litellm 1.110, supports_mid_conversation_system",
    sure="reported",
    about=("system",),
)
def system_turns(request: MessageRequest) -> str | None:
    """A message has the role `system` only for models that take it."""
    if request.model is None or request.model.system_turns:
        return None
    given = any(message["role"] == "system" for message in request.messages)
    return "role 'system' is not supported on this model" if given else None


@rule(
    "turn-effort",
    "pydantic-ai 2.68, providers/anthropic.py (requires a model that supports per-turn effort)",
    sure="reported",
    about=("system",),
)
def turn_effort(request: MessageRequest) -> str | None:
    """A system message has an effort of its own only for models that take it."""
    if request.model is None or request.model.turn_effort:
        return None
    given = any((message.get("output_config") or {}).get("effort") for message in request.messages)
    return "messages: `output_config` requires a model that supports per-turn effort" if given else None


@rule(
    "tool-changes",
    "pydantic-ai 2.68, providers/anthropic.py (tool_addition/tool_removal is not supported on this model)",
    sure="reported",
    about=("tool_addition", "tool_removal"),
)
def tool_changes(request: MessageRequest) -> str | None:
    """Tools are added and removed in the conversation only for models that take it."""
    if request.model is None or request.model.tool_changes:
        return None
    given = any(block.get("type") in {"tool_addition", "tool_removal"} for _, _, block in request.blocks)
    return "tool_addition/tool_removal is not supported on this model" if given else None


@rule("assistant-documents", VERSION_PAGE, about=("document",))
def assistant_documents(request: MessageRequest) -> str | None:
    """From version 2026-10-21 on, a `document` is only in the user's turns."""
    for turn in request.turns if request.version >= STRICTER_VERSION else []:
        for path, block in turn.blocks:
            if turn.role == "assistant" and block.get("type") == "document":
                return f"{path}: `document` blocks are not permitted in `assistant` messages"
    return None


@rule("user-citations", VERSION_PAGE)
def user_citations(request: MessageRequest) -> str | None:
    """From version 2026-10-21 on, a text block of the user has no `citations`."""
    for index, message in enumerate(request.messages if request.version >= STRICTER_VERSION else []):
        if message["role"] == "user" and isinstance(message["content"], list):
            for path, block in blocks_of(message["content"], f"messages.{index}.content"):
                if block.get("type") == "text" and block.get("citations") is not None:
                    return f"{path}.citations: not permitted on text blocks in `user` messages"
    return None


RULES: Final[tuple[Rule, ...]] = (
    messages_present,
    first_role,
    content_present,
    text_present,
    prefill_model,
    prefill_space,
    block_role,
    system_turns,
    turn_effort,
    tool_changes,
    assistant_documents,
    user_citations,
)
