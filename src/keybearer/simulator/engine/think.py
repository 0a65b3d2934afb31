"""Thinking blocks: a readable account of what the engine is about to do, signed."""

from __future__ import annotations

from typing import Any

from keybearer.simulator.engine.prompt import Prompt
from keybearer.simulator.engine.segments import LONGEST_READ
from keybearer.simulator.service import signing

__all__ = ["think"]

Block = dict[str, Any]


def _is_thinking(prompt: Prompt, thinking: Block, betas: frozenset[str]) -> bool:
    """Return whether this turn begins with thinking; after a tool result only adaptive or interleaved thinking does."""
    if thinking.get("type") == "adaptive":
        effort = (prompt.body.get("output_config") or {}).get("effort")
        return effort != "low" or "think" in prompt.small_letters
    if thinking.get("type") != "enabled":
        return False
    interleaved = any(beta.startswith("interleaved-thinking") for beta in betas)
    return interleaved or not prompt.outcomes


def think(prompt: Prompt, calls: list[Block], *, betas: frozenset[str], redacted: bool) -> list[Block]:
    """Make the thinking of a turn.

    Args:
        prompt: The prompt.
        calls: The tool calls that will follow.
        betas: The request's beta tags.
        redacted: Hide the thinking altogether.

    Returns:
        One block, or none if the request does not ask for thinking.
    """
    thinking = prompt.body.get("thinking") or {}
    if not _is_thinking(prompt, thinking, betas):
        return []
    asked = " ".join(prompt.text[:LONGEST_READ].split())
    steps = [f"The user asks: “{asked[:160]}{'…' if len(asked) > 160 else ''}”."]
    if prompt.outcomes:
        steps.append(f"{len(prompt.outcomes)} tool result(s) came back, so the answer should be built on them.")
    if prompt.tools and not calls and not prompt.outcomes:
        steps.append("There are tools, but the question does not ask for one of them.")
    for call in calls:
        filled = ", ".join(f"{key}={value!r}" for key, value in call["input"].items())
        steps.append(f"The tool {call['name']} fits; I will call it with {filled or 'no arguments'}.")
    if not calls:
        steps.append("I can answer this in words.")
    text = " ".join(steps)
    if redacted:
        return [{"type": "redacted_thinking", "data": signing.redact(text)}]
    if thinking.get("display") == "omitted":
        return [{"type": "thinking", "thinking": "", "signature": signing.sign("", hidden=text)}]
    return [{"type": "thinking", "thinking": text, "signature": signing.sign(text)}]
