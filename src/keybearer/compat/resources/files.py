"""The official SDK's names of `client.files`."""

from __future__ import annotations

from keybearer.client.resources.files import AsyncFiles, Files

__all__ = ["AsyncFiles", "Files"]
