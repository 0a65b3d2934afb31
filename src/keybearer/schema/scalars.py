"""Types whose JSON is one value: text, numbers, and what msgspec reads from text, such as dates."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import decimal
import enum
import pathlib
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from keybearer.schema.node import INVALID, JsonSchema, Load, Mistake, Mistakes, Node, shown

__all__ = ["any_node", "choice", "constrained", "enumeration", "scalar"]


def _expected(what: str, value: Any, at: str, problems: Mistakes) -> Any:
    problems.append(Mistake(at, f"expected {what}, not {shown(value)}"))
    return INVALID


def _plain(what: str, fits: Callable[[Any], bool], made: Callable[[Any], Any] = lambda value: value) -> Load:
    def load(value: Any, at: str, problems: Mistakes) -> Any:
        return made(value) if fits(value) else _expected(what, value, at, problems)

    return load


def _is_integer(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def _from_text(type_: type, what: str, *, numbers: bool = False) -> Load:
    """Return what reads a type from its text as msgspec does."""

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if not (isinstance(value, str) or (numbers and type(value) in {int, float})):
            return _expected(what, value, at, problems)
        try:
            return msgspec.convert(str(value), type_)
        except msgspec.ValidationError:
            return _expected(what, value, at, problems)

    return load


def _load_base64(value: Any, at: str, problems: Mistakes) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            pass
    return _expected("base64", value, at, problems)


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


_SCALARS: Final[dict[Any, Node]] = {
    str: Node({"type": "string"}, _plain("a string", lambda value: isinstance(value, str))),
    bool: Node({"type": "boolean"}, _plain("true or false", lambda value: isinstance(value, bool))),
    int: Node({"type": "integer"}, _plain("an integer", _is_integer, int)),
    float: Node({"type": "number"}, _plain("a number", _is_number, float)),
    type(None): Node({"type": "null"}, _plain("null", lambda value: value is None)),
    bytes: Node({"type": "string", "contentEncoding": "base64"}, _load_base64),
    pathlib.Path: Node({"type": "string"}, _plain("a path", lambda value: isinstance(value, str), pathlib.Path)),
    uuid.UUID: Node({"type": "string", "format": "uuid"}, _from_text(uuid.UUID, "a UUID")),
    dt.datetime: Node(
        {"type": "string", "format": "date-time"},
        _from_text(dt.datetime, "a date and time such as 2026-01-31T12:00:00Z"),
    ),
    dt.date: Node({"type": "string", "format": "date"}, _from_text(dt.date, "a date such as 2026-01-31")),
    dt.time: Node({"type": "string", "format": "time"}, _from_text(dt.time, "a time such as 12:00:00")),
    dt.timedelta: Node({"type": "string", "format": "duration"}, _from_text(dt.timedelta, "a duration such as P1DT2H")),
    decimal.Decimal: Node(
        {"anyOf": [{"type": "number"}, {"type": "string"}]},
        _from_text(decimal.Decimal, "a decimal number", numbers=True),
    ),
}


def any_node() -> Node:
    """Return the node of `Any`: every JSON value."""
    return Node({}, lambda value, _at, _problems: value)


def scalar(tp: Any) -> Node | None:
    """Return the node of a type whose JSON is one value; None for any other type."""
    return _SCALARS.get(type(None) if tp is None else tp) if tp is None or isinstance(tp, type) else None


def choice(values: Sequence[Any]) -> Node:
    """Return the node of a `Literal`.

    Raises:
        TypeError: A value that JSON cannot express.
    """
    for value in values:
        if not isinstance(value, (str, int, bool, type(None))):
            raise TypeError(f"{value!r} in a Literal is no JSON value")
    return _one_of({value: value for value in values} if len({*values}) == len(values) else {}, values)


def enumeration(tp: type[enum.Enum]) -> Node:
    """Return the node of an Enum: its members' values.

    Raises:
        TypeError: A value that JSON cannot express.
    """
    for member in tp:
        if not isinstance(member.value, (str, int, float, bool)):
            raise TypeError(f"{member!r} has a value that is no text and no number")
    node = _one_of({member.value: member for member in tp}, [member.value for member in tp])
    text = tp.__doc__ if tp.__doc__ and tp.__doc__ not in {"An enumeration.", enum.Enum.__doc__} else ""
    return node.described((text or "").strip())


def _one_of(made: dict[Any, Any], values: Sequence[Any]) -> Node:
    kinds = {type(value): name for value in values for name in [_JSON_TYPES[type(value)]]}
    schema: JsonSchema = {"enum": list(values)}
    if len(kinds) == 1:
        schema = {"type": next(iter(kinds.values())), **schema}
    choices = ", ".join(shown(value) for value in values)
    by_kind = {(type(value), value): made.get(value, value) for value in values}

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if isinstance(value, (str, int, float, bool, type(None))):
            if type(value) is float and value.is_integer() and (float, value) not in by_kind:
                value = int(value)  # JSON has one kind of numbers
            if (type(value), value) in by_kind:
                return by_kind[type(value), value]
        return _expected(f"one of {choices}", value, at, problems)

    return Node(schema, load)


_JSON_TYPES: Final = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}

_LIMITS: Final[dict[str, tuple[Callable[[Any, Any], bool], str]]] = {
    "minimum": (lambda value, limit: value >= limit, "at least {}"),
    "maximum": (lambda value, limit: value <= limit, "at most {}"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "more than {}"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "less than {}"),
    "multipleOf": (lambda value, limit: not value % limit, "a multiple of {}"),
    "minLength": (lambda value, limit: len(value) >= limit, "at least {} characters"),
    "maxLength": (lambda value, limit: len(value) <= limit, "at most {} characters"),
    "minItems": (lambda value, limit: len(value) >= limit, "at least {} items"),
    "maxItems": (lambda value, limit: len(value) <= limit, "at most {} items"),
    "minProperties": (lambda value, limit: len(value) >= limit, "at least {} keys"),
    "maxProperties": (lambda value, limit: len(value) <= limit, "at most {} keys"),
    "pattern": (lambda value, limit: re.search(limit, value) is not None, "text that matches {}"),
}
"""The keywords that limit a value: whether it keeps to the limit, and the words for one that does not."""


def constrained(node: Node, keywords: JsonSchema) -> Node:
    """Return a node whose values keep to limits, given as JSON Schema keywords."""
    if not keywords:
        return node
    inner = node.load

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        loaded = inner(value, at, problems)
        if loaded is INVALID:
            return INVALID
        for keyword, limit in keywords.items():
            holds, words = _LIMITS[keyword]
            if not holds(value, limit):
                return _expected(words.format(limit), value, at, problems)
        return loaded

    return Node({**node.schema, **keywords}, load)
