"""Templates: `{column}` in a prompt or in any text of a request.

Strategy: a template is compiled once into functions of a row; a text is split at its placeholders. Nothing of Python's
`str.format` is used: a name in braces is a column's name, whole, so that no template reaches an attribute or an item of a value.

    text        ::= (literal | "{{" | "}}" | "{" column "}")*

Contract: `{{` and `}}` are braces. Text stays text, other values become their JSON; where a placeholder is all of a value, a list
or an object stays one (content blocks), and a parameter itself keeps the column's type. A column that a row lacks, or whose value
is null, is an error of that row, which names the columns that there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize

__all__ = ["MissingColumn", "Template", "missing"]

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NUMBERS: Final = frozenset({"max_tokens", "temperature", "top_k", "top_p"})
"""Parameters that are numbers: the text of a CSV becomes one."""

Filled = Callable[[Mapping[str, Any]], Any]
"""Makes a part of the request from a row."""

SHOWN: Final = 20
"""How many columns an error lists."""


class MissingColumn(UsageError):  # noqa: N818 - what happened, as the names of errors say
    """A row lacks a column of the template, or has no value there."""


class Template:
    """A compiled template.

    Args:
        prompt: The text of the user's turn; or the arguments of `messages.create`, with placeholders in their texts.

    Attributes:
        columns: The columns that it names, in their order.
        given: What it was made of.
        constant: The names of the arguments that no column changes.

    Raises:
        UsageError: A brace is open, or stands for nothing.

    Example:
        >>> template = Template("Is {city} in {country}? Answer {{yes}} or {{no}}.")
        >>> template.fill({"city": "Rome", "country": "Italy"})["messages"][0]["content"]
        'Is Rome in Italy? Answer {yes} or {no}.'
    """

    def __init__(self, prompt: str | Mapping[str, Any]) -> None:
        self.columns: list[str] = []
        given = {"messages": [{"role": "user", "content": prompt}]} if isinstance(prompt, str) else prompt
        self.given = dict(given)
        self._fields = {name: self._compiled(value, name) for name, value in given.items()}
        self.constant = {name for name, made in self._fields.items() if not _varies(made)}
        if not self.columns:
            raise UsageError(
                "The template names no column, so that all rows would ask the same.",
                hint="Write a column's name in braces, such as {text}.",
            )

    def fill(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a row's request.

        Raises:
            MissingColumn: The row lacks a column, or has no value there.
        """
        return {name: made(row) for name, made in self._fields.items()}

    def _compiled(self, value: Any, parameter: str = "") -> Filled:
        if isinstance(value, str):
            return self._text(value, parameter)
        if isinstance(value, Mapping):
            parts = {name: self._compiled(each) for name, each in value.items()}
            if any(map(_varies, parts.values())):
                return lambda row: {name: made(row) for name, made in parts.items()}
            return _Constant({name: made({}) for name, made in parts.items()})
        if isinstance(value, list | tuple):
            items = [self._compiled(each) for each in value]
            if any(map(_varies, items)):
                return lambda row: [made(row) for made in items]
            return _Constant([made({}) for made in items])
        return _Constant(value)

    def _text(self, text: str, parameter: str) -> Filled:
        pieces: list[str | None] = []  # None stands for the next column
        columns: list[str] = []
        end = 0
        for found in _PIECE.finditer(text):
            pieces.append(text[end : found.start()])
            end = found.end()
            if found[0] in {"{{", "}}"}:
                pieces.append(found[0][0])
            elif found[1]:
                pieces.append(None)
                columns.append(found[1])
            else:
                raise _lone(text, found.start(), found[0])
        pieces.append(text[end:])
        pieces = [piece for piece in pieces if piece != ""]
        self.columns += [each for each in columns if each not in self.columns]
        if not columns:
            return _Constant("".join(piece for piece in pieces if piece is not None))
        if pieces == [None]:
            return _whole(columns[0], parameter)
        return _joined(pieces, columns)


class _Constant:
    """What is the same for every row."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self, _: Mapping[str, Any]) -> Any:
        return self._value


def _varies(made: Filled) -> bool:
    return not isinstance(made, _Constant)


def _whole(column: str, parameter: str) -> Filled:
    def made(row: Mapping[str, Any]) -> Any:
        value = _value(row, column)
        if parameter:
            return _number(value) if parameter in _NUMBERS else value
        return value if isinstance(value, list | dict) else _as_text(value)

    return made


def _joined(pieces: list[str | None], columns: list[str]) -> Filled:
    def made(row: Mapping[str, Any]) -> str:
        values = iter(columns)
        return "".join([_as_text(_value(row, next(values))) if piece is None else piece for piece in pieces])

    return made


def _value(row: Mapping[str, Any], column: str) -> Any:
    value = row.get(column)
    if value is not None:
        return value
    if column in row:
        raise MissingColumn(f"The column {sanitize(repr(column), 80)} has no value.")
    raise missing(column, row)


def missing(column: str, row: Mapping[str, Any]) -> MissingColumn:
    """Return the error of a column that a row lacks; it names those that there are."""
    there = [str(name) for name in row]
    listed = ", ".join(there[:SHOWN]) + (f" and {len(there) - SHOWN} more" if len(there) > SHOWN else "")
    near = did_you_mean(column, there)
    return MissingColumn(
        f"There is no column {sanitize(repr(column), 80)}; there are: {sanitize(listed, 500) or 'none'}.{near}",
        hint="A brace that names no column is written twice: {{ or }}.",
    )


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        return str(value)


def _number(value: Any) -> Any:
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return value


def _lone(text: str, place: int, brace: str) -> UsageError:
    if brace == "{}":
        return UsageError("The template has {}, which names no column.", hint="Write {{}} for the two braces.")
    near = sanitize(text[max(0, place - 20) : place + 20], 60)
    return UsageError(
        f"The template has a single {brace} at {near!r}.", hint=f"Write {brace}{brace} for the brace itself."
    )
