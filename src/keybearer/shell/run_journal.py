"""A run's journal: a file of its own for each run, a JSON line for each record.

Contract: a record is on the disk when `save` returns; after one that failed every other fails too, for it may have had their records.
A last line that was cut is removed when the file is opened. One process at a time has the journal open, by whatever link.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from keybearer.credentials.stores.lock import FileLock
from keybearer.errors import UsageError
from keybearer.tools.state import Record, RunState, to_line

__all__ = ["RunJournal"]

_BEGINNING: Final = b'{"run":'


class RunJournal:
    """An open journal.

    Args:
        path: The file; it is made, for its owner alone, when it is not there.

    Attributes:
        state: The run that it holds; empty where it is new.

    Raises:
        UsageError: It cannot be opened, another process has it open, or it holds no run.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._saving = threading.Lock()
        target = Path(os.path.realpath(self._path))  # two links to one file are one journal
        self._lock = FileLock(target.with_name(f".{target.name}.lock"))
        self._descriptor: int | None = None
        self._failure = ""
        if target.exists() and not target.is_file():
            raise UsageError(f"The journal {os.fspath(path)!r} is no regular file.", hint="Name a file of its own.")
        try:
            if not self._lock.acquire():
                raise _in_use(path)
            self._descriptor = os.open(
                target, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600
            )
            self.state = self._read(self._descriptor)
        except OSError as error:
            self.close()
            raise UsageError(f"The journal {os.fspath(path)!r} cannot be opened: {error.strerror}.") from None
        except UsageError:
            self.close()
            raise

    def save(self, take: Callable[[], list[Record]]) -> None:
        """Write what `take` gives.

        Raises:
            UsageError: It could not be written whole; the run must not go on.
        """
        with self._saving:
            if self._descriptor is None:
                self._failure = "the run is over"
            if self._failure or self._descriptor is None:
                raise self._unwritten()
            if not (text := b"".join(map(to_line, take()))):
                return
            size = os.fstat(self._descriptor).st_size
            try:
                _write(self._descriptor, text)
            except OSError as error:
                self._failure = str(error.strerror)
                os.ftruncate(self._descriptor, size)
                raise self._unwritten() from None

    def close(self) -> None:
        """Close the file, and let others open it."""
        with self._saving:  # a call that nobody waits for may be at it
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unwritten(self) -> UsageError:
        return UsageError(f"The journal {os.fspath(self._path)!r} cannot be written: {self._failure}.")

    @staticmethod
    def _read(descriptor: int) -> RunState:
        size = os.fstat(descriptor).st_size
        text = bytearray()
        while len(text) < size and (chunk := os.read(descriptor, size - len(text))):
            text += chunk
        whole = text.rfind(b"\n") + 1
        state = RunState.load(bytes(text[:whole]))
        if whole < len(text):
            if not state.records and not bytes(text).startswith(_BEGINNING[: len(text)]):
                raise UsageError("Line 1 is no record of a run.", hint="Is it another file?")
            os.ftruncate(descriptor, whole)  # its writer was killed in the middle of this line
        return state


def _in_use(path: str | os.PathLike[str]) -> UsageError:
    hint = "Another run has it open; give each run a file of its own."
    return UsageError(f"The journal {os.fspath(path)!r} is in use.", hint=hint)


def _write(descriptor: int, text: bytes) -> None:
    left = memoryview(text)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)
