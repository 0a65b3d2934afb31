"""The rules of `keybearer.wire.request.lint` for structured answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from keybearer.wire.request.turns import Problem, RequestView

__all__ = ["APPLIES_TO", "WITHOUT"]

WITHOUT: Final = (
    "claude-instant",
    "claude-2",
    "claude-3",
    "claude-opus-4-0",
    "claude-opus-4-2025",
    "claude-sonnet-4-0",
    "claude-sonnet-4-2025",
)
"""How the names of the models begin that have no structured outputs: all before Claude Opus 4.1. A gateway may still have them.

Source: `profiles/anthropic.py` of pydantic-ai 2.68, and the API's page on structured outputs.
"""


def has_format(request: RequestView) -> Iterator[Problem]:
    """A model that is asked for JSON of a schema has structured outputs."""
    config, model = request.body.get("output_config"), request.body.get("model")
    if (
        isinstance(config, Mapping)
        and config.get("format") is not None
        and isinstance(model, str)
        and model.startswith(WITHOUT)
    ):
        yield Problem(
            "output_config.format",
            f"{model} has no structured outputs",
            "Take a newer model, or make it call a tool: messages.parse(..., via='tool').",
        )


APPLIES_TO: Final[dict[Callable[[RequestView], Iterator[Problem]], frozenset[str]]] = {
    has_format: frozenset({"output_config"}),
}
