"""Reads a YAML file that a person writes, with the line of each of its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["child_of", "line_of", "read_yaml"]

LARGEST_FILE: Final = 4 * 1024 * 1024


def read_yaml(path: Path, what: str) -> tuple[Any, Any]:
    """Read a YAML file.

    Args:
        path: The file.
        what: What it is, for the message: "a scenario".

    Returns:
        Its value, and its root node for `line_of`.

    Raises:
        ValueError: It is too large, or no YAML; the message has its name.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)  # a device has no size, and no end
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{path}: {what} is at most {LARGEST_FILE:,} bytes")
    try:
        text = content.decode("utf-8")
        return yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def child_of(node: Any, step: str | int) -> Any:
    """Return the node below a key or an index; None where there is none, as below an alias."""
    match node:
        case yaml.MappingNode():
            return next((value for key, value in node.value if key.value == str(step)), None)
        case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
            return node.value[step]
    return None


def line_of(node: Any, path: tuple[str | int, ...]) -> int:
    """Return the line of the deepest part of a path that is there; a key's own line where its value is the last part."""
    line = node.start_mark.line + 1 if node is not None else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            line = next((key.start_mark.line + 1 for key, _ in node.value if key.value == str(step)), line)
        node = child_of(node, step)
        if node is None:
            break
        if not isinstance(node, yaml.MappingNode | yaml.SequenceNode) or isinstance(step, int):
            line = node.start_mark.line + 1
    return line
