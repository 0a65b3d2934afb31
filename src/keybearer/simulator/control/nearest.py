"""Why a request has no recording: the recorded request that is most like it, and how it differs, in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

__all__ = ["differences", "nearest_body"]

SHOWN: Final = 3
WIDTH: Final = 48
ABSENT: Final = object()


def _leaves(value: Any, path: str, into: dict[str, Any]) -> dict[str, Any]:
    """Fill a map of paths to the values at the ends of a body; a list also has its length."""
    match value:
        case dict():
            for key, inner in value.items():
                _leaves(inner, f"{path}.{key}" if path else str(key), into)
        case list():
            into[f"the length of {path}"] = len(value)
            for index, inner in enumerate(value):
                _leaves(inner, f"{path}.{index}", into)
        case _:
            into[path or "the body"] = value
    return into


def nearest_body(sent: Any, recorded: Iterable[tuple[int, Any]]) -> tuple[int, Any] | None:
    """Return the number and body of the recorded request with the fewest differences; None if there is none.

    Args:
        sent: The request's body, as the rules leave it.
        recorded: Number and body of the recorded requests, as the rules leave them.
    """
    mine = _leaves(sent, "", {})

    def distance(candidate: tuple[int, Any]) -> int:
        theirs = _leaves(candidate[1], "", {})
        return sum(mine.get(path, ABSENT) != theirs.get(path, ABSENT) for path in mine.keys() | theirs.keys())

    return min(recorded, key=distance, default=None)


def _excerpt(value: Any, start: int) -> str:
    if value is ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else repr(value)
    begin = max(0, start - WIDTH // 3)
    shown = text[begin : begin + WIDTH]
    return f"{'…' if begin else ''}{shown}{'…' if begin + WIDTH < len(text) else ''}".join('""').replace("\n", "\\n")


def _first_difference(one: Any, other: Any) -> int:
    if not (isinstance(one, str) and isinstance(other, str)):
        return 0
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def differences(sent: Any, recorded: Any) -> str:
    """Say how a request differs from a recorded one.

    Args:
        sent: The request's body, as the rules leave it.
        recorded: The recorded body, as the rules leave it.

    Returns:
        Up to three fields with what was recorded and what was sent, from where they differ; the number of the others.
    """
    mine, theirs = _leaves(sent, "", {}), _leaves(recorded, "", {})
    paths = [path for path in {**theirs, **mine} if mine.get(path, ABSENT) != theirs.get(path, ABSENT)]
    lines = []
    for path in paths[:SHOWN]:
        old, new = theirs.get(path, ABSENT), mine.get(path, ABSENT)
        start = _first_difference(old, new)
        lines.append(f"{path}: recorded {_excerpt(old, start)}, sent {_excerpt(new, start)}")
    more = f"; and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return "; ".join(lines) + more
