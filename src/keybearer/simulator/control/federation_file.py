"""Reads a file of federation rules: every rule is checked, and an error has its line."""

from __future__ import annotations

from pathlib import Path

import msgspec

from keybearer.simulator.control.yaml_file import child_of, line_of, read_yaml
from keybearer.simulator.service.federation import IdentityRule

__all__ = ["load_rules"]


def load_rules(path: Path) -> tuple[IdentityRule, ...]:
    """Read a file of federation rules.

    Args:
        path: A YAML file: a list of rules, each with the fields of `IdentityRule`.

    Raises:
        ValueError: A rule is wrong; the message has its file and line.
    """
    data, root = read_yaml(path, "a file of federation rules")
    if not isinstance(data, list):
        raise ValueError(f"{path}: it is a list of federation rules")
    rules = []
    for number, each in enumerate(data):
        try:
            rules.append(msgspec.convert(each, IdentityRule))
        except msgspec.ValidationError as error:
            raise ValueError(f"{path}: line {line_of(child_of(root, number), ())}: {error}") from error
    return tuple(rules)
