"""Where a download is written: a path, or a file object.

Strategy: a file is written beside its place and moved there when it is whole. What stands at a path and is no file (a device, a pipe)
is written to as it is: moving a file there would take its place.

Contract: no half of a file has its name. A file object is the caller's: it is written to from where it stands, and left open.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

from keybearer.errors import UsageError

__all__ = ["Target", "writing"]

Target: TypeAlias = "str | os.PathLike[str] | IO[bytes]"
"""A path, or a file object that is open for writing bytes."""


class _Given:
    """A file object of the caller's. A raw one may take a part of what it is given, and is given the rest."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            taken = self._file.write(view)
            view = view[len(view) if taken is None else taken :]


@contextlib.contextmanager
def writing(target: Target) -> Iterator[Any]:
    """Give something with `write`, which stands at the target when the context is left without an error.

    Raises:
        UsageError: It is neither a path nor a file object.
        OSError: It cannot be written.
    """
    if isinstance(target, str | os.PathLike):
        place = Path(target)
        if place.exists() and not place.is_file() and not place.is_dir():
            with place.open("wb", buffering=0) as file:
                yield _Given(file)
        else:
            with _beside(place) as file:
                yield file
    elif callable(getattr(target, "write", None)):
        yield _Given(target)
    else:
        raise UsageError(f"A download is written to a path or a file object, not to a {type(target).__name__}.")


@contextlib.contextmanager
def _beside(place: Path) -> Iterator[IO[bytes]]:
    if place.is_dir():
        raise IsADirectoryError(f"{place} is a folder: give the path of a file in it.")
    place = place.resolve()  # what a link leads to is written, and the link is kept
    part = place.with_name(f".{place.name[:40]}.{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
