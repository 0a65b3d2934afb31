"""Finds the values of a body that cannot be sent, after the encoder has refused the body, or for `lint`.

Contract: every such value is found, with its place as a caller would write it, such as `messages[0].content[1].text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from keybearer.errors.sanitize import sanitize
from keybearer.types.api_object import is_mapping
from keybearer.wire.json import Unsendable, dumps, with_decoded_turns
from keybearer.wire.request.turns import Problem

__all__ = ["refusals", "unsendable"]

_HALF: Final = re.compile("[\ud800-\udfff]")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")

_WHOLE_CHARACTERS: Final = "Text was cut inside a character: cut it elsewhere, or drop the half."


def unsendable(value: Any, where: str = "") -> Iterator[Problem]:
    """Yield a problem for each part of a value that cannot be sent.

    Args:
        value: The value: a body, or a part of one, as `sendable` returned it.
        where: Its place; empty for a body.
    """
    if is_mapping(value):
        yield from _in_object(value if where else with_decoded_turns(value), where)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from unsendable(each, f"{where}[{index}]")
    elif isinstance(value, str):
        if not value.isascii() and (half := _HALF.search(value)):
            yield _half_a_character(where, "its text", half)
    elif isinstance(value, Unsendable):
        yield Problem(where, f"it {sanitize(value.why, 200)}", "Give another value, or leave it out.")
    elif not hasattr(value, "__next__"):  # an iterator can be read only once: the encoder has read it
        try:
            dumps(value)
        except (TypeError, ValueError):
            what = f"it is of type {type(value).__name__}, which has no form in JSON"
            yield Problem(where, what, "Give a dict, a list, text, a number, True, False or None.")


def refusals(body: Any, error: Exception) -> tuple[str, ...]:
    """Return why a body cannot be sent, a line for each part.

    Args:
        body: The body.
        error: What the encoder raised.
    """
    try:
        found = list(unsendable(body))
    except RecursionError:
        found = []
    return tuple(f"{each.where}: {each.what}. {each.fix}" for each in found) or (f"it is no JSON: {error}",)


def _in_object(value: Mapping[Any, Any], where: str) -> Iterator[Problem]:
    for key, each in value.items():
        name = key if isinstance(key, str) else repr(key)
        place = f"{where}.{name}".lstrip(".") if _WORD.fullmatch(name) else f"{where}[{name!r}]"
        if isinstance(key, str) and (half := _HALF.search(key)):
            yield _half_a_character(place, "its name", half)
        yield from unsendable(each, place)


def _half_a_character(where: str, what: str, half: re.Match[str]) -> Problem:
    code = f"\\u{ord(half[0]):04x}"
    return Problem(
        where, f"{what} has half a character, {code} at {half.start()}, which is no Unicode", _WHOLE_CHARACTERS
    )
