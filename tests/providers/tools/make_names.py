"""Write the table of the models' names on the platforms, from litellm's public table: `make platform-names`."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLE = "model_prices_and_context_window_backup.json"
_DATE = re.compile(r"-20\d{6}$")
_BEDROCK = re.compile(r"anthropic\.(claude-[a-z0-9-]+?)(-v\d+(:\d+)?)?")
_VERTEX = re.compile(r"vertex_ai/(claude-[a-z0-9-]+)@(\d{8})")
_MANTLE = re.compile(r"bedrock_mantle/(anthropic\.(claude-[a-z0-9-]+))")


def names(table: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return each of the API's own names that a platform has another for: platform to name."""
    own = sorted(name for name, row in table.items() if row.get("litellm_provider") == "anthropic" and "/" not in name)
    found: dict[str, dict[str, str]] = {}
    for column, pattern, made in (
        ("bedrock", _BEDROCK, lambda match: (match[1], match[0])),
        ("bedrock_mantle", _MANTLE, lambda match: (match[2], match[1])),
        ("vertex", _VERTEX, lambda match: (f"{match[1]}-{match[2]}", f"{match[1]}@{match[2]}")),
    ):
        for key in sorted(table):
            if (match := pattern.fullmatch(key)) is None:
                continue
            name, there = made(match)
            for each in own:
                if _DATE.sub("", each) == _DATE.sub("", name):
                    found.setdefault(each, {})[column] = there
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def main(target: str) -> None:
    """Write the table."""
    spec = find_spec("litellm")  # to import it would ask the network for another table
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("litellm is not installed: run this with `make platform-names`")
    table = json.loads((Path(spec.origin).parent / TABLE).read_text())
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in names(table).items())
    head = {"read": datetime.now(UTC).date().isoformat(), "source": f"litellm {version('litellm')}, {TABLE}"}
    lines = "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    Path(target).write_text(f'{{\n{lines} "names": {{\n{rows}\n }}\n}}\n')


if __name__ == "__main__":
    main(sys.argv[1])
