"""Reads a scenario file: every turn is checked, and an error has its line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Final

import yaml

from keybearer.simulator.control.scenario import ScriptedTurn, make_turn
from keybearer.simulator.control.wrong import ScriptError

__all__ = ["load_scenario"]

LARGEST_FILE: Final = 4 * 1024 * 1024


def load_scenario(path: Path) -> list[ScriptedTurn]:
    """Read a scenario file.

    Args:
        path: A YAML file: a list of turns, or a mapping with the list under `turns`.

    Returns:
        Its turns.

    Raises:
        ValueError: A turn is wrong; the message has its file, line and number.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)  # a device has no size, and no end
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{path}: a scenario is at most {LARGEST_FILE:,} bytes")
    try:
        text = content.decode("utf-8")
        data, root = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    turns = data
    if isinstance(data, dict):
        turns, root = data.get("turns"), _child(root, "turns")
        if extra := next((key for key in data if key != "turns"), None):
            raise ValueError(f"{path}: a scenario is a list of turns, or has one under `turns`, and no {extra!r}")
    if not isinstance(turns, list):
        raise ValueError(f"{path}: a scenario is a list of turns, or has one under `turns`")  # the file is wrong
    made = []
    for number, turn in enumerate(turns, 1):
        node = _child(root, number - 1)
        try:
            made.append(dataclasses.replace(make_turn(turn), origin=f"{path.name}, line {_line(node, ())}"))
        except ScriptError as error:
            raise ValueError(f"{path}: line {_line(node, error.path)}: turn {number}: {error}") from error
        except RecursionError as error:
            raise ValueError(f"{path}: line {_line(node, ())}: turn {number} contains itself") from error
    return made


def _child(node: Any, step: str | int) -> Any:
    """Return the node below a key or an index; None where there is none, as below an alias."""
    match node:
        case yaml.MappingNode():
            return next((value for key, value in node.value if key.value == str(step)), None)
        case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
            return node.value[step]
    return None


def _line(node: Any, path: tuple[str | int, ...]) -> int:
    """Return the line of the deepest part of a path that is there; a key's own line where its value is the last part."""
    line = node.start_mark.line + 1 if node is not None else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            line = next((key.start_mark.line + 1 for key, _ in node.value if key.value == str(step)), line)
        node = _child(node, step)
        if node is None:
            break
        if not isinstance(node, yaml.MappingNode | yaml.SequenceNode) or isinstance(step, int):
            line = node.start_mark.line + 1
    return line
