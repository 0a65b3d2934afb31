"""What a Google-style docstring says of a function or a class: its summary, and its arguments or attributes."""

from __future__ import annotations

import inspect
import re
from typing import Final, NamedTuple

__all__ = ["Docstring", "read_docstring"]

_ARGUMENTS: Final = frozenset(
    {"Args", "Arguments", "Parameters", "Params", "Keyword Args", "Other Parameters", "Attributes"}
)
_OTHERS: Final = frozenset(
    {
        "Return",
        "Returns",
        "Raises",
        "Yield",
        "Yields",
        "Example",
        "Examples",
        "Note",
        "Notes",
        "Warning",
        "Warnings",
    }
    | {"See Also", "Todo", "References"}
)
_SECTION: Final = re.compile(rf"^({'|'.join(_ARGUMENTS | _OTHERS)}):\s*$")
_ENTRY: Final = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


class Docstring(NamedTuple):
    """What a docstring says.

    Attributes:
        description: All that stands before the first section.
        arguments: The descriptions of arguments or attributes, by name.
    """

    description: str
    arguments: dict[str, str]


def read_docstring(text: str | None) -> Docstring:
    """Read a docstring. What follows an argument's first line, indented below it, belongs to it."""
    if not text:
        return Docstring("", {})
    before: list[str] = []
    arguments: dict[str, list[str]] = {}
    section, indent, name = "", 0, ""
    for line in inspect.cleandoc(text).splitlines():
        if match := _SECTION.match(line):
            section, indent, name = match[1], 0, ""
        elif not section:
            before.append(line)
        elif section in _ARGUMENTS and line.strip():
            depth = len(line) - len(line.lstrip())
            indent = indent or depth
            entry = _ENTRY.match(line.strip()) if depth <= indent else None
            if depth == 0:
                section = "text after the arguments"
            elif entry:
                name = entry[1]
                arguments[name] = [entry[2].strip()]
            elif name:
                arguments[name].append(line.strip())
    return Docstring(
        "\n".join(before).strip(), {key: " ".join(filter(None, lines)) for key, lines in arguments.items()}
    )
