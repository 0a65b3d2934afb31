"""Adds to the records of a run, from its own flow and from the threads of its tools, and keeps them in its journal."""

from __future__ import annotations

from contextlib import AbstractContextManager

from keybearer.flow import Blocking, Flow
from keybearer.tools.calls import CallOutcome, Ending
from keybearer.tools.protocols import Journal
from keybearer.tools.state import Record, RunState, finished
from keybearer.types.messages import Message

__all__ = ["RunRecords"]


class RunRecords:
    """The records of a run, which several threads add to.

    Args:
        state: What the records come to.
        lock: The lock of the state.
        journal: Keeps the records; None to keep none.

    Attributes:
        state: What the records come to.
    """

    def __init__(self, state: RunState, lock: AbstractContextManager[object], journal: Journal | None = None) -> None:
        self.state = state
        self._lock, self._journal = lock, journal
        self._unsaved: list[Record] = []

    def add(self, record: Record, message: Message | None = None) -> None:
        """Add a record; a reply's with its message."""
        with self._lock:
            self._apply(record, message)

    def add_outcome(self, outcome: CallOutcome) -> CallOutcome:
        """Add the outcome of a call, and return it; one that has an outcome already keeps it."""
        with self._lock:
            known = self.state.turns[outcome.call.turn - 1].outcomes.get(outcome.call.id)
            if known is not None and known.ending is not Ending.LATER:
                return known
            self._apply(finished(outcome))
        return outcome

    def save(self) -> Flow[None]:
        """Write to the journal what is not in it; all of it is on the disk when this returns."""
        if self._journal is not None:
            save = self._journal.save
            yield from Blocking(lambda: save(self._take))

    def _apply(self, record: Record, message: Message | None = None) -> None:
        self.state.apply(record, message)
        self._unsaved.append(record)

    def _take(self) -> list[Record]:
        with self._lock:
            taken, self._unsaved = self._unsaved, []
        return taken
