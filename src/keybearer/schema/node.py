"""What a Python type comes to: its JSON Schema, and how its values are made from JSON.

Contract: `load` reports every problem it finds, each with its path, and never raises for what a model wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

__all__ = ["INVALID", "MISSING", "JsonSchema", "Load", "Mark", "Mistake", "Mistakes", "Node", "join", "shown"]

JsonSchema: TypeAlias = dict[str, Any]

_LONGEST: Final = 80
"""How much of a value a problem shows, in characters."""


class Mistake(NamedTuple):
    """What is wrong with a value.

    Attributes:
        path: Where, such as `filters.tags[2]`; empty for the whole.
        what: What is wrong there, as a part of a sentence: `expected an integer, not "5"`.
    """

    path: str
    what: str

    def __str__(self) -> str:
        return f"`{self.path}`: {self.what}" if self.path else self.what


Mistakes: TypeAlias = list[Mistake]


class Mark:
    """A value that stands for none."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


INVALID: Final = Mark("INVALID")
"""The value of what could not be loaded."""

MISSING: Final = Mark("MISSING")
"""The default of what has none."""

Load: TypeAlias = Callable[[Any, str, Mistakes], Any]
"""Takes a JSON value, its path and the list that problems are added to; returns the Python value, or INVALID."""


class Node(Struct, frozen=True):
    """A type.

    Attributes:
        schema: Its JSON Schema.
        load: Makes a value of it.
    """

    schema: JsonSchema
    load: Load

    def described(self, text: str) -> Node:
        """Return this node with a description in place of its own; beside a `$ref` it stands with the reference."""
        return Node({**self.schema, "description": text}, self.load) if text else self


def join(path: str, key: str | int) -> str:
    """Return the path of a member."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def shown(value: Any) -> str:
    """Return a JSON value as a problem shows it: short, and by its type where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST:
        return text
    if isinstance(value, Mapping):
        return f"an object with {len(value)} keys"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return text[:_LONGEST] + "…"
