"""What is wrong in a script, and where: raised by every check of it, turned into a line by what reads files."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

__all__ = ["ScriptError", "check_keys", "dotted", "nearest", "refuse_near_miss"]

Path = tuple[str | int, ...]


class ScriptError(ValueError):
    """A script that cannot be carried out.

    Args:
        words: What is wrong, and what to write instead.
        path: Where: keys and indices from the turn down.
    """

    def __init__(self, words: str, path: Path = ()) -> None:
        super().__init__(words)
        self.path = path


def dotted(path: Path) -> str:
    """Write a path as `reply.content.0.text`."""
    return ".".join(str(step) for step in path)


def nearest(word: Any, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that is most like a given one, if one is."""
    return next(iter(difflib.get_close_matches(str(word), known, n=1, cutoff=cutoff)), None)


def check_keys(value: Any, known: Collection[str], what: str, path: Path) -> dict[str, Any]:
    """Return a mapping whose keys are all known.

    Args:
        value: What should be the mapping.
        known: The keys that it may have.
        what: What it is, for the message.
        path: Where it stands.

    Returns:
        The mapping.

    Raises:
        ScriptError: It is none, or has another key; the message has the nearest one.
    """
    if not isinstance(value, dict):
        raise ScriptError(f"{what} should be a mapping, not {type(value).__name__}", path)
    for key in value:
        if key not in known:
            near = nearest(key, known)
            hint = f"; did you mean {near!r}?" if near else f"; it may have {', '.join(known)}"
            raise ScriptError(f"{what} has no {key!r}{hint}", (*path, str(key)))
    return value


def refuse_near_miss(word: Any, known: Collection[str], path: Path) -> None:
    """Refuse a word that is almost a known one, and so most likely misspelt; another word may be of the future.

    Raises:
        ScriptError: It is; the message has the known word.
    """
    near = None if word in known else nearest(word, known, cutoff=0.75)
    if near:
        raise ScriptError(f"{dotted(path)}: {word!r} is almost {near!r}: did you mean that?", path)
