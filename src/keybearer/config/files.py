"""The files of one configuration, each read once.

Strategy: the check of a file (may this folder say that?) and its use must see the same bytes. Both read through one of these
objects, so a file that changes in between changes nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["ConfigFiles"]


class ConfigFiles(os.PathLike[str]):
    """A configuration's path, which stands wherever a path does, and what its files held when they were first read.

    Args:
        path: `llm.yaml`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._read: dict[tuple[str, int], bytes | OSError] = {}

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> ConfigFiles:
        """Return the files of a path: itself, where it is one of these already."""
        return path if isinstance(path, ConfigFiles) else cls(path)

    def __fspath__(self) -> str:
        return self._path

    __str__ = __fspath__

    def __repr__(self) -> str:
        return f"ConfigFiles({self._path!r})"

    def read(self, path: str | os.PathLike[str], most: int) -> bytes:
        """Read a file; the same bytes at each call.

        Args:
            path: The file.
            most: How many bytes are read at the most, for a device has no end; one more where there are more.

        Raises:
            OSError: It cannot be read.
            ValueError: It can be no path.
        """
        key = (os.path.realpath(path), most)
        if key not in self._read:
            try:
                with Path(path).open("rb") as file:
                    self._read[key] = file.read(most + 1)
            except OSError as error:
                self._read[key] = error
        held = self._read[key]
        if isinstance(held, OSError):
            raise held.with_traceback(None)
        return held
