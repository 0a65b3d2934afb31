"""One call of a tool, as a flow: checked, allowed, in its turn, recorded, run within its time, and answered in words for the model.

Contract: a call has an outcome whatever its tool does. What a tool raises is said to the caller's hook, and to the model without the
program's insides. The record that it starts is written before it starts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from msgspec import Struct

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.flow import CallHook, Expired, Flow, Invoke, Stopped, Wait
from keybearer.policy.deadline import format_seconds
from keybearer.schema.shape import Misfit
from keybearer.schema.signature import CallArguments
from keybearer.tools.calls import ALLOW, Allow, CallOutcome, Decision, Deny, Edit, Ending, Later, ToolFailure
from keybearer.tools.content import result_content
from keybearer.tools.observed import ObservedRun
from keybearer.tools.options import RunOptions
from keybearer.tools.order import Order, Place
from keybearer.tools.records import RunRecords
from keybearer.tools.state import started
from keybearer.tools.tool import Tool, ToolCall, ToolError
from keybearer.tools.toolset import Toolset

__all__ = ["Execution"]

_log = logging.getLogger("keybearer")

UNKNOWN: Final = (
    "The outcome is unknown: the program was stopped while this call was running. It may have been carried out, in whole or in part. "
    "Find out before you call it again."
)
PUT_OFF: Final = "This call waits for somebody to allow it."
FAILED: Final = "The tool failed; what went wrong is known to the program alone. The same call may fail again."


class Execution(Struct, frozen=True, kw_only=True):
    """What the calls of a reply are run with.

    Attributes:
        tools: The run's tools.
        options: How the run is to go.
        order: When each may start.
        clock: Seconds on a clock that never goes back.
        records: The run's records; None to keep none.
        interrupted: The calls that were started before, by a process that was killed: the number of the turn, and the id.
        observed: The run, as the observers follow it; None for nobody.
    """

    tools: Toolset
    options: RunOptions
    order: Order
    clock: Callable[[], float]
    records: RunRecords | None = None
    interrupted: Collection[tuple[int, str]] = ()
    observed: ObservedRun | None = None

    def place(self, call: ToolCall) -> Place:
        """Give a call its place; done in the order of the reply, before any of them is run."""
        tool = self.tools.get(call.name)
        return self.order.enter(overtakes=tool is not None and tool.read_only)

    def run(self, call: ToolCall, place: Place) -> Flow[CallOutcome]:
        """Run a call to its outcome."""
        try:
            return (yield from self._run(call, place))
        finally:
            if not place.held:
                self.order.leave(place)

    def _run(self, call: ToolCall, place: Place) -> Flow[CallOutcome]:
        tool = self.tools.get(call.name)
        if tool is None:
            return _error(call, f"There is no tool named {call.name!r}.{did_you_mean(call.name, self.tools.names)}")
        if (call.turn, call.id) in self.interrupted and not tool.idempotent and self.options.on_unknown == "report":
            return CallOutcome(call, UNKNOWN, is_error=True, ending=Ending.UNKNOWN)
        try:
            args, kwargs = tool.arguments(call)
        except Misfit as misfit:
            return _error(call, _words(misfit))
        decision = yield from self._decide(tool, call)
        if isinstance(decision, Later):
            self.order.hold(place)
            return CallOutcome(call, PUT_OFF, is_error=True, ending=Ending.LATER)
        if isinstance(decision, Deny):
            return CallOutcome(call, decision.reason, is_error=True, ending=Ending.DENIED)
        if isinstance(decision, Edit):
            args, kwargs = _edited(tool, call, decision)
        waiting = self.order.turn(place)
        if waiting is not None and not (yield from Wait(waiting)):
            return CallOutcome(call, PUT_OFF, is_error=True, ending=Ending.LATER)
        if self.records is not None:
            self.records.add(started(call))
            yield from self.records.save()
        invoked = self._invoke(tool, call, decision, args, kwargs)
        if self.observed is None:
            return (yield from invoked)
        return (yield from self.observed.tool(call, invoked, description=tool.description, mcp=tool.mcp))

    def _decide(self, tool: Tool[..., Any], call: ToolCall) -> Flow[Decision]:
        said = self.options.decisions.get(call.id)
        if said is None and (tool.needs_approval or self.options.approve_all):
            if self.options.approve is None:
                return Later()
            said = yield from Invoke(self.options.approve, (call,))
        if said is None or said is True:
            return ALLOW
        if said is False:
            return Deny()
        if not isinstance(said, Allow | Deny | Edit | Later):
            raise UsageError(
                f"`approve` returned a {type(said).__name__} for the call of {call.name}.",
                hint="It may return Allow(), Deny(reason), Edit(input), Later(), True or False.",
            )
        return said

    def _invoke(
        self, tool: Tool[..., Any], call: ToolCall, decision: Decision, args: Any, kwargs: Any
    ) -> Flow[CallOutcome]:
        limit = tool.timeout if tool.timeout is not None else self.options.tool_timeout
        begun = self.clock()
        try:
            content = result_content((yield from Invoke(tool.function, args, kwargs, limit)))
        except ToolError as error:
            return _error(call, error.content, self.clock() - begun)
        except Expired:
            words = f"The tool was given up after {format_seconds(limit or 0.0)}. It may still be at work."
            return _error(call, words, self.clock() - begun)
        except Exception as failure:  # noqa: BLE001 - whatever a tool raises
            raised = failure.raised if isinstance(failure, Stopped) else failure
            if self.options.on_tool_error is None:
                _log.error("The tool %s failed.", call.name, exc_info=raised)
            else:
                yield from CallHook(self.options.on_tool_error, ToolFailure(call, raised, FAILED))
            return _error(call, FAILED, self.clock() - begun)
        if isinstance(decision, Edit):
            content = _with_note(content, "The input was changed before it was run.")
        return CallOutcome(call, content, seconds=self.clock() - begun)


def _error(call: ToolCall, content: Any, seconds: float = 0.0) -> CallOutcome:
    return CallOutcome(call, content, is_error=True, ending=Ending.FAILED, seconds=seconds)


def _edited(tool: Tool[..., Any], call: ToolCall, decision: Edit) -> CallArguments:
    """Return the arguments that a person gave a call."""
    try:
        return tool.arguments(call._replace(input=dict(decision.input)))
    except Misfit as misfit:
        raise UsageError(f"The input that `approve` gave for {call.name} does not fit: {misfit}.") from None


def _words(misfit: Misfit) -> str:
    lines = "\n".join(f"- {problem}" for problem in misfit.problems)
    return f"The input does not fit the tool's schema, so it was not run:\n{lines}"


def _with_note(content: Any, note: str) -> Any:
    blocks: list[Mapping[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return [*blocks, {"type": "text", "text": note}]
