"""The models as a table. What a model accepts decides what the rules refuse.

The table is `data/models.json`, made from the newest `anthropic` wheel and from public client tables, with a source for
each of its columns (`tests/simulator/tools/make_tables.py`). How far a model is in its life depends on the day: every
answer here takes the simulator's time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from keybearer.simulator.core.data import DATA

__all__ = ["CATALOGUE", "LEVELS", "CatalogueModel", "Lifecycle", "find_model"]

LEVELS: Final = ("low", "medium", "high", "xhigh", "max")
"""The levels of effort, in order."""
KINDS: Final = ("adaptive", "between_tools", "disabled", "enabled")

Lifecycle = Literal["active", "deprecated", "retired"]


def _seconds(day: str) -> float:
    """Return when a day begins (UTC), in seconds since the epoch."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def _has(*, supported: bool) -> dict[str, bool]:
    return {"supported": supported}


class CatalogueModel(msgspec.Struct, frozen=True, kw_only=True):
    """One model: its limits and what it accepts. The defaults are those of the newest models.

    Args:
        id: The dated id, which a reply names.
        name: Its name for people.
        line: The model line, such as `opus`.
        created: The day of release, as `2026-10-15`.
        deprecated: The day from which it is deprecated, if it is.
        retires: The day from which it is retired, if one is set.
        window: The context window, in tokens.
        max_tokens: The largest `max_tokens`.
        cache_minimum: The shortest prefix that is cached, in tokens.
        thinking: The values of `thinking.type` that it takes.
        efforts: The levels of effort that it takes.
        effort_without_thinking: The highest level of effort while thinking is turned off; None for every level.
        prefill: Whether the conversation may end with the assistant's turn.
        sampling: Whether it takes `temperature`, `top_p` and `top_k`.
        forced_tools: Whether `tool_choice` may force a tool.
        system_turns: Whether a message may have the role `system`.
        tool_changes: Whether it takes `tool_addition` and `tool_removal` blocks.
        turn_effort: Whether a system message may have an `output_config` of its own.
        compaction: Whether a conversation can be compacted.
        fast: Whether `speed` may be `fast`.
        image_edge: The pixels of the longer side to which an image is scaled down.
        image_tokens: The most tokens that an image costs.
        images: The most images of a request.
        programmatic_tools: Whether code that it runs can call the request's other tools.
    """

    id: str
    name: str
    line: str
    created: str = "1970-01-01"
    deprecated: str | None = None
    retires: str | None = None
    window: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum: int = 512
    thinking: tuple[str, ...] = KINDS
    efforts: tuple[str, ...] = LEVELS
    effort_without_thinking: str | None = None
    prefill: bool = False
    sampling: bool = False
    forced_tools: bool = True
    system_turns: bool = True
    tool_changes: bool = True
    turn_effort: bool = True
    compaction: bool = True
    fast: bool = False
    image_edge: int = 2_576
    image_tokens: int = 4_784
    images: int = 600
    programmatic_tools: bool = True

    def lifecycle(self, now: float) -> Lifecycle:
        """Return the stage of its life.

        Args:
            now: The simulator's time, in seconds since the epoch.
        """
        if self.retires is not None and now >= _seconds(self.retires):
            return "retired"
        return "deprecated" if self.deprecated is not None and now >= _seconds(self.deprecated) else "active"

    def describe(self, now: float) -> dict[str, Any]:
        """Render the model as `/v1/models` does (`ModelInfo` of the wheel).

        Args:
            now: The simulator's time, in seconds since the epoch.
        """
        lifecycle = self.lifecycle(now)
        active = lifecycle == "active"
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.name,
            "created_at": f"{self.created}T00:00:00Z",
            "deprecated_at": None if active or self.deprecated is None else f"{self.deprecated}T00:00:00Z",
            "retires_at": None if active or self.retires is None else f"{self.retires}T00:00:00Z",
            "lifecycle": lifecycle,
            "line": self.line,
            "max_input_tokens": self.window,
            "max_tokens": self.max_tokens,
            "capabilities": self._capabilities(),
        }

    def _capabilities(self) -> dict[str, Any]:
        yes = _has(supported=True)
        return {
            "batch": yes,
            "citations": yes,
            "code_execution": _has(supported=self.programmatic_tools),
            "context_management": {
                "supported": True,
                "clear_thinking_20251015": yes,
                "clear_tool_uses_20250919": yes,
                "compact_20260112": _has(supported=self.compaction),
            },
            "effort": {
                "supported": bool(self.efforts),
                **{level: _has(supported=level in self.efforts) for level in LEVELS},
            },
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"supported": True, "code_execution": yes, "web_search": yes},
            "structured_outputs": yes,
            "thinking": {
                "supported": True,
                "types": {kind: _has(supported=kind in self.thinking) for kind in KINDS},
            },
        }


class _Table(msgspec.Struct):
    aliases: dict[str, str]
    models: list[CatalogueModel]


_TABLE: Final = msgspec.json.decode((DATA / "models.json").read_bytes(), type=_Table)

CATALOGUE: Final[dict[str, CatalogueModel]] = {model.id: model for model in _TABLE.models}
"""Model id to model, newest first, which is the order of the list endpoint."""

ALIASES: Final = _TABLE.aliases
"""Names without a date. A reply names the dated model."""


def find_model(name: object) -> CatalogueModel | None:
    """Find a model by id or alias.

    Args:
        name: The request's `model`.

    Returns:
        The model, retired ones included, or None.
    """
    return CATALOGUE.get(ALIASES.get(name, name)) if isinstance(name, str) else None
