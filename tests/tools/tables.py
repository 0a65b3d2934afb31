"""Write the table of methods from the rows that were read."""

from __future__ import annotations

import json
from typing import Any

from tools.wheel import Row

__all__ = ["table"]


def table(rows: list[Row]) -> str:
    """Return `src/keybearer/api/methods.json`: one method a line, so that a change of the SDK is a change of lines."""
    lines = [f"{json.dumps(row.name)}: {json.dumps(_fields(row), separators=(',', ':'))}" for row in rows]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _fields(row: Row) -> dict[str, Any]:
    """Return the fields of `keybearer.api.methods.Method`, but for those that have their default."""
    fields = {
        "http": row.http,
        "path": row.path,
        "args": [each.name for each in row.parameters if each.positional],
        "required": [
            each.name
            for each in row.parameters
            if each.required and not each.positional and each.name not in row.path_names
        ],
        "query": row.query,
        "headers": row.headers,
        "whole_body": row.whole_body,
        "files": row.files,
        "betas": row.betas,
        "reply": row.reply if row.reply != "object" else "",
        "cursor": row.cursor,
    }
    kept: dict[str, Any] = {name: value for name, value in fields.items() if value}
    return kept | {"body": row.body} if row.sends_body and not row.whole_body else kept
