"""The rules of `keybearer.wire.request.lint` for what a model does not have: structured outputs, and tools that are forced on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from keybearer.wire.request.turns import Problem, RequestView

__all__ = ["APPLIES_TO", "UNFORCED", "WITHOUT"]

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

UNFORCED: Final = (
    "claude-fable-5-1",
    "claude-fable-5-2",
    "claude-mythos-5-1",
    "claude-mythos-5-2",
    "claude-opus-5-5",
    "claude-sonnet-5-5",
)
"""How the names of the models begin on which no tool can be forced. A later model is left to the service.

Source: the API's release notes of 2026-09-01; `profiles/anthropic.py` of pydantic-ai 2.68 and litellm's table say the same.
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


def may_be_forced(request: RequestView) -> Iterator[Problem]:
    """A tool is forced on no model that refuses it."""
    choice, model = request.body.get("tool_choice"), request.body.get("model")
    if (
        isinstance(choice, Mapping)
        and choice.get("type") in ("any", "tool")
        and isinstance(model, str)
        and model.startswith(UNFORCED)
    ):
        yield Problem(
            "tool_choice",
            f"{model} takes none that forces a tool, and {choice['type']!r} does",
            "Use auto and say in the prompt which tool to call; or ask for the value itself: messages.parse(..., output_format=...).",
        )


APPLIES_TO: Final[dict[Callable[[RequestView], Iterator[Problem]], frozenset[str]]] = {
    has_format: frozenset({"output_config"}),
    may_be_forced: frozenset({"tool_choice"}),
}
