"""Server-side fallback: when the requested model refuses, the models of `fallbacks` are asked in turn.

The prompt's `[sim:refusal]`, or a scenario's `stop_reason: refusal`, makes the requested model refuse, and the first fallback model
answers as the engine does; with `[sim:refusal_all]` every model refuses. The content has a `fallback` block at each hop, the
message names the model that served it, and `usage.iterations` has an entry for each attempt.

Source: the wheel's `types/beta/beta_fallback_*.py` and `message_create_params.py`; its `lib/streaming` (a stream opens with the model
that was asked). That the figures at the top are the sum of the attempts is a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec import structs

from keybearer.simulator.core.catalogue import CatalogueModel, find_model
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.engine import EngineAnswer
from keybearer.simulator.service.prompt_cache import CacheUsage
from keybearer.simulator.service.usage import iteration

__all__ = ["ModelTurn", "fall_back"]

Block = dict[str, Any]
OVERRIDES: Final = ("max_tokens", "thinking", "speed")


class ModelTurn(NamedTuple):
    """One model's turn, and how the cache divided its input."""

    turn: EngineAnswer
    cached: CacheUsage


class FellBack(NamedTuple):
    """A turn after fallbacks: all attempts joined, the model that made the last one, and the rows of `usage.iterations`."""

    turn: EngineAnswer
    model: CatalogueModel
    iterations: list[Block]


def fall_back(
    first: ModelTurn, request: MessageRequest, ask: Callable[[Block, CatalogueModel], ModelTurn]
) -> FellBack | None:
    """Ask the fallback models of a request whose model has refused.

    Args:
        first: What the requested model did.
        request: The request.
        ask: Asks another model with a body.

    Returns:
        The turn; None where nothing was refused or the request names no models.
    """
    entries = request.body.get("fallbacks")
    if first.turn.stop_reason != "refusal" or not isinstance(entries, list) or not entries:
        return None
    last, content, rows = first, list(first.turn.content), [_row("message", first)]
    declined, turns = str(request.body.get("model")), [first.turn]
    model: CatalogueModel | None = None
    for entry in entries:
        model = find_model(entry["model"])
        if model is None:  # under `--lenient fallback-model`
            model = CatalogueModel(id=str(entry["model"]), name=str(entry["model"]), line="other")
        category = (last.turn.stop_details or {}).get("category")
        content.append(
            {
                "type": "fallback",
                "from": {"model": declined},
                "to": {"model": model.id},
                "trigger": {"type": "refusal", "category": category},
            }
        )
        last = ask(_body(request.body, entry, model), model)
        has_answered = last.turn.stop_reason != "refusal"
        content += last.turn.content
        rows.append(_row("fallback_message" if has_answered else "message", last, model.id if has_answered else None))
        turns.append(last.turn)
        if has_answered:
            break
        declined = model.id
    assert model is not None  # noqa: S101  # there was an entry
    joined = structs.replace(
        last.turn,
        content=content,
        output_tokens=sum(turn.output_tokens for turn in turns),
        thinking_tokens=sum(turn.thinking_tokens for turn in turns),
    )
    return FellBack(joined, model, rows)


def _body(body: Block, entry: Block, model: CatalogueModel) -> Block:
    """Make the body of an attempt: an entry's overrides, of which a null takes the request's field away."""
    made = {name: value for name, value in body.items() if name != "fallbacks"} | {"model": model.id}
    for name in OVERRIDES:
        if name in entry and (entry[name] is not None or name != "max_tokens"):
            made[name] = entry[name]
    if "output_config" in entry:
        given = entry["output_config"]
        made["output_config"] = {**(body.get("output_config") or {}), **given} if given is not None else None
    return {name: value for name, value in made.items() if value is not None}


def _row(kind: str, attempt: ModelTurn, model: str | None = None) -> Block:
    named = {"model": model} if model else {}
    return iteration(kind, attempt.cached, attempt.turn.output_tokens, **named)
