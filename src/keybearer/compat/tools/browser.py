"""The official SDK's names of a browser's toolset (`_toolsets`)."""

from __future__ import annotations

from typing import Any

from keybearer.compat.tools._toolsets import toolset_name


def __getattr__(name: str) -> Any:
    return toolset_name(name, __name__)
