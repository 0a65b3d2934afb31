"""Values to JSON: the caller's own and those of earlier answers, as a request sends them.

Strategy: a body is nearly always made of plain dicts, lists, texts and whole numbers. One look over its levels finds what is
not (`is_plain`), and only then are values converted: values of answers as they came, objects of pydantic by their
`model_dump`, dataclasses by their fields. The encoder is msgspec's; the standard library writes the lone surrogates that
msgspec refuses.

Contract: a number that is not finite is never written, nor as `null`, which msgspec makes of one: it is converted to
`Unwritable`, which no encoder takes. `keybearer.wire.request.unsendable` says where such a value is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final

import msgspec

from keybearer.types.api_object import APIObject, is_mapping, loads, source_of

__all__ = ["Unwritable", "dumps", "is_plain", "loads", "sendable", "strict", "weight_of"]

_LEAVES: Final = frozenset({str, int, bool, NoneType, bytes})
"""Types that hold no other value, and that every value of can be written."""

_MAX_DEPTH: Final = 500


class Unwritable:
    """A value that has no form in JSON, in the place of one.

    Args:
        value: The value.
        why: What is wrong with it, in words, as the end of a sentence.
    """

    def __init__(self, value: Any, why: str) -> None:
        self.value = value
        self.why = why


def sendable(value: Any) -> Any:
    """Return a value as the encoder takes it: itself where it is plain, else a copy with what is not plain in it converted.

    Raises:
        RecursionError: The value is nested too deeply, or holds itself.
    """
    if isinstance(value, APIObject):
        return _converted(value)
    return value if type(value) in _LEAVES or is_plain(value) else _converted(value)


def is_plain(value: Any) -> bool:
    """Return whether a value is made of plain JSON types only, at any depth, and its numbers are finite.

    Raises:
        RecursionError: The value is nested too deeply, or holds itself.
    """
    # Level by level, not value by value: a history of hundreds of blocks has a handful of levels.
    level = [value]
    for _ in range(_MAX_DEPTH):
        inner: list[Iterable[Any]] = []
        for each in level:
            kind = type(each)
            if kind is dict:
                inner.append(each.values())
            elif kind is list or kind is tuple:
                inner.append(each)
            elif kind is not float or not math.isfinite(each):
                return False
        if not inner:
            return True
        level = [each for each in itertools.chain.from_iterable(inner) if type(each) not in _LEAVES]
    raise RecursionError


def _converted(value: Any) -> Any:
    kind = type(value)
    if kind in _LEAVES:
        return value
    if isinstance(value, APIObject):  # what came as JSON is that; what a caller made by hand may hold anything
        return value.to_param() if source_of(value) is not None else _converted(value.to_param())
    if is_mapping(value):
        return {key: _converted(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_converted(each) for each in value]
    if isinstance(value, float) or kind.__name__ == "Decimal":
        return value if math.isfinite(value) else Unwritable(value, f"is {value}, a number that JSON has no form for")
    if isinstance(value, str | bytes | bytearray | memoryview | type | Unwritable):
        return value
    return _object(value)


def _object(value: Any) -> Any:
    """Convert an object of a kind that is not ours: by what it says of its own fields."""
    if callable(dump := getattr(value, "model_dump", None)):  # pydantic's, the official SDK's values among them
        try:
            dumped = dump(mode="json", exclude_none=True)
        except Exception as error:  # noqa: BLE001 - whatever it raises, its object cannot be sent
            return Unwritable(value, f"is a {type(value).__name__} whose model_dump() failed ({type(error).__name__})")
        return _converted(dumped)
    if isinstance(value, msgspec.Struct):
        from decimal import Decimal

        kept = (bytes, bytearray, memoryview, Decimal)
        return _converted(msgspec.to_builtins(value, enc_hook=_hook, builtin_types=kept))
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None:
        names = [each.name for each in getattr(type(value), "__attrs_attrs__", ())]
    if names:
        return {name: _converted(getattr(value, name)) for name in names if hasattr(value, name)}
    if hasattr(value, "__next__") or not hasattr(value, "__iter__"):
        return value  # an iterator is read once, by the encoder
    return [_converted(each) for each in value]


def weight_of(value: Any) -> int:
    """Return about how many characters a decoded JSON value holds: its text, and one for each of its values."""
    weight, left = 0, [value]
    while left:
        each = left.pop()
        weight += len(each) if isinstance(each, str) else 1
        if isinstance(each, dict):
            left += each
            left += each.values()
        elif isinstance(each, list):
            left += each
    return weight


def strict(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8, and refuse a lone surrogate; else as `dumps`.

    Raises:
        TypeError: For a value that JSON has no form for.
        UnicodeEncodeError: For a lone surrogate.
    """
    return _encode(value)


def dumps(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8. `bytes` become base64 text, without a copy of that text in Python.

    What is not plain inside the value must have gone through `sendable`.

    Raises:
        TypeError: For a value that JSON has no form for.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        import json

        # A lone surrogate: only an escape can carry it.
        return json.dumps(spelled_out(value), default=_hook, separators=(",", ":")).encode()


def spelled_out(value: Any) -> Any:
    """Return a body whose known turns, one raw text before the others, are values again."""
    turns = value.get("messages") if isinstance(value, dict) else None
    if not isinstance(turns, list) or not turns or not isinstance(turns[0], msgspec.Raw):
        return value
    return value | {"messages": [*loads(b"[" + bytes(turns[0]) + b"]"), *turns[1:]]}


def _hook(value: Any) -> Any:
    if isinstance(value, APIObject):
        return value.to_param()
    if isinstance(value, bytes | bytearray | memoryview):
        import base64

        return base64.b64encode(value).decode()
    if is_mapping(value):
        return sendable(dict(value))
    if hasattr(value, "__iter__"):
        return sendable(list(value))
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_encode = msgspec.json.Encoder(enc_hook=_hook, decimal_format="number").encode
