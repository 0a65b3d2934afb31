"""The ledger: a row for each call that was billed or that failed, kept by many processes in one file.

Strategy: a row is one line, written with one `write` to a file that only this process writes to, in the folder `<path>.rows` beside
the database; zeros may follow its last row. `fold` puts the rows of all processes into the SQLite database (`ledger_store.py`); it
runs when the ledger is read or closed, never within a call. A writer holds a lock on its file for as long as it lives, so that `fold`
knows which files are complete.

Contract: when a call returns, its row is in the operating system's hands: killing the process loses nothing. With `durable=True` it is
on the disk, so that a power cut loses nothing either. A row is folded once, whoever is killed when. No prompt and no answer is in a
row. Every file is its owner's alone (0600).

Limits: a row that cannot be written, as on a full disk, is logged and counted in `unwritten`, and its call goes on: the answer was
paid for. Attempts before a call's last one are rows only where they may have been billed. The file must be on a local disk, as
SQLite's WAL mode demands.
"""

from __future__ import annotations

import contextvars
import json
import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

import msgspec

from keybearer.credentials.stores.lock import FileLock
from keybearer.errors import UsageError
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from keybearer.shell.ledger_store import LedgerStore

__all__ = ["Ledger"]

_log = logging.getLogger("keybearer")
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

ROOM: Final = 65_536
"""How much room a file is given at once, in bytes: a write that makes a file longer takes half as long again."""

_encode: Final = msgspec.json.Encoder().encode

_ledgers: weakref.WeakSet[Ledger] = weakref.WeakSet()
"""The ledgers of this process, for a child: another thread may hold one's lock when it forks."""

_tags: contextvars.ContextVar[Mapping[str, str] | None] = contextvars.ContextVar("keybearer_ledger_tags", default=None)
"""The tags of the calls of this thread or task."""


class Ledger:
    """A ledger, for any number of clients, threads and processes.

    Args:
        path: The database; it is made, for its owner alone, when it is not there.
        agent: The agent that the rows are of.
        project: The project that they are of.
        tags: More about them, as text.
        durable: Whether each row is on the disk before its call returns (`fsync`), which costs milliseconds. False is safe when the
            process is killed, and not when the machine is.

    Attributes:
        unwritten: How many rows could not be written.

    Raises:
        UsageError: The place cannot be written to.

    Example:
        with Ledger("spend.db", project="search") as ledger, Client(ledger=ledger) as client:
            with ledger.tagged(user="u-17"):
                client.messages.create(...)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        agent: str | None = None,
        project: str | None = None,
        tags: Mapping[str, str] | None = None,
        durable: bool = False,
    ) -> None:
        self.path = Path(path)
        self.agent = agent
        self.project = project
        self.tags = dict(tags or {})
        self.unwritten = 0
        self._durable = durable
        self._folder = self.path.with_name(f"{self.path.name}.rows")
        self._writing = threading.Lock()
        self._descriptor = -1
        self._lock: FileLock | None = None
        self._room = 0  # left in the file, in bytes
        _ledgers.add(self)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            hint = "Its folder must be there, and be yours to write to."
            raise UsageError(f"The ledger {str(self.path)!r} cannot be made: {error.strerror}.", hint=hint) from None

    @contextmanager
    def tagged(self, **tags: str) -> Iterator[None]:
        """Tag the calls inside the `with` block, in this thread or task; `agent` and `project` replace the ledger's own."""
        token = _tags.set({**(_tags.get() or {}), **tags})
        try:
            yield
        finally:
            _tags.reset(token)

    def add(self, report: UsageReported) -> None:
        """Write the row of a call; it is safe when this returns."""
        row = self._row(report)
        try:
            line = _encode(row) + b"\n"
        except (TypeError, ValueError, RecursionError):
            # A gateway's usage may hold what only the standard library writes.
            line = json.dumps(row, default=str).encode() + b"\n"
        with self._writing:
            try:
                self._write(line)
                if self._durable:
                    os.fsync(self._descriptor)
            except OSError as error:
                self.unwritten += 1
                _log.error("ledger: the row of a call could not be written to %s: %s", self._folder, error.strerror)

    def _write(self, line: bytes) -> None:
        if self._descriptor < 0:
            self._open()
        if len(line) > self._room:
            self._room = max(ROOM, len(line))
            _reserve(self._descriptor, self._room)
        written = 0
        try:
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
        except BaseException:  # the next row takes the place of this one, which is not whole
            os.lseek(self._descriptor, -written, os.SEEK_CUR)
            raise
        self._room -= written

    def _row(self, report: UsageReported) -> dict[str, Any]:
        """Return a row; what is as in `ledger_store.USUAL` is left out."""
        usage: object = report.usage  # a gateway's may be anything
        row = {
            "at": time.time(),
            "model": report.model,
            "usage": (usage.came_as() or usage.to_dict()) if isinstance(usage, Usage) else {},
            "request_id": report.request_id,
            "seconds": report.seconds,
            "date": report.date,
        }
        row |= self._labels()
        if not report.complete or report.error is not None or report.batch is not None:
            row |= {
                "error": report.error,
                "complete": report.complete,
                "refused": report.refused,
                "batch": report.batch,
                "retried": report.retried,
            }
        # The public prices are known wherever the row is folded; one's own are known here.
        if report.prices is not None:
            from keybearer.shell.ledger_store import cost_columns

            row |= cost_columns(report)
        return row

    def _labels(self) -> dict[str, Any]:
        """Return the agent, the project and the tags of the call, if it has any."""
        agent, project, tags = self.agent, self.project, self.tags
        if (more := _tags.get()) is not None:
            tags = {**tags, **more}
            agent, project = tags.pop("agent", agent), tags.pop("project", project)
        elif agent is project is None and not tags:
            return {}
        return {"agent": agent, "project": project, "tags": tags}

    def _open(self) -> None:
        """Open this process's own file."""
        # Locked under a name that `fold` leaves alone, so that it never takes the file for one whose writer has died.
        name = self._folder / f"{int(time.time())}-{secrets.token_hex(8)}"
        lock = FileLock(name.with_suffix(".new"))
        if not lock.acquire():  # pragma: no cover - a name of 64 random bits was taken
            raise BlockingIOError
        descriptor = os.open(name.with_suffix(".new"), _FLAGS, 0o600)
        name.with_suffix(".new").rename(name.with_suffix(".jsonl"))
        self._descriptor, self._lock, self._room = descriptor, lock, 0

    def forked(self) -> None:
        """Begin anew in a forked child: it has a file of its own, and not the thread that may have held the lock."""
        self._writing = threading.Lock()
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._lock = -1, None

    def store(self) -> LedgerStore:
        """Return the database, with all rows in it that were written by now.

        Raises:
            UsageError: It cannot be opened, or a newer keybearer made it.
        """
        from keybearer.shell.ledger_store import LedgerStore

        store = LedgerStore(self.path)
        store.fold(self._folder)
        return store

    def rows(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Give every row, the oldest first; `usd` is text, so that nothing is rounded, and None where it is not known.

        Args:
            since: Only rows from this time on; a time without a zone is this machine's. All of them when omitted.
        """
        return self.store().rows(since)

    def export_json(self, file: TextIO) -> int:
        """Write every row as a JSON line; return how many there are."""
        return self.store().export_json(file)

    def export_csv(self, file: TextIO) -> int:
        """Write every row as CSV (RFC 4180), with a first line of names; return how many there are."""
        return self.store().export_csv(file)

    def close(self) -> None:
        """Close this process's file, and fold what was written into the database."""
        self.release()
        self.store()

    def release(self) -> None:
        """Close this process's file; what is in it is folded when somebody reads the ledger."""
        with self._writing:
            lock = self._lock
            if self._descriptor >= 0:
                with suppress(OSError):
                    os.ftruncate(self._descriptor, os.lseek(self._descriptor, 0, os.SEEK_CUR))
            self._close()
            if lock is not None:
                lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger: {self.path}>"


def _reserve(descriptor: int, size: int) -> None:
    """Give a file more room, which reads as zeros, where the system can; elsewhere each write makes it longer."""
    if hasattr(os, "posix_fallocate"):
        with suppress(OSError):
            os.posix_fallocate(descriptor, os.lseek(descriptor, 0, os.SEEK_CUR), size)


def _after_fork_in_child() -> None:
    for ledger in tuple(_ledgers):
        ledger.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
