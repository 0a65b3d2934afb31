r"""JSON, both ways: msgspec first, the standard library for the little that msgspec refuses.

msgspec refuses lone surrogates (`"\ud800"`) and numbers out of a float's range, which JSON allows and services have sent.
They are rare, and losing a reply over them would break the promise that nothing is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final

import msgspec

from keybearer.types.base import Model, is_mapping

__all__ = ["dumps", "has_model", "loads", "sendable"]

_LEAVES: Final = frozenset({str, int, float, bool, NoneType, bytes})
"""Types that hold no other value."""

_MAX_DEPTH: Final = 500

_decode = msgspec.json.Decoder().decode


def loads(data: bytes | str) -> Any:
    """Decode JSON.

    Raises:
        ValueError: When it is not JSON, or not UTF-8.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        import json

        try:
            # Strictly: the standard library takes surrogates that UTF-8 cannot have, and other encodings.
            text = data if isinstance(data, str) else data.decode()
            return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def sendable(value: Any) -> Any:
    """Return a value with every `Model` in it, at any depth, as it goes back to the service; the value itself if it has none.

    msgspec would encode a Model by its fields: without what this version does not know, and with nulls that did not come.
    """
    return value if type(value) in _LEAVES or not has_model(value) else _converted(value)


def has_model(value: Any) -> bool:
    """Return whether a `Model` is in a value, at any depth.

    Raises:
        RecursionError: The value is nested too deeply, or holds itself.
    """
    # Level by level, not value by value: a history of hundreds of blocks has a handful of levels.
    level = [value]
    for _ in range(_MAX_DEPTH):
        inner: list[Iterable[Any]] = []
        for each in level:
            if type(each) is dict:
                inner.append(each.values())
            elif type(each) is list:
                inner.append(each)
            elif isinstance(each, Model):
                return True
            elif is_mapping(each):
                inner.append(each.values())
            elif isinstance(each, list | tuple):
                inner.append(each)
        if not inner:
            return False
        level = [each for each in itertools.chain.from_iterable(inner) if type(each) not in _LEAVES]
    raise RecursionError


def _converted(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_param()
    if is_mapping(value):
        return {key: _converted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_converted(each) for each in value]
    return value


def dumps(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8. `bytes` become base64 text, without a copy of that text in Python.

    A `Model` inside the value must have gone through `sendable`.

    Raises:
        TypeError: For a type that JSON has no form for.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        import json

        # A lone surrogate: only an escape can carry it.
        return json.dumps(_spelled_out(value), default=_hook, separators=(",", ":")).encode()


def _spelled_out(value: Any) -> Any:
    """Return a body whose known turns, one raw text before the others, are values again."""
    turns = value.get("messages") if isinstance(value, dict) else None
    if not turns or not isinstance(turns[0], msgspec.Raw):
        return value
    return value | {"messages": [*loads(b"[" + bytes(turns[0]) + b"]"), *turns[1:]]}


def _hook(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_param()
    if isinstance(value, bytes | bytearray | memoryview):
        import base64

        return base64.b64encode(value).decode()
    if is_mapping(value):
        return sendable(dict(value))
    if hasattr(value, "__iter__"):
        return sendable(list(value))
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_encode = msgspec.json.Encoder(enc_hook=_hook).encode
