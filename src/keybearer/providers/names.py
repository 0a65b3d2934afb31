"""The names of the models on the platforms: a table as data, and a rule for what is newer than the table."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

__all__ = ["name_there", "table"]

_DATED: Final = re.compile(r"(claude-[a-z0-9-]+)-(20\d{6})")


@cache
def table() -> dict[str, dict[str, str]]:
    """Return the API's own names to those on the platforms, by the kind of platform."""
    read: dict[str, Any] = msgspec.json.decode(Path(__file__).with_name("names.json").read_bytes())
    names: dict[str, dict[str, str]] = read["names"]
    return names


def name_there(model: str, kind: str, prefix: str = "") -> str:
    """Return a model's name on a platform.

    A name that is not the API's own form, such as an ARN, a deployment or `anthropic.claude-...`, is the platform's already.

    Args:
        model: The name.
        kind: The kind of platform.
        prefix: What stands there before a name that the table does not have.
    """
    if (known := table().get(model, {}).get(kind)) is not None:
        return known
    if not model.startswith("claude-") or "@" in model:
        return model
    if kind == "vertex" and (dated := _DATED.fullmatch(model)):
        return f"{dated[1]}@{dated[2]}"
    return prefix + model
