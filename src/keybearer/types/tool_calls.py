"""The calls of tools in an answer, whoever runs them: yours, the service itself, an MCP server.

Contract: a call whose input did not come whole has `incomplete` set, with the JSON text that came in `partial_json`, None where
only the service has seen it, and in `input` what can be read of it. It must not be run. A next request sends it back as a call
with that input, without the two marks, which are keybearer's own.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from keybearer.types.base import Model

__all__ = ["MCPToolUseBlock", "ServerToolUseBlock", "ToolUseBlock", "without_marks"]

MARKS: Final = frozenset({"incomplete", "partial_json"})
"""The fields of a tool call that are keybearer's own, and are never sent."""


def without_marks(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a call that is incomplete without keybearer's own."""
    return {name: value for name, value in fields.items() if name not in MARKS}


class _ToolCall(Model, frozen=True):
    """A call of a tool."""

    def to_dict(self) -> dict[str, Any]:
        """Return the value as plain JSON types, with every field that came, and the marks of a call that is incomplete."""
        fields = Model.to_dict(self)
        if fields.get("incomplete") is False:
            del fields["incomplete"]  # of one that was made by hand
        return fields

    def to_param(self) -> dict[str, Any]:
        """Return the value as a next request sends it back."""
        fields = Model.to_dict(self)
        return without_marks(fields) if "incomplete" in fields else fields

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown = Model.__rich_repr__(self)
        return [(name, value) for name, value in shown if name != "incomplete" or value]


class ToolUseBlock(_ToolCall, frozen=True):
    """A call of one of your tools; answer it with a `tool_result` of the same id in the next user turn.

    Attributes:
        incomplete: Whether its input did not come whole: then it must not be run.
        partial_json: The JSON text of such an input, as far as it came.
    """

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    toolset_name: str | None = None
    type: Literal["tool_use"] = "tool_use"
    incomplete: bool = False
    partial_json: str | None = None


class ServerToolUseBlock(_ToolCall, frozen=True):
    """A call of a tool that the service runs itself. `incomplete` and `partial_json` are as in `ToolUseBlock`."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    caller: Any = None
    type: Literal["server_tool_use"] = "server_tool_use"
    incomplete: bool = False
    partial_json: str | None = None


class MCPToolUseBlock(_ToolCall, frozen=True):
    """A call of a tool of an MCP server (beta). `incomplete` and `partial_json` are as in `ToolUseBlock`."""

    id: str = ""
    name: str = ""
    server_name: str = ""
    input: dict[str, Any] = {}
    type: Literal["mcp_tool_use"] = "mcp_tool_use"
    incomplete: bool = False
    partial_json: str | None = None
