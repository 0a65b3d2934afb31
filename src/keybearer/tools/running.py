"""The calls of a run that are running: each has its place in the order, a future, and in the end an outcome."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from keybearer.flow import Flow, Wait
from keybearer.tools.calls import CallOutcome, Ending
from keybearer.tools.execute import Execution
from keybearer.tools.observed import ObservedRun
from keybearer.tools.options import RunOptions
from keybearer.tools.order import Place
from keybearer.tools.protocols import CallRunner
from keybearer.tools.records import RunRecords
from keybearer.tools.tally import RunTally
from keybearer.tools.tool import ToolCall
from keybearer.tools.toolset import Toolset

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["OuterRun", "RunningCalls", "outer_run"]

NEVER_STARTED: Final = "The run's time was over before the tool could start: it was not run."
OUT_OF_TIME: Final = "The run's time was over before the tool had ended. It may still be at work."


class OuterRun(Struct, frozen=True):
    """What a run inside a tool has of the run around it.

    Attributes:
        params: The parameters of its requests.
        tally: What it has used.
    """

    params: Mapping[str, Any]
    tally: RunTally


_outer_run: contextvars.ContextVar[OuterRun | None] = contextvars.ContextVar("keybearer_run", default=None)


def outer_run() -> OuterRun | None:
    """Return the run whose tool is running here; None outside of tools."""
    return _outer_run.get()


class RunningCalls(Sized):
    """The calls that are running.

    Args:
        records: The run's records.
        options: How the run is to go.
        runner: Runs the calls.
        clock: Seconds on a clock that never goes back.
        ends: When the run's time is over, on that clock; None for never.
        run: What the runs inside the calls have of this one.
        observed: The run, as the observers follow it; None for nobody.
    """

    def __init__(
        self,
        records: RunRecords,
        options: RunOptions,
        *,
        runner: CallRunner,
        clock: Callable[[], float],
        ends: float | None,
        run: OuterRun,
        observed: ObservedRun | None = None,
    ) -> None:
        self._observed = observed
        self._records, self._options, self._runner, self._clock = records, options, runner, clock
        self._ends, self._run = ends, run
        self._interrupted = frozenset(
            (number, id_)
            for number, turn in enumerate(records.state.turns, 1)
            for id_ in turn.started - turn.outcomes.keys()
        )
        self._running: dict[str, tuple[Future[CallOutcome], Place]] = {}
        self._execution: Execution | None = None

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[str]:
        return iter(self._running)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._running

    def start(self, calls: Iterable[ToolCall], tools: Toolset) -> None:
        """Start the calls that have not started, with the tools that they are of."""
        if self._execution is None:
            self._execution = Execution(
                tools=tools,
                options=self._options,
                order=self._runner.order(self._options.max_parallel),
                clock=self._clock,
                records=self._records,
                interrupted=self._interrupted,
                observed=self._observed,
            )
        execution = self._execution
        places = [(call, execution.place(call)) for call in calls if call.id not in self._running]
        for call, place in places:
            self._running[call.id] = self._runner.start(self._executed(execution, call, place)), place

    def outcome(self, call: ToolCall) -> Flow[CallOutcome]:
        """Wait for the outcome of a call."""
        future, place = self._running[call.id]
        try:
            outcome = yield from Wait(future, None if self._ends is None else max(0.0, self._ends - self._clock()))
        except TimeoutError:
            if future.done():
                outcome = future.result()
            else:
                words = NEVER_STARTED if self._drop(place) else OUT_OF_TIME
                outcome = self._records.add_outcome(CallOutcome(call, words, is_error=True, ending=Ending.FAILED))
                self._runner.give_up(future)
        del self._running[call.id]
        if not self._running:
            self._execution = None
        return outcome

    def give_up(self) -> None:
        """End the calls that are running, as far as they can be, and never start those that wait."""
        for future, place in list(self._running.values()):
            self._drop(place)
            self._runner.give_up(future)

    def _drop(self, place: Place) -> bool:
        return self._execution is not None and self._execution.order.drop(place)

    def _executed(self, execution: Execution, call: ToolCall, place: Place) -> Flow[CallOutcome]:
        _outer_run.set(self._run)  # in the context of this call
        outcome = self._records.add_outcome((yield from execution.run(call, place)))
        yield from self._records.save()
        return outcome
