"""Warn of a model that is deprecated: with the day on which it ends, and its successor.

Source: the `anthropic` 2.14.0 wheel, `_data/deprecated_models.py`; the successor is the newest model of the same line in
`types/model.py`. A test compares both.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["DEPRECATED", "warn_of_deprecated"]

DEPRECATED: Final = {
    "claude-mythos-preview": ("2026-06-30", "claude-mythos-5-2"),
    "claude-opus-4-5": ("2027-01-22", "claude-opus-5-5"),
    "claude-opus-4-5-20251101": ("2027-01-22", "claude-opus-5-5"),
    "claude-sonnet-4-5": ("2026-11-30", "claude-sonnet-5-5"),
    "claude-sonnet-4-5-20250929": ("2026-11-30", "claude-sonnet-5-5"),
}
"""Model to the day on which it ends, and the model to move to."""

_warned: set[str] = set()


def warn_of_deprecated(model: Any) -> None:
    """Warn once in a process of each deprecated model that is asked for, at the line of the caller's own code.

    Args:
        model: The model of a request, which need not be text.
    """
    if not isinstance(model, str) or model not in DEPRECATED or model in _warned:
        return
    import warnings

    end, successor = DEPRECATED[model]
    words = f"The model {model!r} is deprecated: its end of life is {end}. Move to {successor}."
    warnings.warn(words, DeprecationWarning, stacklevel=_callers_level())
    _warned.add(model)  # not before: where warnings are errors, each call is one


def _callers_level() -> int:
    """Return the `stacklevel` of the first frame above that is not of this package."""
    import inspect

    level, frame = 1, inspect.currentframe()
    frame = frame.f_back if frame is not None else None  # that of `warn_of_deprecated`, which is level 1
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "keybearer":
        level, frame = level + 1, frame.f_back
    return level
