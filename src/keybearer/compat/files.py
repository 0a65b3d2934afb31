"""The official SDK's helpers that read files for an upload."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["async_files_from_dir", "file_from_path", "files_from_dir"]


def file_from_path(path: str | os.PathLike[str]) -> tuple[str, bytes]:
    """Return a file's name and its bytes, as the SDK's function does.

    keybearer takes a path itself, `client.files.upload(file=path)`, and never holds the whole file in memory.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read.
    """
    return Path(path).name, Path(path).read_bytes()


def files_from_dir(directory: str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of every file below a directory; the names begin with the directory's own.

    Args:
        directory: Such as a skill's folder.

    Raises:
        OSError: A file cannot be read.
    """
    root = Path(directory)
    files = sorted(each for each in root.rglob("*") if each.is_file())
    return [(each.relative_to(root.parent).as_posix(), each.read_bytes()) for each in files]


async def async_files_from_dir(directory: str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of every file below a directory, read on a thread; see `files_from_dir`.

    Args:
        directory: Such as a skill's folder.

    Raises:
        OSError: A file cannot be read.
    """
    import asyncio

    return await asyncio.to_thread(files_from_dir, directory)
