"""The conditions of a scripted turn: a table of what a `match` may look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, structs

from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.control.wrong import Path, ScriptError, check_keys, dotted
from keybearer.simulator.core.patterns import unwarned

__all__ = ["MATCH_KEYS", "Matcher", "make_matcher"]

HOW: Final = re.IGNORECASE | re.DOTALL
"""The flags of the regular expressions in a `match`."""
PATTERNS: Final = ("text", "model", "system", "tool_result", "tool_use_id", "reminder", "session", "agent")
"""The keys whose value is a regular expression; each is a property of `SeenRequest`."""
MATCH_KEYS: Final = (*PATTERNS, "tool", "turn", "stream", "headers")


class Matcher(Struct, frozen=True):
    """The conditions on a request, all of which must hold.

    Args:
        shown: The conditions as they were written.
        patterns: Name of what is looked at, and the regular expression.
        headers: Header name in lower case, and the regular expression.
        groups: The name or number of each group of the expressions, in the order in which they are counted.
    """

    shown: dict[str, Any]
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    headers: tuple[tuple[str, re.Pattern[str]], ...] = ()
    groups: tuple[str, ...] = ()

    def captures(self, seen: SeenRequest) -> Mapping[str, str] | None:
        """Return what the groups caught in a request, or None for a request that does not fit.

        Args:
            seen: The request.

        Returns:
            Number and name of each group to its text; "" for a group that took no part.
        """
        if not self._plain_conditions_hold(seen):
            return None
        caught: dict[str, str] = {}
        number = 0
        for name, pattern in self.patterns:
            found = pattern.search(getattr(seen, name))
            if found is None:
                return None
            number = _take(found, number, caught)
        for name, pattern in self.headers:
            found = pattern.search(seen.headers.get(name, ""))
            if found is None:
                return None
            number = _take(found, number, caught)
        return caught

    def _plain_conditions_hold(self, seen: SeenRequest) -> bool:
        wanted = self.shown
        return (
            ("stream" not in wanted or seen.stream == wanted["stream"])
            and ("turn" not in wanted or seen.turn == wanted["turn"])
            and ("tool" not in wanted or str(wanted["tool"]) in seen.tools)
        )


def _take(found: re.Match[str], number: int, caught: dict[str, str]) -> int:
    """Add the groups of one expression, counted on from those before; return the last number."""
    for text in found.groups(""):
        number += 1
        caught[str(number)] = text
    caught.update(found.groupdict(""))
    return number


def _pattern(value: Any, path: Path) -> re.Pattern[str]:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ScriptError(f"{dotted(path)} should be a regular expression, not {type(value).__name__}", path)
    try:
        with unwarned():
            return re.compile(str(value), HOW)
    except (re.error, RecursionError, OverflowError) as wrong:
        raise ScriptError(f"{dotted(path)} is no regular expression: {wrong}", path) from wrong


def make_matcher(value: Any, path: Path = ("match",)) -> Matcher:
    """Make the conditions from a scenario's `match`.

    Args:
        value: A string is a regular expression for the user's last words; a mapping has some of `MATCH_KEYS`.
        path: Where it stands.

    Returns:
        The conditions.

    Raises:
        ScriptError: A key does not exist, or a value has the wrong type.
    """
    given = {"text": value} if isinstance(value, str) else value
    match = check_keys({} if given is None else given, MATCH_KEYS, "a match", path)
    if isinstance(match.get("turn", 1), bool) or not isinstance(match.get("turn", 1), int) or match.get("turn", 1) < 1:
        raise ScriptError(
            f"{dotted((*path, 'turn'))} should be a whole number from 1, not {match['turn']!r}", (*path, "turn")
        )
    if not isinstance(match.get("stream", True), bool):
        raise ScriptError(
            f"{dotted((*path, 'stream'))} should be true or false, not {match['stream']!r}", (*path, "stream")
        )
    headers = match.get("headers", {})
    if not isinstance(headers, dict):
        raise ScriptError(f"{dotted((*path, 'headers'))} should map names to regular expressions", (*path, "headers"))
    made = Matcher(
        match,
        patterns=tuple((name, _pattern(match[name], (*path, name))) for name in match if name in PATTERNS),
        headers=tuple(
            (str(name).lower(), _pattern(wanted, (*path, "headers", str(name)))) for name, wanted in headers.items()
        ),
    )
    return structs.replace(made, groups=_groups(made, path))


def _groups(made: Matcher, path: Path) -> tuple[str, ...]:
    patterns = [pattern for _, pattern in (*made.patterns, *made.headers)]
    names = [name for pattern in patterns for name in pattern.groupindex]
    for name in names:
        if names.count(name) > 1:
            raise ScriptError(f"two groups of the match are called {name!r}", path)
    count = sum(pattern.groups for pattern in patterns)
    return (*names, *(str(number) for number in range(1, count + 1)))
