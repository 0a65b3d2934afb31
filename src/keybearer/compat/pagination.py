"""The official SDK's names of pages."""

from __future__ import annotations

from keybearer.shell.pages import AsyncPage
from keybearer.shell.pages import Page as SyncPage

AsyncPageCursor = AsyncTokenPage = AsyncPage
SyncPageCursor = SyncTokenPage = SyncPage

__all__ = ["AsyncPage", "AsyncPageCursor", "AsyncTokenPage", "SyncPage", "SyncPageCursor", "SyncTokenPage"]
