"""Tools of an MCP session as tools of a runner, under the official SDK's names.

Contract: nothing of `mcp` is imported: a session and its values are used by their fields. What a result holds and the model cannot
read is named in words for it. A tool for the runner that blocks is called in the thread of an event loop, as the SDK's is.
"""

from __future__ import annotations

from typing import Any

from keybearer.compat.lib.tools._beta_functions import BetaAsyncFunctionTool, BetaFunctionTool
from keybearer.schema.node import INVALID, Node
from keybearer.schema.signature import Signature
from keybearer.tools.content import ResultContent
from keybearer.tools.mcp_content import call_result, served_tool
from keybearer.tools.tool import ToolError

__all__ = ["async_mcp_tool", "mcp_tool"]


def mcp_tool(tool: Any, client: Any, **options: Any) -> BetaFunctionTool[Any]:
    """Make a tool for a runner that blocks, in a thread that an event loop of anyio's has started.

    Args:
        tool: A tool of `session.list_tools()`.
        client: The session.
        **options: As of `beta_tool`.
    """

    def call(**given: Any) -> ResultContent:
        import anyio.from_thread

        return _read(anyio.from_thread.run(client.call_tool, tool.name, given))

    return BetaFunctionTool(call, **_said(tool), **_given(options))


def async_mcp_tool(tool: Any, client: Any, **options: Any) -> BetaAsyncFunctionTool[Any]:
    """Make a tool for a runner that is awaited; see `mcp_tool`."""

    async def call(**given: Any) -> ResultContent:
        return _read(await client.call_tool(name=tool.name, arguments=given))

    return BetaAsyncFunctionTool(call, **_said(tool), **_given(options))


def _said(tool: Any) -> dict[str, Any]:
    served = served_tool(_plain(tool))
    node = Node(served.input_schema, lambda value, _at, _problems: dict(value) if isinstance(value, dict) else INVALID)
    signature = Signature(served.description, served.input_schema, node, (), {})
    return {"name": served.name, "signature": signature, "read_only": served.read_only, "idempotent": served.idempotent}


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _read(result: Any) -> ResultContent:
    came = call_result(_plain(result))
    if came.is_error:
        raise ToolError(came.content)
    return came.content


def _plain(value: Any) -> dict[str, Any]:
    """Return a value of `mcp`, which are pydantic models, by the protocol's names."""
    plain: dict[str, Any] = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return plain
