"""Other models to ask when the one asked for is overloaded: `on_overload`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from keybearer.types.http import Draft

__all__ = ["Fallback", "Other"]


class Other(NamedTuple):
    """A request to another model."""

    model: str
    draft: Draft


class Fallback:
    """The requests to other models, each made when it is needed.

    Args:
        models: The models, in the order in which they are asked.
        draft_for: Makes the request to a model.
    """

    def __init__(self, models: Sequence[str] = (), draft_for: Callable[[str], Draft] | None = None) -> None:
        self._models = list(models)
        self._draft_for = draft_for

    def next(self) -> Other | None:
        """Return the request to the next model; None when every model was asked."""
        if not self._models or self._draft_for is None:
            return None
        model = self._models.pop(0)
        return Other(model, self._draft_for(model))
