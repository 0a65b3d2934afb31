"""Combinators for the shape of JSON: each makes a checker, and a checker yields the problems of a value with their paths.

A problem is a wrong value (`type`) or an unknown field (`extra`): a simulator can be lenient about unknown fields, but
always checks types. The wording is the service's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = [
    "Checker", "ShapeProblem", "anything", "boolean", "either", "integer", "list_of", "nullable", "number", "one_of",
    "record", "string", "tagged",
]  # fmt: skip


class ShapeProblem(NamedTuple):
    """One thing that is wrong with a request."""

    kind: str  # `type` or `extra`
    message: str


Checker = Callable[[Any, str], Iterator[ShapeProblem]]


def _wrong(path: str, message: str) -> ShapeProblem:
    return ShapeProblem("type", f"{path}: {message}")


def anything(_value: Any, _path: str) -> Iterator[ShapeProblem]:
    """Accept every value."""
    return iter(())


def string(*, shortest: int = 0, longest: int | None = None, pattern: str | None = None) -> Checker:
    """Accept a string of bounded length, in a pattern."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, str):
            yield _wrong(path, "Input should be a valid string")
        elif len(value) < shortest:
            yield _wrong(path, f"String should have at least {shortest} character{'s' if shortest > 1 else ''}")
        elif longest is not None and len(value) > longest:
            yield _wrong(path, f"String should have at most {longest} characters")
        elif pattern is not None and not re.search(pattern, value):
            yield _wrong(path, f"String should match pattern '{pattern}'")

    return check


def number(*, low: float | None = None, high: float | None = None, whole: bool = False) -> Checker:
    """Accept a number between two bounds, both included."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            yield _wrong(path, f"Input should be a valid {'integer' if whole else 'number'}")
        elif low is not None and value < low:
            yield _wrong(path, f"Input should be greater than or equal to {low}")
        elif high is not None and value > high:
            yield _wrong(path, f"Input should be less than or equal to {high}")

    return check


def integer(*, low: int | None = None, high: int | None = None) -> Checker:
    """Accept a whole number between two bounds, both included."""
    return number(low=low, high=high, whole=True)


def boolean(value: Any, path: str) -> Iterator[ShapeProblem]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield _wrong(path, "Input should be a valid boolean")


def one_of(*options: str) -> Checker:
    """Accept one of a few strings."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if value not in options:
            listed = ", ".join(f"'{option}'" for option in options[:-1])
            yield _wrong(path, f"Input should be {f'{listed} or ' if listed else ''}'{options[-1]}'")

    return check


def nullable(inner: Checker) -> Checker:
    """Accept null as well."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if value is not None:
            yield from inner(value, path)

    return check


def list_of(item: Checker, *, longest: int | None = None) -> Checker:
    """Accept a list of one kind of item."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, list):
            yield _wrong(path, "Input should be a valid list")
            return
        if longest is not None and len(value) > longest:
            yield _wrong(path, f"List should have at most {longest} items after validation, not {len(value)}")
        for index, each in enumerate(value):
            yield from item(each, f"{path}.{index}")

    return check


def record(
    required: Mapping[str, Checker] | None = None,
    optional: Mapping[str, Checker] | None = None,
    *,
    is_open: bool = False,
) -> Checker:
    """Accept an object with these fields, and others only when it is open."""
    needed = dict(required or {})
    fields = {**needed, **(optional or {})}

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, dict):
            yield _wrong(path, "Input should be an object")
            return
        prefix = f"{path}." if path else ""
        for name in needed:
            if name not in value:
                yield _wrong(f"{prefix}{name}", "Field required")
        for name, item in value.items():
            if name in fields:
                yield from fields[name](item, f"{prefix}{name}")
            elif not is_open:
                yield ShapeProblem("extra", f"{prefix}{name}: Extra inputs are not permitted")

    return check


def tagged(table: Mapping[str, Checker], *, default: str | None = None) -> Checker:
    """Accept an object by its `type`."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, dict):
            yield _wrong(path, "Input should be an object")
            return
        tag = value.get("type", default)
        if tag is None:
            yield _wrong(f"{path}.type", "Field required")
        elif not isinstance(tag, str) or tag not in table:
            listed = ", ".join(f"'{name}'" for name in table)
            yield _wrong(
                path, f"Input tag '{tag}' found using 'type' does not match any of the expected tags: {listed}"
            )
        else:
            yield from table[tag](value, path)

    return check


def either(text: Checker, otherwise: Checker) -> Checker:
    """Accept a string, or else what `otherwise` accepts."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        yield from (text if isinstance(value, str) else otherwise)(value, path)

    return check
