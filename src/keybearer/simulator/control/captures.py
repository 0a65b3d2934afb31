"""Captures: what the groups of a `match` caught, in the reply.

`{1}` and `{city}` are replaced, `{1:json}` alone in a value becomes the JSON value of the capture (`18` a number), and
`{{1}}` writes `{1}`. This is so only in a turn whose match has groups; in any other turn, braces are text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import msgspec

from keybearer.simulator.control.wrong import Path, ScriptError, dotted, nearest
from keybearer.simulator.core.patterns import lazy

__all__ = ["check_places", "fill"]

PLACE: Final = lazy(r"\{\{(\w+(?::json)?)\}\}|\{(\w+)(:json)?\}")


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, inner in value.items():
                yield from _strings(inner, (*path, key))
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from _strings(inner, (*path, index))


def check_places(reply: Any, groups: Collection[str], path: Path) -> None:
    """Refuse a place in braces that no group of the match fills.

    Args:
        reply: The reply.
        groups: The names and numbers of the match's groups.
        path: Where the reply stands.

    Raises:
        ScriptError: There is one; the message says how to write the braces themselves.
    """
    if not groups:
        return
    for where, text in _strings(reply, path):
        for place in PLACE.finditer(text):
            name = place[2]
            if name is not None and name not in groups:
                near = nearest(name, groups)
                hint = f"did you mean {{{near}}}?" if near else f"it has {', '.join(groups)}."
                raise ScriptError(
                    f"{dotted(where)}: the match has no group for {{{name}}}; {hint} Write {{{{{name}}}}} for the braces",
                    where,
                )


def fill(value: Any, captures: Mapping[str, str]) -> Any:
    """Put captures into a reply.

    Args:
        value: The reply, or a part of it.
        captures: Name or number to what the group caught; empty if the match has no groups.

    Returns:
        The value with every place filled; the keys of mappings stay.
    """
    if not captures:
        return value
    match value:
        case str():
            return _filled(value, captures)
        case dict():
            return {key: fill(inner, captures) for key, inner in value.items()}
        case list() | tuple():
            return [fill(inner, captures) for inner in value]
    return value


def _filled(text: str, captures: Mapping[str, str]) -> Any:
    alone = PLACE.fullmatch(text)
    if alone and alone[3]:
        try:
            return msgspec.json.decode(captures.get(alone[2], ""))
        except msgspec.DecodeError:
            return captures.get(alone[2], "")
    return PLACE.sub(lambda place: f"{{{place[1]}}}" if place[1] else captures.get(place[2], place[0]), text)
