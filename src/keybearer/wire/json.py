"""Encodes the values of a request as JSON: the caller's own, and those of earlier answers.

Strategy: a body is nearly always made of plain dicts, lists, texts and numbers. One pass over its levels checks that (`is_plain`).
Only if it finds anything else are values converted: values of answers to the JSON that they came as, pydantic objects by their
`model_dump`, dataclasses by their fields. msgspec encodes; the standard library encodes the lone surrogates that msgspec refuses.

Contract: a number that is not finite is never written, not even as the `null` that msgspec would write. It is converted to an
`Unsendable`, which no encoder accepts; `keybearer.wire.request.unsendable` finds where it is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import cache, cached_property
from types import NoneType
from typing import Any, Final

import msgspec

from keybearer.types.api_object import APIObject, is_mapping, loads, source_of

__all__ = ["PlainList", "Unsendable", "detached", "dumps", "dumps_strict", "is_plain", "loads", "sendable", "weight_of"]

_LEAVES: Final = frozenset({str, int, bool, NoneType, bytes})
"""Types whose values contain no other value and can always be encoded."""

_MAX_DEPTH: Final = 500


class PlainList(list[Any]):
    """A list that is known to be plain, and that nobody changes: it is not looked through again for each request."""

    @cached_property
    def encoded(self) -> msgspec.Raw | list[Any]:
        """Its JSON, which the encoder writes as it is; the list, where the encoder of the whole is to say what is wrong."""
        try:
            return msgspec.Raw(dumps_strict(self))
        except (TypeError, ValueError, RecursionError):
            return self


class Unsendable:
    """Stands in a body for a value that JSON cannot represent.

    Args:
        value: The value.
        why: What is wrong with it, as the end of a sentence.
    """

    def __init__(self, value: Any, why: str) -> None:
        self.value = value
        self.why = why


def sendable(value: Any) -> Any:
    """Return a value that the encoder accepts: the value itself if it is plain, else a converted copy.

    Raises:
        RecursionError: The value is nested too deeply, or contains itself.
    """
    if isinstance(value, APIObject):
        return _converted(value)
    kind = type(value)
    return value if kind in _LEAVES or kind is PlainList or is_plain(value) else _converted(value)


def detached(value: Any) -> Any:
    """Return a plain copy of a value, which shares no list and no dict with it: nobody else changes it."""
    if type(value) in _LEAVES:
        return value
    plain = sendable(value)
    try:
        return msgspec.to_builtins(plain, builtin_types=_kept())
    except (TypeError, ValueError, RecursionError):
        return plain  # it cannot be sent, and the encoder says where


def is_plain(value: Any) -> bool:
    """Return whether a value is made of plain JSON types only, at any depth, with finite numbers.

    Raises:
        RecursionError: The value is nested too deeply, or contains itself.
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
    if isinstance(value, APIObject):  # one that was decoded is JSON; one that a caller made may contain anything
        return value.to_param() if source_of(value) is not None else _converted(value.to_param())
    if is_mapping(value):
        return {key: _converted(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_converted(each) for each in value]
    if isinstance(value, float) or kind.__name__ == "Decimal":
        finite = math.isfinite(value) if isinstance(value, float) else value.is_finite()
        return value if finite else Unsendable(value, f"is {value}, a number that JSON has no form for")
    if isinstance(value, str):
        return str.__str__(value)  # of a subclass, which msgspec refuses
    if isinstance(value, bytes | bytearray | memoryview | type | Unsendable):
        return value
    return _object(value)


def _object(value: Any) -> Any:
    """Convert an object of another library by its fields; one without fields is returned for the encoder to refuse."""
    if callable(dump := getattr(value, "model_dump", None)):  # pydantic objects, such as the official SDK's values
        try:
            dumped = dump(mode="json", exclude_none=True)
        except Exception as error:  # noqa: BLE001 - whatever it raises, the object cannot be sent
            return Unsendable(value, f"is a {type(value).__name__} whose model_dump() failed ({type(error).__name__})")
        return _converted(dumped)
    if callable(to_param := getattr(value, "to_param", None)):  # a tool
        return _converted(to_param())
    if isinstance(value, msgspec.Struct):
        return _converted(msgspec.to_builtins(value, enc_hook=_hook, builtin_types=_kept()))
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None:
        names = [each.name for each in getattr(type(value), "__attrs_attrs__", ())]
    if names:
        return {name: _converted(getattr(value, name)) for name in names if hasattr(value, name)}
    if hasattr(value, "__next__") or not hasattr(value, "__iter__"):
        return value  # an iterator can be read only once: the encoder does
    return [_converted(each) for each in value]


@cache
def _kept() -> tuple[type, ...]:
    """Return the types that the encoder writes, and that stay what they are until then."""
    from decimal import Decimal

    return (bytes, bytearray, memoryview, Decimal)


def weight_of(value: Any) -> int:
    """Return the approximate size of a decoded JSON value: the characters of its texts, plus one for each other value."""
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


def dumps_strict(value: Any) -> bytes:
    """Encode a value as `dumps` does, but refuse a lone surrogate.

    Raises:
        TypeError: The value has a part that JSON cannot represent.
        UnicodeEncodeError: The value has a lone surrogate.
    """
    return _encode(value)


def dumps(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8. `bytes` become base64 text; a lone surrogate becomes an escape.

    Args:
        value: A plain value, or a result of `sendable`.

    Raises:
        TypeError: The value has a part that JSON cannot represent.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        import json

        # It has a lone surrogate, which can only be written as an escape.
        return json.dumps(with_decoded_turns(value), default=_hook, separators=(",", ":")).encode()


def with_decoded_turns(value: Any) -> Any:
    """Return a body with its known turns decoded, which `prepend_cached` put before the others as JSON text."""
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
    if isinstance(value, str):
        return str.__str__(value)
    if is_mapping(value):
        return sendable(dict(value))
    if hasattr(value, "__iter__"):
        return sendable(list(value))
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_encode = msgspec.json.Encoder(enc_hook=_hook, decimal_format="number").encode
