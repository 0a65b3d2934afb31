"""The models as a table. What a model accepts decides what the rules refuse.

Ids and lifecycles are those of the `anthropic` 2.12.0 wheel (`types/model.py`, `DEPRECATED_MODELS`). Context
window, output limit, thinking and effort follow the public models page; where that says nothing, a model has the
values of its predecessor.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

__all__ = ["CATALOGUE", "CatalogueModel", "find_model"]

LEVELS: Final = ("low", "medium", "high", "xhigh", "max")


@dataclasses.dataclass(frozen=True, kw_only=True)
class CatalogueModel:
    """One model: its limits and what it accepts."""

    id: str
    name: str
    line: str
    created: str
    window: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum: int = 1_024
    thinking: tuple[str, ...] = ("adaptive", "between_tools", "disabled")
    efforts: tuple[str, ...] = LEVELS
    prefill: bool = False
    sampling: bool = False
    lifecycle: str = "active"
    retires: str | None = None

    def describe(self) -> dict[str, Any]:
        """Render the model as `/v1/models` does (`ModelInfo` of the wheel)."""

        def has(*, supported: bool) -> dict[str, bool]:
            return {"supported": supported}

        yes, no = has(supported=True), has(supported=False)
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.name,
            "created_at": self.created + "T00:00:00Z",
            "deprecated_at": None if self.lifecycle == "active" else "2026-06-30T00:00:00Z",
            "retires_at": self.retires and self.retires + "T00:00:00Z",
            "lifecycle": self.lifecycle,
            "line": self.line,
            "max_input_tokens": self.window,
            "max_tokens": self.max_tokens,
            "capabilities": {
                "batch": yes,
                "citations": yes,
                "code_execution": no,
                "context_management": no,
                "effort": {
                    "supported": bool(self.efforts),
                    **{level: has(supported=level in self.efforts) for level in LEVELS},
                },
                "image_input": yes,
                "pdf_input": yes,
                "server_tools": {"supported": False, "code_execution": no, "web_search": no},
                "structured_outputs": yes,
                "thinking": {
                    "supported": True,
                    "types": {
                        kind: has(supported=kind in self.thinking)
                        for kind in ("adaptive", "between_tools", "disabled", "enabled")
                    },
                },
            },
        }


def _legacy(**facts: Any) -> CatalogueModel:
    """A model of the 4.5 generation: manual thinking, sampling parameters, prefill."""
    return CatalogueModel(
        **{
            "window": 200_000,
            "max_tokens": 64_000,
            "thinking": ("enabled", "disabled"),
            "efforts": (),
            "prefill": True,
            "sampling": True,
            **facts,
        }
    )


_BOTH: Final = ("adaptive", "enabled", "disabled")

CATALOGUE: Final[dict[str, CatalogueModel]] = {
    model.id: model
    for model in (
        CatalogueModel(id="claude-fable-5-2", name="Claude Fable 5.2", line="fable", created="2026-10-15"),
        CatalogueModel(id="claude-mythos-5-2", name="Claude Mythos 5.2", line="mythos", created="2026-10-15"),
        CatalogueModel(id="claude-haiku-5-5", name="Claude Haiku 5.5", line="haiku", created="2026-09-20"),
        CatalogueModel(id="claude-sonnet-5-5", name="Claude Sonnet 5.5", line="sonnet", created="2026-09-10"),
        CatalogueModel(id="claude-fable-5-1", name="Claude Fable 5.1", line="fable", created="2026-08-20"),
        CatalogueModel(id="claude-opus-5-5", name="Claude Opus 5.5", line="opus", created="2026-08-15"),
        CatalogueModel(id="claude-mythos-5-1", name="Claude Mythos 5.1", line="mythos", created="2026-08-10"),
        CatalogueModel(id="claude-sonnet-5", name="Claude Sonnet 5", line="sonnet", created="2026-07-15"),
        CatalogueModel(id="claude-fable-5", name="Claude Fable 5", line="fable", created="2026-07-10"),
        CatalogueModel(id="claude-mythos-5", name="Claude Mythos 5", line="mythos", created="2026-07-05"),
        CatalogueModel(id="claude-opus-5", name="Claude Opus 5", line="opus", created="2026-06-20"),
        CatalogueModel(id="claude-opus-4-8", name="Claude Opus 4.8", line="opus", created="2026-05-20"),
        CatalogueModel(id="claude-opus-4-7", name="Claude Opus 4.7", line="opus", created="2026-04-16"),
        CatalogueModel(
            id="claude-mythos-preview", name="Claude Mythos Preview", line="mythos", created="2026-04-07",
            lifecycle="retired", retires="2026-06-30",
        ),
        CatalogueModel(
            id="claude-opus-4-6", name="Claude Opus 4.6", line="opus", created="2026-02-05",
            cache_minimum=4_096, thinking=_BOTH, efforts=("low", "medium", "high", "max"), sampling=True,
        ),
        CatalogueModel(
            id="claude-sonnet-4-6", name="Claude Sonnet 4.6", line="sonnet", created="2026-02-17", max_tokens=64_000,
            cache_minimum=2_048, thinking=_BOTH, efforts=("low", "medium", "high", "max"), sampling=True,
        ),
        _legacy(
            id="claude-haiku-4-5-20251001", name="Claude Haiku 4.5", line="haiku", created="2025-10-15",
            cache_minimum=4_096,
        ),
        _legacy(
            id="claude-opus-4-5-20251101", name="Claude Opus 4.5", line="opus", created="2025-11-24",
            cache_minimum=4_096, efforts=("low", "medium", "high"),
        ),
        _legacy(
            id="claude-sonnet-4-5-20250929", name="Claude Sonnet 4.5", line="sonnet", created="2025-09-29",
            lifecycle="deprecated", retires="2026-11-30",
        ),
    )
}  # fmt: skip
"""Model id to model, newest first, which is the order of the list endpoint."""

ALIASES: Final = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-opus-4-5": "claude-opus-4-5-20251101",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
}
"""Names without a date. A reply names the dated model."""


def find_model(name: object) -> CatalogueModel | None:
    """Find a model by id or alias.

    Args:
        name: The request's `model`.

    Returns:
        The model, retired ones included, or None.
    """
    return CATALOGUE.get(ALIASES.get(name, name)) if isinstance(name, str) else None
