"""Ends an answer: the stop reasons, in the order in which the service would meet them.

A prompt asks for a stop reason that has no cause in the simulator with `[sim:refusal]`, `[sim:refusal_all]`, `[sim:pause_turn]` or
`[sim:model_context_window_exceeded]`; the service's own test string for refusals works as well.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.search import holds
from keybearer.simulator.engine.cut_call import cut_call, is_eager
from keybearer.simulator.service import tokens
from keybearer.simulator.service.usage import is_served_result

__all__ = ["Stop", "directive", "stop"]

DIRECTIVE: Final = lazy(r"\[sim:(\w+)\]")
MAGIC: Final = {
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL": "refusal",
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING": "redacted_thinking",
}
"""The prefixes of the documented test strings ("Streaming refusals" and "Extended thinking" pages)."""
BEGINNING: Final = "ANTHROPIC_MAGIC_STRING_"
"""What they all begin with, so that a long prompt is searched once."""

REFUSING: Final = ("refusal", "refusal_all")
"""The directives that make a model refuse: the one that was asked, or every model of `fallbacks` as well."""
Block = dict[str, Any]


class Stop(NamedTuple):
    """A stop reason, and the blocks up to there; `spent` is the limit in tokens that ended the answer, if one did."""

    content: list[Block]
    reason: str
    sequence: str | None = None
    details: Block | None = None
    spent: int | None = None


def directive(text: str) -> str | None:
    """Find the directive in a prompt."""
    if holds(text, "[sim:", rarest="[") and (match := DIRECTIVE.search(text)):
        return match[1]
    if not holds(text, BEGINNING, rarest="_"):
        return None
    return next((name for magic, name in MAGIC.items() if magic in text), None)


def _cut_at_sequence(content: list[Block], sequences: list[str]) -> Stop | None:
    for index, block in enumerate(content if sequences else ()):
        if block["type"] == "text":
            found = [(at, sequence) for sequence in sequences if (at := block["text"].find(sequence)) >= 0]
            if found:
                at, sequence = min(found)
                kept = [*content[:index], {**block, "text": block["text"][:at]}]
                return Stop([item for item in kept if item.get("text") != ""], "stop_sequence", sequence)
    return None


def _cut_at_length(
    content: list[Block], body: dict[str, Any], limit: int, reason: str, betas: frozenset[str]
) -> Stop | None:
    left = limit
    for index, block in enumerate(content):
        size = 0 if is_served_result(block) else tokens.count_block(block)
        if size > left:
            part = _first_tokens(block, left, eager=is_eager(body, block.get("name"), betas))
            return Stop([*content[:index], *part], reason, spent=limit)
        left -= size
    return None


def _first_tokens(block: Block, left: int, *, eager: bool) -> list[Block]:
    """Return what fits of a block: the beginning of a text, or a call with the parameters that are whole."""
    if block["type"] == "text" and left > 0:
        text = block["text"].encode()[: left * tokens.BYTES_PER_TOKEN].decode(errors="ignore")
        return [{"type": "text", "text": text}]
    cut = cut_call(block, left, eager=eager)
    return [] if cut is None else [cut]


def stop(
    content: list[Block], body: dict[str, Any], *, said: str | None, room: int, betas: frozenset[str] = frozenset()
) -> Stop:
    """End an answer.

    Args:
        content: The blocks of the whole answer.
        body: The request, for `max_tokens` and `stop_sequences`.
        said: The prompt's directive, if it has one.
        room: Tokens left in the model's context window.
        betas: The request's beta tags.

    Returns:
        The blocks that are sent, and the stop reason.
    """
    if said in REFUSING:
        details = {"type": "refusal", "category": None, "explanation": "The prompt asked the simulator to refuse."}
        return Stop([], "refusal", details=details)
    if body["max_tokens"] == 0:
        return Stop([], "max_tokens")
    ended = _cut_at_sequence(content, body.get("stop_sequences") or [])
    content = ended.content if ended else content
    limit, reason = min((body["max_tokens"], "max_tokens"), (room, "model_context_window_exceeded"))
    cut = _cut_at_length(content, body, limit, reason, betas)
    if cut:
        return cut
    if ended:
        return ended
    if said == "pause_turn" and (body.get("messages") or [{}])[-1].get("role") == "assistant":
        said = None  # the turn that was paused goes on
    if said in {"pause_turn", "model_context_window_exceeded", "max_tokens"}:
        return Stop(content, said)
    calls = any(block["type"] == "tool_use" for block in content)
    return Stop(content, "tool_use" if calls else "end_turn")
