"""A file that a command makes: one that was not there, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from keybearer.credentials.stores.private_files import private_opener

__all__ = ["write_new"]


def write_new(path: str | Path, text: str, *, private: bool = False) -> None:
    """Write a file that is not there.

    Args:
        path: The file; its folder is there.
        text: What it has: UTF-8, where half of a character is an escape.
        private: Whether only its owner can read it.

    Raises:
        FileExistsError: It is there.
        OSError: It cannot be written: nothing of it is left.
    """
    opener = private_opener if private else None
    with open(path, "x", encoding="utf-8", errors="backslashreplace", opener=opener) as file:
        try:
            file.write(text)
            file.flush()
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - as above
            raise
