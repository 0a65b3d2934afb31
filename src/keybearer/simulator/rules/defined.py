"""The shapes of the tools that the service defines, by their versioned `type`, made with `grammar`.

Source: the `anthropic` 2.12.0 wheel, `types/beta/beta_tool_union_param.py` and the types it refers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from keybearer.simulator.rules.grammar import (
    Checker,
    ShapeProblem,
    boolean,
    integer,
    list_of,
    nullable,
    one_of,
    record,
    string,
)
from keybearer.simulator.rules.served import CACHED, OPEN, TYPE, cache_control

__all__ = ["DEFINED", "defined_tool", "is_defined"]

CALLED: Final[dict[str, Checker]] = {
    **CACHED,
    "allowed_callers": list_of(string()),
    "defer_loading": boolean,
    "strict": boolean,
}
EXAMPLES: Final[dict[str, Checker]] = {**CALLED, "input_examples": list_of(OPEN)}
USES: Final[dict[str, Checker]] = {**CALLED, "max_uses": nullable(integer(low=1))}
WEB: Final[dict[str, Checker]] = {
    **USES,
    "allowed_domains": nullable(list_of(string())),
    "blocked_domains": nullable(list_of(string())),
}
INCLUSION: Final[dict[str, Checker]] = {"response_inclusion": one_of("full", "excluded")}
SEARCH: Final[dict[str, Checker]] = {
    **WEB,
    "user_location": nullable(
        record(
            {"type": one_of("approximate")},
            dict.fromkeys(("city", "country", "region", "timezone"), nullable(string())),
        )
    ),
}
FETCH: Final[dict[str, Checker]] = {
    **WEB,
    "citations": nullable(record(optional={"enabled": boolean})),
    "max_content_tokens": nullable(integer(low=1)),
    "url_sources": nullable(OPEN),
}
DISPLAY: Final[dict[str, Checker]] = {"display_height_px": integer(low=1), "display_width_px": integer(low=1)}
COMPUTER: Final[dict[str, Checker]] = {**EXAMPLES, "display_number": nullable(integer(low=0))}
TOOLSET: Final[Checker] = record(TYPE, {**CACHED, "configs": nullable(OPEN)})


def _named(name: str, optional: dict[str, Checker], **required: Checker) -> Checker:
    return record({**TYPE, "name": one_of(name), **required}, optional)


DEFINED: Final[dict[str, Checker]] = {
    "advisor_20260301": _named(
        "advisor", {**USES, "caching": cache_control, "max_tokens": nullable(integer(low=1))}, model=string(shortest=1)
    ),
    "bash_20241022": _named("bash", EXAMPLES),
    "bash_20250124": _named("bash", EXAMPLES),
    "browser_toolset_20260801": TOOLSET,
    **{
        f"code_execution_{date}": _named("code_execution", CALLED)
        for date in ("20250522", "20250825", "20260120", "20260521")
    },
    "computer_20241022": _named("computer", COMPUTER, **DISPLAY),
    "computer_20250124": _named("computer", COMPUTER, **DISPLAY),
    "computer_20251124": _named("computer", {**COMPUTER, "enable_zoom": boolean}, **DISPLAY),
    "computer_toolset_20260801": TOOLSET,
    "mcp_toolset": record(
        {**TYPE, "mcp_server_name": string(shortest=1)},
        {
            **CACHED,
            "configs": nullable(OPEN),
            "default_config": record(optional={"defer_loading": boolean, "enabled": boolean}),
            "tools": nullable(list_of(OPEN)),
        },
    ),
    "memory_20250818": _named("memory", EXAMPLES),
    "text_editor_20241022": _named("str_replace_editor", EXAMPLES),
    "text_editor_20250124": _named("str_replace_editor", EXAMPLES),
    "text_editor_20250429": _named("str_replace_based_edit_tool", EXAMPLES),
    "text_editor_20250728": _named(
        "str_replace_based_edit_tool", {**EXAMPLES, "max_characters": nullable(integer(low=1))}
    ),
    **{
        f"{name}{date}": _named(name, CALLED)
        for name in ("tool_search_tool_bm25", "tool_search_tool_regex")
        for date in ("", "_20251119")
    },
    "web_fetch_20250910": _named("web_fetch", FETCH),
    "web_fetch_20260209": _named("web_fetch", FETCH),
    "web_fetch_20260309": _named("web_fetch", {**FETCH, "use_cache": boolean}),
    "web_fetch_20260318": _named("web_fetch", {**FETCH, "use_cache": boolean, **INCLUSION}),
    "web_search_20250305": _named("web_search", SEARCH),
    "web_search_20260209": _named("web_search", SEARCH),
    "web_search_20260318": _named("web_search", {**SEARCH, **INCLUSION}),
}
"""The `type` of a tool to its shape."""

FAMILIES: Final = tuple(dict.fromkeys(kind.rstrip("0123456789") for kind in DEFINED))
_LATER: Final = record(optional={"name": string()}, is_open=True)


def is_defined(kind: object) -> bool:
    """Return whether the `type` of a tool is one of the service's, in this version or another."""
    return isinstance(kind, str) and kind.startswith(FAMILIES)


def defined_tool(value: dict[str, Any], path: str) -> Iterator[ShapeProblem]:
    """Check a tool that the service defines; of an unknown version only the fields that every tool has."""
    return DEFINED.get(value["type"], _LATER)(value, path)
