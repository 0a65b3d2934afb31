"""No optional field of a request is taken and ignored in silence: it is acted upon, noted as a gap, or harmless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

import keybearer.simulator
from keybearer.simulator.core.data import DATA
from keybearer.simulator.service.gaps import FIELDS, gaps

SOURCE = Path(keybearer.simulator.__file__).parent
ELSEWHERE = {"callers.py", "gaps.py", "schema.py", "shapes.py"}
"""Modules that name fields without doing anything with them; a signature's region is no user's."""
RECORDS: dict[str, Any] = msgspec.json.decode((DATA / "shapes.json").read_bytes())["records"]

HARMLESS: dict[str, str] = {
    "caller": "says who called a tool in an earlier turn",
    "display_number": "says on which of the client's screens a tool works",
    "enable_zoom": "allows an action of the client's, which is called only if a prompt or a scenario asks",
    "encrypted_content": "is opaque; a compaction's content stands for what was before it",
    "max_characters": "says how much of a file the client will show",
    "service_tier": "there is no priority capacity: both values give the standard tier, which the usage names",
    "state_changes": "words of the client about its browser, which the prompt holds",
    "toolset_name": "repeats where a tool is from",
}
"""Fields that change nothing at the service but the prompt, and why."""

OF_REPLIES = {"caller", "encrypted_content", "service_tier", "tool_changes"}
"""Fields that modules name because replies have them too, and not because they read them in a request."""

WITHIN: dict[str, str] = {
    "bill_to": "billing_policy",
    "mode": "fallback_credit_token",
    "prefix_mismatch_behavior": "block_binding",
    "remaining": "task_budget",
    "region": "user_location",
    "timezone": "user_location",
    "client_tool_results": "url_sources",
    "server_tool_results": "url_sources",
    "user_input": "url_sources",
}
"""Fields of a record that is itself the value of a field that is noted."""


def optional_fields() -> dict[str, list[str]]:
    """Return the optional fields of the request's records, each with the records that have it; an action's switch is none."""
    found: dict[str, list[str]] = {}
    for name, record in RECORDS.items():
        for field in set((record or {}).get("fields") or {}) - set((record or {}).get("required") or []):
            if not name.endswith("ToolsetConfigs"):  # its fields are the names of the toolset's actions
                found.setdefault(field, []).append(name)
    return found


def acted_upon() -> set[str]:
    """Return the fields that a module of the simulator names, beside those that only list them (proof: `test_acted_upon`)."""
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name not in ELSEWHERE)
    return {field for field in optional_fields() if f'"{field}"' in text} - OF_REPLIES


NOTED = {path.rpartition(".")[2] for path in FIELDS}


def test_every_optional_field_has_its_place() -> None:
    """A field that no module reads is noted, part of what is noted, or harmless for a reason; and no row is left over."""
    fields = set(optional_fields())
    silent = fields - acted_upon() - NOTED - set(HARMLESS) - set(WITHIN)
    assert {field: optional_fields()[field][:3] for field in silent} == {}
    assert (set(HARMLESS) | set(WITHIN)) - fields == set()
    assert (set(HARMLESS) | set(WITHIN)) & acted_upon() == set()
    assert set(WITHIN.values()) <= NOTED


def body_with(path: str) -> dict[str, Any]:
    """Return a body that has a value at the way to a field."""
    first, _, rest = path.partition(".")
    value: Any = {"allowed_callers": ["code_execution_20260521"], "fallbacks": "default"}.get(rest or first, {"x": 1})
    if not rest:
        return {first: value}
    outer, _, inner = rest.partition(".")
    if inner:
        rest, value = outer, [{inner: value}]
    return {first: [{rest: value}] if first in {"tools", "messages", "mcp_servers"} else {rest: value}}


@pytest.mark.parametrize("path", FIELDS)
def test_each_gap_is_noted(path: str) -> None:
    """A request with the field has its note, one without it has none."""
    words = f"{path.removeprefix('tools.')}: {FIELDS[path]}"
    assert words in gaps(body_with(path))
    assert words not in gaps({"tools": [{"name": "a"}], "messages": [{"role": "user", "content": "x"}]})


def test_a_tool_that_is_called_directly_is_no_gap() -> None:
    """`direct` is what the simulator does; a model's code that calls the tool is not."""
    assert gaps({"tools": [{"allowed_callers": ["direct"]}]}) == []
    assert len(gaps({"tools": [{"allowed_callers": ["direct", "code_execution_20260521"]}]})) == 1
