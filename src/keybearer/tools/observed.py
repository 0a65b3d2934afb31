"""One run of tools, as the observers of a client follow it: its begin and its end, and those of each tool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from keybearer.exchange.observing import Observers
from keybearer.flow import Flow
from keybearer.tools.tool import ToolCall

if TYPE_CHECKING:
    from keybearer.tools.calls import CallOutcome
    from keybearer.tools.result import RunResult
    from keybearer.types.observing import Observer

__all__ = ["ObservedRun"]


class ObservedRun:
    """One run, as its observers follow it.

    Args:
        of: The client's observers.
        observers: Those that hear of this run.

    Attributes:
        run_id: Its id.
    """

    def __init__(self, of: Observers, observers: tuple[Observer, ...]) -> None:
        self.run_id = of.make_id("run")
        self._of, self._observers, self._clock = of, observers, of.clock
        self._begun = self._clock()
        self._open: list[None] = []

    @classmethod
    def of(cls, observers: Observers | None) -> Self | None:
        """Return a new run of a client; None where nobody would hear of it."""
        heard = () if observers is None else observers.now()
        return cls(observers, heard) if observers is not None and heard else None

    def start(self, model: str | None, tools: Sequence[str]) -> None:
        """Tell that it begins."""
        from keybearer.types.observing import RunStarted

        self._open.append(None)
        self._of.tell(RunStarted(run_id=self.run_id, model=model, tools=tuple(tools)), self._observers)

    def end(self, why: str, result: RunResult | None = None, *, error: BaseException | None = None) -> None:
        """End it, once.

        Args:
            why: Why it ended.
            result: What it came to; None where an error ended it.
            error: What ended it; None for a result, and where its stream was closed.
        """
        from keybearer.types.observing import RunEnded

        try:
            self._open.pop()
        except IndexError:
            return
        late = isinstance(error, GeneratorExit)  # perhaps of the garbage collector
        ended = RunEnded(
            run_id=self.run_id,
            seconds=self._clock() - self._begun,
            why="stopped" if late else why,
            result=result,
            error=None if late else error,
        )
        if late:
            self._of.owe(ended, self._observers)
        else:
            self._of.tell(ended, self._observers)

    def tool(self, call: ToolCall, invoked: Flow[CallOutcome], *, description: str, mcp: bool) -> Flow[CallOutcome]:
        """Run a tool, and tell of it.

        Args:
            call: What the model asked for.
            invoked: Runs the tool.
            description: What it is for.
            mcp: Whether it is a tool of an MCP server.
        """
        from keybearer.types.observing import ToolStarted

        started = ToolStarted(run_id=self.run_id, call=call, description=description, mcp=mcp)
        self._of.tell(started, self._observers)
        begun = self._clock()
        outcome: CallOutcome | None = None
        try:
            outcome = yield from invoked
        except GeneratorExit:
            raise
        except BaseException as error:
            self._tool_ended(call, begun, None, error)
            raise
        self._tool_ended(call, begun, outcome, None)
        return outcome

    def _tool_ended(
        self, call: ToolCall, begun: float, outcome: CallOutcome | None, error: BaseException | None
    ) -> None:
        from keybearer.types.observing import ToolEnded

        seconds = self._clock() - begun
        ended = ToolEnded(run_id=self.run_id, call=call, seconds=seconds, outcome=outcome, error=error)
        self._of.tell(ended, self._observers)
