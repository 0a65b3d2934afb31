"""The engine's view of a request: the last question, its context, its tools and their results."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Final

__all__ = ["Prompt", "ToolOutcome", "read_prompt"]

Block = dict[str, Any]

REMINDERS: Final = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
"""Notes that command-line agents add to the user's turn, and that the user did not write."""


@dataclasses.dataclass(frozen=True)
class ToolOutcome:
    """A tool's result, with the name and input of its call."""

    name: str
    input: dict[str, Any]
    text: str
    is_error: bool


@dataclasses.dataclass(frozen=True)
class Prompt:
    """The last question of a conversation.

    Args:
        text: The user's words in the last turn that is not only tool results.
        context: The system prompt and the user's text before the last words.
        images: Image blocks of the turn of `text`.
        documents: Document and search-result blocks of the whole conversation, in order.
        outcomes: The tool results of the last turn; empty when it has none.
        called: Names of the tools called since `text`.
        tools: The request's tools.
        tool_choice: The request's choice, `{"type": "auto"}` when omitted.
        body: The request itself.
    """

    text: str
    context: str
    images: list[Block]
    documents: list[Block]
    outcomes: list[ToolOutcome]
    called: frozenset[str]
    tools: list[Block]
    tool_choice: Block
    body: dict[str, Any]


def blocks_of(content: Any) -> list[Block]:
    """List a content's blocks, a plain string being one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)]


def text_of(content: Any) -> str:
    """Join the text of a content, reminders left out."""
    texts = (str(block.get("text", "")) for block in blocks_of(content) if block.get("type") == "text")
    return REMINDERS.sub("", "\n".join(texts)).strip()


def _result_text(content: Any) -> str:
    """Return a tool result as text, with the type of every block that is not text."""
    words = []
    for block in blocks_of(content):
        kind = block.get("type")
        words.append(str(block.get("text", "")) if kind == "text" else f"[{kind}]")
    return "\n".join(words).strip()


def _outcomes(messages: list[Block]) -> list[ToolOutcome]:
    calls = {
        block.get("id"): block
        for message in messages
        if message.get("role") == "assistant"
        for block in blocks_of(message.get("content"))
        if block.get("type") == "tool_use"
    }
    found = []
    for block in blocks_of(messages[-1].get("content")) if messages else []:
        if block.get("type") == "tool_result":
            call = calls.get(block.get("tool_use_id"), {})
            text = _result_text(block.get("content"))
            outcome = ToolOutcome(
                str(call.get("name", "the tool")), call.get("input") or {}, text, bool(block.get("is_error"))
            )
            found.append(outcome)
    return found


def _is_asking(message: Block) -> bool:
    blocks = blocks_of(message.get("content"))
    return message.get("role") == "user" and not any(block.get("type") == "tool_result" for block in blocks)


def read_prompt(body: dict[str, Any]) -> Prompt:
    """Read a request that has passed the rules.

    Args:
        body: The request's body.

    Returns:
        The prompt.
    """
    messages = [message for message in body.get("messages") or [] if isinstance(message, dict)]
    turns = [message for message in messages if message.get("role") != "system"]
    asking = max((index for index, message in enumerate(turns) if _is_asking(message)), default=-1)
    blocks = blocks_of(turns[asking].get("content")) if asking >= 0 else []
    earlier = [text_of(message.get("content")) for message in turns[:asking] if message.get("role") == "user"]
    last = [text for block in blocks if block.get("type") == "text" and (text := text_of([block]))]
    everything = [block for message in turns for block in blocks_of(message.get("content"))]
    return Prompt(
        text="\n".join(last),
        context="\n".join(filter(None, [text_of(body.get("system")), *earlier, *last[:-1]])),
        images=[block for block in blocks if block.get("type") == "image"],
        documents=[block for block in everything if block.get("type") in {"document", "search_result"}],
        outcomes=_outcomes(turns) if turns and turns[-1].get("role") == "user" else [],
        called=frozenset(
            str(block.get("name"))
            for message in turns[asking + 1 :]
            for block in blocks_of(message.get("content"))
            if block.get("type") == "tool_use"
        ),
        tools=[tool for tool in body.get("tools") or [] if isinstance(tool, dict)],
        tool_choice=body.get("tool_choice") or {"type": "auto"},
        body=body,
    )
