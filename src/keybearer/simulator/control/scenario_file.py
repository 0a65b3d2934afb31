"""Reads a scenario file: every turn is checked, and an error has its line."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from keybearer.simulator.control.scenario import ScriptedTurn, make_turn
from keybearer.simulator.control.wrong import ScriptError
from keybearer.simulator.control.yaml_file import child_of, line_of, read_yaml

__all__ = ["load_scenario"]


def load_scenario(path: Path) -> list[ScriptedTurn]:
    """Read a scenario file.

    Args:
        path: A YAML file: a list of turns, or a mapping with the list under `turns`.

    Returns:
        Its turns.

    Raises:
        ValueError: A turn is wrong; the message has its file, line and number.
    """
    data, root = read_yaml(path, "a scenario")
    turns = data
    if isinstance(data, dict):
        turns, root = data.get("turns"), child_of(root, "turns")
        if extra := next((key for key in data if key != "turns"), None):
            raise ValueError(f"{path}: a scenario is a list of turns, or has one under `turns`, and no {extra!r}")
    if not isinstance(turns, list):
        raise ValueError(f"{path}: a scenario is a list of turns, or has one under `turns`")  # the file is wrong
    made = []
    for number, turn in enumerate(turns, 1):
        node = child_of(root, number - 1)
        try:
            made.append(structs.replace(make_turn(turn), origin=f"{path.name}, line {line_of(node, ())}"))
        except ScriptError as error:
            raise ValueError(f"{path}: line {line_of(node, error.path)}: turn {number}: {error}") from error
        except RecursionError as error:
            raise ValueError(f"{path}: line {line_of(node, ())}: turn {number} contains itself") from error
    return made
