"""What a job has finished, for who only looks: without the lock, and without a change of anything.

Limits: what another process finishes meanwhile is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from keybearer.bulk.batch_journal import BatchJournal
from keybearer.bulk.journal_index import JournalIndex
from keybearer.bulk.lines import read_head

__all__ = ["JournalView"]


class JournalView:
    """The finished rows of a job.

    Args:
        output: Where its results go.
        retry_failed: Whether rows that failed count as not finished.

    Raises:
        UsageError: The journal cannot be opened.
    """

    def __init__(self, output: Path, *, retry_failed: bool = False) -> None:
        folder = output.with_name(f"{output.name}.journal")
        self._index = JournalIndex(folder / "index.db") if (folder / "index.db").exists() else None
        self._retry_failed = retry_failed
        self._rest: dict[bytes, bool] = {}
        if self._index is not None:
            own = folder / "results.jsonl"
            self._read_rest(own if own.exists() else output, self._index.folded)

    def _read_rest(self, results: Path, place: int) -> None:
        """Read what is not in the index yet: few rows, for they are put there a thousand at a time."""
        if not results.exists():
            return
        with results.open("rb") as file:
            file.seek(place)
            for line in file:
                try:
                    head = read_head(line)
                    self._rest[bytes.fromhex(head.key)] = head.good
                except ValueError:  # it was cut, or a person has put it there
                    continue

    def done(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those of some keys whose rows would not be sent: they are finished, or in a batch."""
        if self._index is None:
            return set()
        found = self._index.finished(keys) | {key: self._rest[key] for key in keys if key in self._rest}
        finished = {key for key, good in found.items() if good or not self._retry_failed}
        return finished | BatchJournal(self._index).has(keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._index is not None:
            self._index.close()
