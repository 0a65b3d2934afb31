"""Answers one request with one finished turn: thinking, then text or tool calls, then the stop reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine.calls import plan_calls, reasons_against
from keybearer.simulator.engine.cite import cite
from keybearer.simulator.engine.code_agents import write_code
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.marked_fields import fill_fields
from keybearer.simulator.engine.prompt import Prompt, read_prompt
from keybearer.simulator.engine.prose import say
from keybearer.simulator.engine.schema import make_instance
from keybearer.simulator.engine.served import ServedTools, serve_tools
from keybearer.simulator.engine.stops import Stop, directive, stop
from keybearer.simulator.engine.think import think
from keybearer.simulator.service import tokens
from keybearer.simulator.service.usage import is_served_result

__all__ = ["EngineAnswer", "answer"]

Block = dict[str, Any]


class EngineAnswer(Struct, frozen=True):
    """A finished turn."""

    content: list[Block]
    stop_reason: str
    stop_sequence: str | None
    stop_details: Block | None
    output_tokens: int
    thinking_tokens: int


def _wants_format(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a structured output, from `output_config` or the earlier beta's `output_format`."""
    shape = (body.get("output_config") or {}).get("format") or body.get("output_format")
    return shape.get("schema") if isinstance(shape, dict) and shape.get("type") == "json_schema" else None


TEXT_FORMATS: Final[tuple[Callable[[Prompt, Ids], str | None], ...]] = (write_code, fill_fields)
"""The replies that frameworks ask for in words alone, without the API's tools or structured outputs."""


def _words(prompt: Prompt, ids: Ids) -> list[Block]:
    schema = _wants_format(prompt.body)
    if schema is not None:
        instance = make_instance(schema, Hints(prompt.text), everything=True)
        return [{"type": "text", "text": msgspec.json.encode(instance).decode()}]
    for written in TEXT_FORMATS:
        if (text := written(prompt, ids)) is not None:
            return [{"type": "text", "text": text}]
    if not prompt.outcomes and (cited := cite(prompt)):
        return cited
    return [{"type": "text", "text": say(prompt, reasons_against(prompt))}]


def answer(
    body: dict[str, Any],
    ids: Ids,
    *,
    betas: frozenset[str] = frozenset(),
    room: int = 1_000_000,
    content: list[Block] | None = None,
    served: Mapping[str, Any] | None = None,
    is_fallback: bool = False,
) -> EngineAnswer:
    """Answer a request that has passed the rules.

    Args:
        body: The request's body.
        ids: The source of ids for tool calls.
        betas: The request's beta tags.
        room: Tokens left in the model's context window.
        content: Blocks from a scenario, in place of the engine's own.
        served: Results from a scenario for the service's own tools, by name.
        is_fallback: Whether the requested model has refused, and this is another, which `[sim:refusal]` does not concern.

    Returns:
        The turn.
    """
    prompt = read_prompt(body)
    said = directive(prompt.text)
    said = None if is_fallback and said == "refusal" else said
    if content is None or served:
        ran = serve_tools(prompt, ids, results=served, betas=betas)
        content = [*ran.blocks, *content] if content is not None else _own(ran, ids, betas=betas, said=said)
    return _finish(stop(content, body, said=said, room=room, betas=betas))


def _own(ran: ServedTools, ids: Ids, *, betas: frozenset[str], said: str | None) -> list[Block]:
    """Make the engine's own blocks, after what the service's tools did: calls of the client's tools, else words."""
    prompt = ran.prompt
    calls = [] if ran.is_forced else plan_calls(prompt, ids)
    lead = think(prompt, calls, betas=betas, redacted=said == "redacted_thinking")
    if said == "pause_turn" and ran.blocks:
        return [*lead, *ran.blocks]
    return [*lead, *ran.blocks, *(calls or ran.words or _words(prompt, ids))]


def _finish(ended: Stop) -> EngineAnswer:
    thinking = sum(_thinking_tokens(block) for block in ended.content)
    written = [block for block in ended.content if "thinking" not in block["type"] and not is_served_result(block)]
    total = sum(map(tokens.count_block, written)) + thinking
    total = total if ended.spent is None else ended.spent
    prewarmed = ended.reason == "max_tokens" and not ended.content
    return EngineAnswer(
        content=ended.content,
        stop_reason=ended.reason,
        stop_sequence=ended.sequence,
        stop_details=ended.details,
        output_tokens=0 if prewarmed else max(1, total),
        thinking_tokens=thinking,
    )


def _thinking_tokens(block: Block) -> int:
    match block["type"]:
        case "thinking":
            return tokens.count_text(block["thinking"]) or tokens.count_text(block["signature"]) // 2
        case "redacted_thinking":
            return tokens.count_text(block["data"]) // 2
    return 0
