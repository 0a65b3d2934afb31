"""The official SDK's names of memory tools."""

from __future__ import annotations

from keybearer.compat.lib.tools._beta_builtin_memory_tool import BetaAbstractMemoryTool, BetaAsyncAbstractMemoryTool
from keybearer.compat.lib.tools._local_memory import BetaAsyncLocalFilesystemMemoryTool, BetaLocalFilesystemMemoryTool

__all__ = [
    "BetaAbstractMemoryTool",
    "BetaAsyncAbstractMemoryTool",
    "BetaAsyncLocalFilesystemMemoryTool",
    "BetaLocalFilesystemMemoryTool",
]
