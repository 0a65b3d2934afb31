"""The journal of a job: which rows are finished, which were under way, beside the output.

    <output>.journal/ lock          held while a process is at the job
                      started       keys: + before a row is sent, - where it was certainly not
                      results.jsonl the results, where the output is not JSON lines in the order in which they come
                      index.db      SQLite: what of the results file is known, by key (`journal_index.py`)
                      reserve       room on the disk that is given up when it is full

Strategy: a row is finished when its line is in the results file, which one `write` puts there; the file is the truth. The index is
filled from it in lists of rows, and what it lacks after a kill is read from the file again. What was started and is not finished
was under way. An engine that knows when it sends a row writes its `+` at that moment (`marks_sent`); the rows of another have theirs
when they are handed to it, so that after a kill some count as under way that were not.

Contract: one process at a time. Whatever is killed when: a finished row stays finished, a line that was cut is removed, and no row is
sent before its `+` is written, so that a row that was under way is known as such. On a full disk the answers that are still coming
are written into the reserve, and the job ends.

Limits: what is written is the operating system's, not yet the disk's, until a job ends or pauses: a power cut may lose the last
rows.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self

from keybearer.bulk.journal_index import Finished, JournalIndex
from keybearer.bulk.keys import SIZE
from keybearer.bulk.lines import BulkTotals, Head, read_head
from keybearer.bulk.port import NewLine
from keybearer.credentials.stores.lock import FileLock
from keybearer.errors import UsageError

__all__ = ["APPEND", "BulkJournal", "write_whole"]

FOLD: Final = 2_000
"""How many finished rows are put into the index at once."""

RESERVE: Final = 8 << 20
"""The room that is kept for answers which come after the disk is full, in bytes."""

APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
"""How a file is opened that is only appended to."""

_RECORD: Final = SIZE + 1
_TAKEN, _GIVEN_BACK = b"+", b"-"


class BulkJournal:
    """An open journal.

    Args:
        output: Where the job's results go.
        direct: Whether the output is itself the results file.

    Attributes:
        totals: What the finished rows come to.
        in_doubt: How many rows were under way when an earlier run ended, and are not finished.
        trouble: Why nothing more should be sent; empty where all is well.

    Raises:
        UsageError: Another process has it open, or the output is not what it was.
    """

    def __init__(self, output: Path, *, direct: bool) -> None:
        self.folder = output.with_name(f"{output.name}.journal")
        self.path = output if direct else self.folder / "results.jsonl"
        self.trouble = ""
        self.totals = BulkTotals()
        self._pending: list[Finished] = []
        self._is_open = False
        self._opened = contextlib.ExitStack()
        if output.exists() and not self.folder.exists() and output.stat().st_size:
            raise UsageError(
                f"{output} is there, and no job has written it: there is no {self.folder.name}.",
                hint="Name another file with -o, or move this one away.",
            )
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock()
            self._open()
        except OSError as error:
            self.close()
            raise UsageError(f"The journal {self.folder} cannot be opened: {error.strerror}.") from None
        except BaseException:
            self.close()
            raise

    def _take_lock(self) -> None:
        lock = FileLock(self.folder / "lock")
        if not lock.acquire():
            raise UsageError(f"Another process is at this job: it holds {self.folder / 'lock'}.")
        self._opened.callback(lock.release)

    def _open(self) -> None:
        self.index = JournalIndex(self.folder / "index.db")
        self._opened.callback(self.index.close)
        self.index.check_form(
            f"{self.folder}", "in the order in which they come" if self.path.parent != self.folder else "by themselves"
        )
        known = self.index.folded
        if known and (not self.path.exists() or self.path.stat().st_size < known) and not self.index.rebuilding:
            raise UsageError(
                f"{self.path} is gone or shorter than it was: {self.index.totals.done:,} rows of it were finished and paid for.",
                hint=f"Put it back; or remove {self.folder} as well, and all rows are sent again.",
            )
        self._results = os.open(self.path, APPEND, 0o600)
        self._opened.callback(os.close, self._results)
        if self.index.rebuilding:
            self.index.clear()
        self.totals = self.index.totals
        self._read_rest()
        self.in_doubt = self._settle_started()
        self._started = os.open(self.folder / "started", APPEND, 0o600)
        self._opened.callback(os.close, self._started)
        self._reserve()
        self._is_open = True

    def _reserve(self) -> None:
        path = self.folder / "reserve"
        with path.open("wb") as file:
            with contextlib.suppress(AttributeError):  # not on every system
                os.posix_fallocate(file.fileno(), 0, RESERVE)
                return
            file.write(bytes(RESERVE))

    def _read_rest(self) -> None:
        """Put into the index what was written to the results file and is not in it yet; remove a line that was cut."""
        place = self.index.folded
        with self.path.open("rb") as file:
            file.seek(place)
            for line in file:
                if not line.endswith(b"\n"):
                    os.ftruncate(self._results, place)
                    break
                if (head := _head(line)) is not None:
                    self.totals.add(head.usage, head.usd)
                    self._pending.append(Finished(bytes.fromhex(head.key), head.good, place, len(line)))
                place += len(line)
                if len(self._pending) >= FOLD:
                    self._fold(place)
        self._size = place
        self._fold(place)

    def _settle_started(self) -> int:
        """Return how many rows were under way when an earlier run ended; only these stay in the file of started rows."""
        path = self.folder / "started"
        under_way: set[bytes] = set()
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            while block := file.read(_RECORD * FOLD):
                records = [block[at : at + _RECORD] for at in range(0, len(block) - SIZE, _RECORD)]
                under_way |= self.index.unfinished([each[1:] for each in records if each[:1] == _TAKEN])
                under_way -= {each[1:] for each in records if each[:1] == _GIVEN_BACK}
        draft = path.with_suffix(".new")
        draft.write_bytes(b"".join(_TAKEN + key for key in under_way))
        draft.replace(path)
        return len(under_way)

    # ── rows ─────────────────────────────────────────────────────────────────

    def unfinished(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those of some keys whose rows are not finished."""
        return set(keys) - self.finished(keys).keys()

    def finished(self, keys: Sequence[bytes]) -> dict[bytes, bool]:
        """Return those of some keys whose rows are finished, with whether they have an answer."""
        pending = {each.key: each.good for each in self._pending}  # first, for another thread may fold them meanwhile
        return self.index.finished(keys) | {key: pending[key] for key in keys if key in pending}

    def tally(self, keys: Iterable[bytes]) -> tuple[int, int]:
        """Return how many rows of some keys have an answer, and how many an error."""
        self._fold(self._size)
        return self.index.tally(keys)

    def begin(self, keys: Sequence[bytes]) -> None:
        """Write that rows are under way from now on, before any byte of them is sent.

        Raises:
            UsageError: It cannot be written, so they must not be sent.
        """
        self._record(_TAKEN, keys)

    def give_back(self, keys: Sequence[bytes]) -> None:
        """Write that rows were not sent."""
        self._record(_GIVEN_BACK, keys)

    def _record(self, kind: bytes, keys: Sequence[bytes]) -> None:
        try:
            write_whole(self._started, b"".join([kind + key for key in keys]))
        except OSError as error:
            self.trouble = self._words(error)
            raise UsageError(self.trouble, hint=_ROOM) from None

    def add(self, lines: Sequence[NewLine]) -> None:
        """Write results: the rows are finished when this returns.

        Raises:
            UsageError: They cannot be written, not even into the reserve; they stay known as under way.
        """
        data = b"".join([each.line for each in lines])
        try:
            write_whole(self._results, data)
        except OSError as error:
            self.trouble = self._words(error)
            (self.folder / "reserve").unlink(missing_ok=True)
            try:
                write_whole(self._results, data)
            except OSError:
                raise UsageError(
                    f"{self.trouble} {len(lines):,} answers could not be kept.",
                    hint=_ROOM,
                ) from None
        for each in lines:
            self._pending.append(Finished(each.key, each.good, self._size, len(each.line)))
            self._size += len(each.line)
            self.totals.add(each.usage, each.usd, each.input_usd)
        if len(self._pending) >= FOLD:
            self._fold(self._size)

    def _words(self, error: OSError) -> str:
        return f"{self.folder} and {self.path.name} cannot be written to: {error.strerror}."

    def _fold(self, size: int) -> None:
        if self._pending or size != self.index.folded:
            try:
                self.index.fold(self._pending, size, self.totals)
            except sqlite3.Error as error:  # the results file has them all
                self.trouble = self.trouble or f"{self.folder / 'index.db'} cannot be written to: {error}."
                return
            self._pending = []

    def lines(self, order: Callable[[], Iterator[bytes]] | None = None) -> Iterator[bytes]:
        """Give the finished rows' lines: in the order of some keys, or as they came.

        Args:
            order: Gives the keys; those that are not finished are passed over.
        """
        self._fold(self._size)
        if order is None:
            with self.path.open("rb") as file:
                yield from file
            return
        for place, length in self.index.places(order()):
            yield os.pread(self._results, length, place)

    def drop_failed(self) -> int:
        """Take the rows that failed out of the results, so that they are sent again; return how many they were."""
        self._fold(self._size)
        failed = self.totals.failed
        if not failed:
            return 0
        draft = self.path.with_name(f".{self.path.name}.new")
        with self.path.open("rb") as file, draft.open("wb") as kept:
            kept.writelines(line for line in file if (head := _head(line)) is not None and head.good)
            kept.flush()
            os.fsync(kept.fileno())
        self.index.begin_rebuilding()
        draft.replace(self.path)
        os.dup2(new := os.open(self.path, APPEND, 0o600), self._results)
        os.close(new)
        self.index.clear()
        self.totals = BulkTotals()
        self._read_rest()
        return failed

    def close(self) -> None:
        """Put what is finished into the index, onto the disk, and let the next process have it."""
        if self._is_open:
            self._fold(self._size)
            with contextlib.suppress(OSError):
                os.fsync(self._results)
            (self.folder / "reserve").unlink(missing_ok=True)
        self._is_open = False
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_ROOM: Final = "Make room, and run it again: it goes on where it ended."


def write_whole(descriptor: int, data: bytes) -> None:
    """Append all of it, or nothing.

    Raises:
        OSError: It cannot be written; what was of it is taken back.
    """
    written = 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:] if written else data)
    except OSError:
        if written:
            os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
        raise


def _head(line: bytes) -> Head | None:
    try:
        head = read_head(line)
        return head if len(bytes.fromhex(head.key)) == SIZE else None
    except ValueError:
        return None  # a person has put it there: it is none of ours, and is left alone
