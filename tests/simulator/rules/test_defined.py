"""Tools that the service defines, compared with the wheel's own types."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest
from anthropic.types.beta import BetaToolUnionParam

from keybearer.simulator.rules.defined import DEFINED, defined_tool, is_defined

OWN = "BetaToolParam"
FITS: dict[str, Any] = {
    "allowed_callers": ["direct"], "allowed_domains": ["example.com"], "blocked_domains": None, "caching": None,
    "cache_control": {"type": "ephemeral"}, "citations": {"enabled": True}, "configs": {}, "default_config": {"enabled": True},
    "defer_loading": True, "display_height_px": 800, "display_number": 1, "display_width_px": 600, "enable_zoom": True,
    "input_examples": [{}], "max_characters": 10, "max_content_tokens": 10, "max_tokens": 10, "max_uses": 2,
    "mcp_server_name": "m", "model": "claude-opus-4-8", "response_inclusion": "full", "strict": True, "tools": [],
    "url_sources": {}, "use_cache": False, "user_location": {"type": "approximate", "city": "Oslo"},
}  # fmt: skip
"""A value of each field."""


def tools() -> list[Any]:
    """Return the wheel's types of tools that the service defines, each with one of its tags."""
    kinds = [kind for kind in get_args(BetaToolUnionParam) if kind.__name__ != OWN]
    return [(tag, get_type_hints(kind)) for kind in kinds for tag in get_args(get_type_hints(kind)["type"])]


TOOLS = tools()


def problems(tool: dict[str, Any]) -> list[str]:
    """List what is wrong with a tool."""
    return [problem.message for problem in defined_tool(tool, "tools.0")]


def test_the_wheel_s_tools_are_all_known() -> None:
    """The tools are exactly those of the wheel."""
    assert {tag for tag, _ in TOOLS} == set(DEFINED)


@pytest.mark.parametrize(("tag", "fields"), TOOLS, ids=[tag for tag, _ in TOOLS])
def test_each_tool_takes_the_wheel_s_fields(tag: str, fields: dict[str, Any]) -> None:
    """Every field of the wheel is taken, one of a wrong type and one that the wheel does not have are refused."""
    whole = {name: FITS[name] for name in fields if name not in {"type", "name"}} | {"type": tag}
    if "name" in fields:
        whole["name"] = get_args(fields["name"])[0]
    assert problems(whole) == []
    assert problems({**whole, "surprise": 1}) == ["tools.0.surprise: Extra inputs are not permitted"]
    for name in fields.keys() - {"type"}:
        assert problems({**whole, name: 1.5}), name
    for name in fields.keys() & {"name", "model", "mcp_server_name", "display_width_px"}:
        assert problems({key: value for key, value in whole.items() if key != name}) == [
            f"tools.0.{name}: Field required"
        ]


def test_a_version_that_is_not_known_is_let_through() -> None:
    """A tool of a family that is known, of a later day, is checked by its name only; any other type is the caller's mistake."""
    assert is_defined("web_search_20990101")
    assert problems({"type": "web_search_20990101", "name": "web_search", "more": 1}) == []
    assert problems({"type": "web_search_20990101", "name": ["web_search"]}) == [
        "tools.0.name: Input should be a valid string"
    ]
    assert not is_defined("weather_20250101")
    assert not is_defined(["web_search_20250305"])
