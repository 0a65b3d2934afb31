"""The finished rows of a block of requests, which another process answers: a file of lines, until the job has written them down.

Strategy: what carries a block out appends each result's line when it has come, in one write. Whoever carries the same block out again,
after a kill, reads what is finished there; and the next run of the job takes the lines into its journal. The folder is on this
machine, or on a disk that all machines of a cluster share; elsewhere a block has no file, and is sent again whole.

Contract: whoever carries blocks out holds a lock of the folder as long as it lives, and the next run waits for it: the processes of a
job that was killed work on for some seconds.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from keybearer.bulk.journal import APPEND, BulkJournal, write_whole
from keybearer.bulk.lines import line_of, read_head
from keybearer.bulk.port import BulkRequest, BulkResult, NewLine, RowError
from keybearer.credentials.stores.lock import FileLock
from keybearer.errors import UsageError
from keybearer.prices import Cost

__all__ = ["Spool", "hold_folder", "spool_folder", "take_spooled"]

PATIENCE: Final = 60.0
"""How long a run waits for the processes of the one before, in seconds."""

_UNKNOWN: Final = Cost(unknown=("what it cost is not in the result's line",))


class _SpoolLine(msgspec.Struct):
    """A line, as a result is made of it again."""

    key: str
    text: str = ""
    message: dict[str, Any] | None = None
    cost_usd: str | None = None
    request_id: str | None = None
    error: dict[str, Any] | None = None


_read: Final = msgspec.json.Decoder(_SpoolLine).decode


class Spool:
    """The file of one block.

    Args:
        folder: Where the files of a job are; a block has none where that is no folder here.
        block: The block's name.
    """

    def __init__(self, folder: Path, block: str) -> None:
        self._path = folder / f"{block}.jsonl"
        self._file = os.open(self._path, APPEND, 0o600) if folder.is_dir() else None

    def finished(self, requests: Iterable[BulkRequest]) -> list[BulkResult]:
        """Return the results that are there of some requests."""
        if self._file is None:
            return []
        whole = sum(map(len, _whole_lines(self._path)))
        os.ftruncate(self._file, whole)  # whoever wrote the rest was killed in the middle of a line
        lines = {line.key: line for line in map(_read, _whole_lines(self._path))}
        found = ((each, lines.get(each.key.hex())) for each in requests)
        return [_result(request, line) for request, line in found if line is not None]

    def add(self, results: Iterable[BulkResult]) -> None:
        """Append results."""
        if self._file is not None and (data := b"".join(map(line_of, results))):
            write_whole(self._file, data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)


def spool_folder(journal: BulkJournal) -> Path:
    """Return the folder of a job's spooled blocks, made where it is not there."""
    folder = journal.folder / "blocks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def hold_folder(folder: Path) -> FileLock | None:
    """Hold the folder's lock, as others do, until it is released or the process ends; None where the folder is not on this machine.

    Raises:
        UsageError: The next run of the job has it.
    """
    if not folder.is_dir():
        return None
    lock = FileLock(folder / "lock", shared=True)
    if not lock.acquire():
        raise UsageError(f"Another run of this job has begun: it holds {folder / 'lock'}.")
    return lock


def take_spooled(journal: BulkJournal) -> int:
    """Take what an earlier run's blocks have finished into the journal; return how many rows that were.

    Raises:
        UsageError: The journal cannot be written to, or processes of the earlier run do not end.
    """
    _await_others(spool_folder(journal))
    taken = 0
    for path in sorted(spool_folder(journal).glob("*.jsonl")):
        lines = {each.key: each for each in map(_new_line, _whole_lines(path))}
        left = journal.unfinished(list(lines))
        journal.add([each for each in lines.values() if each.key in left])
        taken += len(left)
        path.unlink()
    return taken


def _await_others(folder: Path) -> None:
    """Wait until no process of an earlier run is at work."""
    lock, until = FileLock(folder / "lock"), time.monotonic() + PATIENCE
    while not lock.acquire():
        if time.monotonic() > until:
            raise UsageError(
                f"Processes of an earlier run of this job are still at work: they hold {folder / 'lock'}.",
                hint="End them, or the Ray that they belong to, and run it again.",
            )
        time.sleep(0.1)
    lock.release()


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Give the lines of a file; the last may have been cut."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def _new_line(line: bytes) -> NewLine:
    head = read_head(line)
    return NewLine(key=bytes.fromhex(head.key), good=head.good, line=line, usage=head.usage, usd=head.usd)


def _result(request: BulkRequest, line: _SpoolLine) -> BulkResult:
    if line.error is not None:
        error = msgspec.convert({**line.error, "error_class": line.error["class"]}, RowError)
        return BulkResult(request.key, request.info, error=error, source=request.source)
    return BulkResult(
        request.key,
        request.info,
        message=line.message,
        text=line.text,
        cost=_UNKNOWN if line.cost_usd is None else Cost(parts={"spooled": Decimal(line.cost_usd)}),
        request_id=line.request_id,
    )
