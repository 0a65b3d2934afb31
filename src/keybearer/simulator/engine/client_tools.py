"""The tools that the service defines and the client runs: their arguments, which only the service has a schema for.

Source: the wheel's `ToolBash20250124Param`, `ToolTextEditor20250728Param` and `BetaMemoryTool20250818Param` name them; their commands
are those of the documentation's pages on each tool.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.engine.segments import Clause

__all__ = ["CLIENT_TOOLS", "client_input"]

CLIENT_TOOLS: Final[dict[str, dict[str, Any]]] = {
    "bash": {"restart": True},
    "str_replace_based_edit_tool": {"command": "view", "path": "."},
    "memory": {"command": "view", "path": "/memories"},
    "computer": {"action": "screenshot"},
}
"""Arguments of each that change nothing, for a call that is forced."""


def client_input(name: str, clause: Clause, targets: list[str], commands: list[str]) -> dict[str, Any] | None:
    """Make the arguments of a call of such a tool.

    Args:
        name: The tool's name.
        clause: The clause that asks for the call.
        targets: The paths that the clause names for writing.
        commands: The commands that it gives.

    Returns:
        The arguments; None when the clause does not give them.
    """
    if name == "bash":
        return {"command": commands[0]} if commands else None
    if name not in {"str_replace_based_edit_tool", "memory"}:
        return dict(CLIENT_TOOLS[name])
    quoted = [span.text for span in clause.quotes if span.text not in {path.text for path in clause.paths}]
    if targets and len(quoted) == 2:
        return {"command": "str_replace", "path": targets[0], "old_str": quoted[0], "new_str": quoted[1]}
    if targets and len(quoted) == 1:
        return {"command": "create", "path": targets[0], "file_text": quoted[0]}
    if clause.paths and not targets:
        return {"command": "view", "path": clause.paths[0].text}
    return None if targets or name != "memory" else dict(CLIENT_TOOLS[name])
