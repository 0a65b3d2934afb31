"""What the simulator needs beside the package itself: the extra `keybearer[simulator]`, asked for in one line where it is missing."""

from __future__ import annotations

import importlib.util
from typing import Final

__all__ = ["need_extra"]

PACKAGES: Final = ("jsonschema", "python_multipart", "starlette", "uvicorn")


def need_extra() -> None:
    """See that the extra is installed, before anything of it is needed.

    Raises:
        ImportError: It is not; the message is one line with the command that installs it.
    """
    for name in PACKAGES:
        try:
            there = importlib.util.find_spec(name) is not None
        except (ImportError, ValueError):
            there = False
        if not there:
            raise ImportError(
                f"The simulator needs {name}, which is not installed. Install it with: pip install 'keybearer[simulator]'",
                name=name,
            )
