"""Checks the `server_tools` of a scripted reply: the results of the service's own tools, by the tool's name."""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.control.wrong import Path, ScriptError, check_keys, dotted
from keybearer.simulator.service.server_tools import MCP, SERVER_TOOLS, is_call, is_call_list

__all__ = ["check_served_results"]

LISTS: Final[dict[str, type]] = {
    "web_search": dict,
    "tool_search_tool_regex": str,
    "tool_search_tool_bm25": str,
}
"""The tools whose result is a list, with the type of its items; the result of every other is a mapping."""


def check_served_results(value: Any, path: Path) -> None:
    """Refuse a tool that does not exist, and a result of the wrong type.

    Args:
        value: The mapping.
        path: Where it stands.

    Raises:
        ScriptError: With the place and the nearest name.
    """
    for name, result in check_keys(value, (*(tool.name for tool in SERVER_TOOLS), MCP), "server_tools", path).items():
        if name != MCP:
            _check_result(result, LISTS.get(name), (*path, name))
            continue
        if not isinstance(result, dict):
            raise ScriptError(f"{dotted((*path, name))} should be a mapping from an MCP tool's name", (*path, name))
        for tool, each in result.items():
            if not isinstance(each, str):
                _check_result(each, None, (*path, name, str(tool)))


def _check_result(value: Any, items: type | None, path: Path) -> None:
    if is_call_list(value):
        for index, each in enumerate(value):
            _check_result(each, items, (*path, index))
        return
    if is_call(value):
        if not isinstance(value.get("input", {}), dict):
            raise ScriptError(f"{dotted((*path, 'input'))} should be a mapping", (*path, "input"))
        if "result" in value:
            _check_result(value["result"], items, (*path, "result"))
        return
    if isinstance(value, dict) and (items is None or "error_code" in value):
        if not str(value.get("return_code", 0)).lstrip("-").isdigit() or not isinstance(value.get("files", []), list):
            raise ScriptError(f"{dotted(path)}: return_code is a whole number, and files a list of ids", path)
        return
    if items is None or not isinstance(value, list) or not all(isinstance(each, items) for each in value):
        wanted = "a mapping" if items is None else f"a list of {'strings' if items is str else 'mappings'}"
        raise ScriptError(f"{dotted(path)} should be {wanted}, or {{error_code: ...}}, not {value!r:.60}", path)
