"""The official SDK's names of tools that it brings: a memory in files, and toolsets, which can only be imported."""

from __future__ import annotations

from typing import Any

from keybearer.compat.tools._toolsets import toolset_name
from keybearer.compat.tools.memory import (
    BetaAbstractMemoryTool,
    BetaAsyncAbstractMemoryTool,
    BetaAsyncLocalFilesystemMemoryTool,
    BetaLocalFilesystemMemoryTool,
)
from keybearer.tools.tool import ToolError

__all__ = [
    "BetaAbstractMemoryTool",
    "BetaAsyncAbstractMemoryTool",
    "BetaAsyncLocalFilesystemMemoryTool",
    "BetaLocalFilesystemMemoryTool",
    "ToolError",
]


def __getattr__(name: str) -> Any:
    return toolset_name(name, __name__)
