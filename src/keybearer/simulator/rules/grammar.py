"""Combinators for the shape of JSON: each makes a checker, and a checker gives the problems of a value with their paths.

What a problem is decides who refuses it, and whether an option lets it pass: see `ShapeProblem`. The wording is the
service's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

__all__ = [
    "Checker", "ShapeProblem", "anything", "boolean", "by_kind", "list_of", "map_of", "nullable", "number", "one_of",
    "record", "string", "tagged",
]  # fmt: skip


class ShapeProblem(NamedTuple):
    """One thing that is wrong with a request, or that not every caller may send.

    Args:
        kind: `wrong` is a value that no service takes; `unknown` a field, block or tool that nobody knows; `newer` a newer
            version of a tool that is known; `beta` what only the beta tags of `tags` allow.
        message: The service's words, with the path.
        tags: The prefixes of the beta tags that allow it.
    """

    kind: Literal["wrong", "unknown", "newer", "beta"]
    message: str
    tags: tuple[str, ...] = ()


Checker = Callable[[Any, str], Iterable[ShapeProblem]]
Tags = Mapping[str, Sequence[str]]
"""What only the beta has, and the prefixes of the beta tags that allow it."""

_KINDS: Final[dict[type, str]] = {
    str: "string", list: "array", dict: "object", bool: "boolean", int: "integer", float: "number"
}  # fmt: skip


def _wrong(path: str, message: str) -> tuple[ShapeProblem]:
    return (ShapeProblem("wrong", f"{path}: {message}"),)


def _listed(options: Sequence[str]) -> str:
    before = ", ".join(f"'{option}'" for option in options[:-1])
    return f"{f'{before} or ' if before else ''}'{options[-1]}'"


def anything(_value: Any, _path: str) -> Iterable[ShapeProblem]:
    """Accept every value."""
    return ()


def string(*, shortest: int = 0, longest: int | None = None, pattern: str | None = None) -> Checker:
    """Accept a string of bounded length, in a pattern."""

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        if not isinstance(value, str):
            return _wrong(path, "Input should be a valid string")
        if len(value) < shortest:
            return _wrong(path, f"String should have at least {shortest} character{'s' if shortest > 1 else ''}")
        if longest is not None and len(value) > longest:
            return _wrong(path, f"String should have at most {longest} characters")
        if pattern is not None and not re.search(pattern, value):
            return _wrong(path, f"String should match pattern '{pattern}'")
        return ()

    return check


def number(*, low: float | None = None, high: float | None = None, whole: bool = False) -> Checker:
    """Accept a number between two bounds, both included."""
    kinds = int if whole else (int, float)

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        if isinstance(value, bool) or not isinstance(value, kinds):
            return _wrong(path, f"Input should be a valid {'integer' if whole else 'number'}")
        if low is not None and value < low:
            return _wrong(path, f"Input should be greater than or equal to {low}")
        if high is not None and value > high:
            return _wrong(path, f"Input should be less than or equal to {high}")
        return ()

    return check


def boolean(value: Any, path: str) -> Iterable[ShapeProblem]:
    """Accept true and false."""
    return () if isinstance(value, bool) else _wrong(path, "Input should be a valid boolean")


def one_of(options: Sequence[str], *, beta: Tags | None = None) -> Checker:
    """Accept one of a few strings."""
    only = beta or {}
    refusal = f"Input should be {_listed([option for option in options if option not in only])}"

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        if not isinstance(value, str) or value not in options:
            return _wrong(path, refusal)
        return (ShapeProblem("beta", f"{path}: {refusal}", tuple(only[value])),) if value in only else ()

    return check


def nullable(inner: Checker) -> Checker:
    """Accept null as well."""

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        return () if value is None else inner(value, path)

    return check


def list_of(item: Checker, *, longest: int | None = None) -> Checker:
    """Accept a list of one kind of item."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, list):
            yield from _wrong(path, "Input should be a valid list")
            return
        if longest is not None and len(value) > longest:
            yield from _wrong(path, f"List should have at most {longest} items after validation, not {len(value)}")
        for index, each in enumerate(value):
            yield from item(each, f"{path}.{index}")

    return check


def map_of(item: Checker) -> Checker:
    """Accept an object whose fields have any names and one kind of value."""

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, dict):
            yield from _wrong(path, "Input should be an object")
            return
        for name, each in value.items():
            yield from item(each, f"{path}.{name}")

    return check


def record(
    required: Sequence[str] = (),
    fields: Mapping[str, Checker] | None = None,
    *,
    beta: Tags | None = None,
    is_open: bool = False,
) -> Checker:
    """Accept an object with these fields, and others only when it is open."""
    known = fields or {}
    only = beta or {}

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, dict):
            yield from _wrong(path, "Input should be an object")
            return
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in value:
                yield from _wrong(f"{prefix}{name}", "Field required")
        for name, item in value.items():
            if name in known:
                yield from known[name](item, f"{prefix}{name}")
                if name in only:
                    yield ShapeProblem("beta", f"{prefix}{name}: Extra inputs are not permitted", tuple(only[name]))
            elif not is_open:
                yield ShapeProblem("unknown", f"{prefix}{name}: Extra inputs are not permitted")

    return check


def tagged(
    table: Mapping[str, Checker],
    *,
    by: str = "type",
    default: str | None = None,
    beta: Tags | None = None,
    elsewhere: Container[str] | None = None,
) -> Checker:
    """Accept an object by the value of one of its fields.

    Args:
        table: Value to the shape of the object.
        by: The field.
        default: The value when the field is absent or null.
        beta: The values that only beta tags allow.
        elsewhere: The values that are known in other places; given where any other may be one of the future.
    """
    only = beta or {}
    listed = ", ".join(f"'{name}'" for name in table if name not in only)
    families = tuple(dict.fromkeys(name.rstrip("0123456789") for name in table if name[-1:].isdecimal()))

    def check(value: Any, path: str) -> Iterator[ShapeProblem]:
        if not isinstance(value, dict):
            yield from _wrong(path, "Input should be an object")
            return
        tag = value.get(by)
        tag = default if tag is None else tag
        if tag is None and by == "type":
            yield from _wrong(f"{path}.type", "Field required")
            return
        if isinstance(tag, str) and tag in table:
            yield from table[tag](value, path)
            if tag not in only:
                return
        if by != "type":
            yield from _wrong(f"{path}.{by}", f"Input should be {_listed(list(table))}")
            return
        words = f"{path}: Input tag '{tag}' found using 'type' does not match any of the expected tags: {listed}"
        if isinstance(tag, str) and tag in only:
            yield ShapeProblem("beta", words, tuple(only[tag]))
        elif elsewhere is not None and isinstance(tag, str) and tag not in elsewhere:
            is_newer = bool(families) and tag.startswith(families)
            if is_newer and "name" in value:
                yield from string()(value["name"], f"{path}.name")
            yield ShapeProblem("newer" if is_newer else "unknown", words)
        else:
            yield ShapeProblem("wrong", words)

    return check


def by_kind(kinds: Mapping[str, Checker]) -> Checker:
    """Accept what one of several checkers accepts, chosen by the kind of the JSON value: `string`, `array`, `object` and so on."""
    otherwise = list(kinds.values())[-1]

    def check(value: Any, path: str) -> Iterable[ShapeProblem]:
        return kinds.get(_KINDS.get(type(value), ""), otherwise)(value, path)

    return check
