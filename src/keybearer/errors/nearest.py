"""The known name that was probably meant, for the words of an error."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that is most like a given one.

    Args:
        name: The name that is not known.
        known: Those that are.
        cutoff: How like it must be, from 0 to 1.

    Returns:
        The name, or None where none is like it.
    """
    import difflib

    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean x?` with the nearest known name, or nothing where none is near."""
    near = nearest(name, known)
    return f" Did you mean {near}?" if near else ""
