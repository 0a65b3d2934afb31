"""The official SDK's helpers."""

from __future__ import annotations

from keybearer.compat.files import async_files_from_dir, files_from_dir

__all__ = ["async_files_from_dir", "files_from_dir"]
