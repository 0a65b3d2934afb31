"""What a run has used so far: its replies, the summaries and cut streams, and the runs inside its tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from keybearer.tools.records import RunRecords
from keybearer.tools.result import RunResult, RunUsage
from keybearer.tools.state import spent
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.prices import Cost

__all__ = ["RunTally"]


class RunTally:
    """What a run has used so far. All of it is in the run's records, so a run that goes on another day has it too.

    Args:
        records: The run's records, whose replies are counted.
    """

    def __init__(self, records: RunRecords) -> None:
        self._records = records
        self._counted = 0  # how many replies are in `_used`
        self._used = RunUsage()

    @property
    def spent(self) -> list[Cost]:
        """What was spent on what is no reply: summaries, cut streams, runs inside tools."""
        return self._records.state.spent

    def add_run(self, run: RunResult) -> None:
        """Add what a run inside a tool has used."""
        self._records.add(spent(run.cost, structs.asdict(run.usage)))

    def add_lost(self, message: Message) -> None:
        """Add what was paid for a message that is no reply of the run."""
        self._records.add(spent(message.cost))

    @property
    def usage(self) -> RunUsage:
        """The tokens used so far, those of runs inside tools too."""
        state = self._records.state
        turns = state.turns
        if len(turns) > self._counted + 1:  # all but the last, which may be replaced
            self._used = RunUsage.of([self._used, *(turn.message.usage for turn in turns[self._counted : -1])])
            self._counted = len(turns) - 1
        last = (turn.message.usage for turn in turns[-1:])
        return RunUsage.of([self._used, *last, *state.compactions, *(RunUsage(**each) for each in state.inner)])
