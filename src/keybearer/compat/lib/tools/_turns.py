"""What the tool runners share: a loop as a pure generator of steps, the history and the parameters that a program may change in it.

Strategy: `steps` says what is next and is sent what came of it; each runner does it, blocking or awaiting. A call is run by
`keybearer.tools.execute`, as in `client.messages.run`.

Contract: calls run one at a time, in the order of the reply, once the loop's body is done with it. A call that has run is never run
again, whatever the program does to the history. What a tool raises is logged, and the model reads that the tool failed, not how.

Source: `lib/tools/_beta_runner.py` of the `anthropic` 2.14.0 wheel.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from keybearer.errors import UsageError
from keybearer.flow import Flow
from keybearer.shell.tool_calls import make_order
from keybearer.tools.calls import CallOutcome, result_block
from keybearer.tools.execute import Execution
from keybearer.tools.options import RunOptions
from keybearer.tools.step import identified
from keybearer.tools.tool import Tool, ToolCall
from keybearer.tools.toolset import AnyTool, Toolset, as_tool
from keybearer.types.api_object import APIObject
from keybearer.types.messages import Message

__all__ = ["RUN_TOOLS", "Ask", "Steps", "Turns"]

_log = logging.getLogger("keybearer")

RUN_TOOLS: Final = "run_tools"
"""The step that answers the calls of the last reply."""

KEPT: Final = frozenset({"betas", "user_profile_id", "workspace_id"})
"""Parameters that stay when others take the place of all."""

NOT_COMPACTED: Final = frozenset({"context_management", "stop_sequences", "output_format"})
"""Parameters that do not go with `compaction`."""


class Ask(Struct, frozen=True):
    """Ask for a reply, show it, and send it to the steps.

    Attributes:
        params: The arguments of `messages.create`.
    """

    params: Mapping[str, Any]


Steps: TypeAlias = Generator[Ask | str, Any, None]


class Turns:
    """A run, as its caller may look at it and change it between the replies.

    Args:
        params: The arguments of `messages.create`, and `tools` of any kind.
        max_iterations: How many replies to ask for at the most; None for any number.
    """

    def __init__(self, params: Mapping[str, Any], *, max_iterations: int | None) -> None:
        if params.get("thread"):
            raise UsageError("A tool runner sends the whole history: it takes no `thread` but False.")
        if params.get("compaction") is not None:
            raise UsageError("A tool runner takes no `compaction`.", hint="Call runner.compact_before_next_turn().")
        params = {name: value for name, value in params.items() if name != "thread"}
        given = list(params.pop("tools", None) or ())
        self.history: list[Any] = list(params.pop("messages"))
        self.reply: Message | None = None
        self.closed = False
        self._tools = Toolset(given)
        self._sent_tools = list(self._tools.params)
        self._extra: dict[str, Tool[..., Any] | None] = {}  # by `add_tools`; None was taken away
        self._changes: list[dict[str, Any]] = []
        self._params = params
        self._most = max_iterations
        self._count = 0
        self._handling = self._owned = self._compacting = False
        self._compaction: Mapping[str, Any] | None = None
        self._outcomes: dict[str, CallOutcome] = {}
        self.response: dict[str, Any] | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The arguments of the next request."""
        tools = {"tools": self._sent_tools} if self._sent_tools else {}
        return {**self._params, **tools, "messages": list(self.history)}

    def steps(self) -> Steps:
        """Yield what is next; each `Ask` is answered with its reply, once the caller has seen it."""
        stop: str | None = None
        while not self.closed and (self._most is None or self._count < self._most):
            self._send_changes(held=stop == "pause_turn")
            if self._compaction is not None and stop not in {"pause_turn", "compaction"}:
                yield from self._compacted(self._compaction)
                continue
            self._outcomes, self.response, self._handling = {}, None, True
            message: Message = yield Ask(self.params)
            self._handling = False
            message = self.reply = identified(message)
            stop = message.stop_reason
            self._count += 1
            answered: Any = None
            if stop == "tool_use":
                answered = yield RUN_TOOLS
            if not self._owned:
                self.history += [message.to_param(), *([answered] if answered else ())]
            goes_on = stop in {"pause_turn", "compaction"} or (stop == "tool_use" and bool(answered or self._owned))
            self._owned = False
            if not goes_on:
                if self._compaction is not None and not message.tool_calls:
                    yield from self._compacted(self._compaction)
                return

    def _compacted(self, compaction: Mapping[str, Any]) -> Steps:
        self._compaction, before = None, self.reply
        length = len(self.history)
        self._compacting = True
        message: Message = yield Ask(_compacting(self.params, compaction))
        self._compacting = False
        if any(block.type == "compaction" and getattr(block, "content", None) for block in message.content):
            self.history = [message.to_param(), *self.history[length:]]
        else:
            _log.warning("The compaction gave no summary: the conversation stays as it is.")
            self.reply = before

    def append(self, *messages: Any) -> None:
        """Add messages to the history. While a reply is handled the caller then owns it: the reply itself is not added."""
        self._check_open()
        self._owned = self._owned or self._handling
        self.response = None
        self.history += [each.to_param() if isinstance(each, APIObject) else each for each in messages]

    def set_params(self, params: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        """Take other parameters for the requests to come; those that are left out are sent no more."""
        self._check_open()
        before = self.params
        now = dict(params(before) if callable(params) else params)
        if now.get("compaction") is not None:
            raise UsageError("A tool runner takes no `compaction`.", hint="Call runner.compact_before_next_turn().")
        self.history = list(now.pop("messages"))
        if "tools" in now:
            sent = [_param(each) for each in now.pop("tools")]
            names = {each.get("name") for each in sent}
            for name in set(self._tools.names) - names:
                self._extra[name] = None
            self._sent_tools = sent
        else:
            self._sent_tools = []
        self._params = {**{name: value for name, value in before.items() if name in KEPT}, **now}

    def _check_open(self) -> None:
        if self._compacting:
            raise UsageError(
                "The conversation is being compacted, and the summary takes its place.",
                hint="Change it on the next iteration.",
            )

    def compact(self, compaction: Mapping[str, Any] | None = None) -> None:
        """Compact the conversation before the next turn."""
        if not self._compacting:
            self._compaction = {"type": "summarize"} if compaction is None else compaction

    def add_tools(self, *tools: AnyTool) -> None:
        """Give the model more tools, by blocks of a system turn."""
        for each in tools:
            made = as_tool(each)
            definition = _param(each)
            if isinstance(name := definition.get("name"), str):
                self._extra[name] = made if isinstance(made, Tool) else None
            self._changes.append(
                {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": definition}}
            )

    def remove_tools(self, *tools: Any) -> None:
        """Take tools away from the model, by blocks of a system turn."""
        for each in tools:
            name = each if isinstance(each, str) else each.name
            self._extra[name] = None
            self._changes.append({"type": "tool_removal", "tool": {"type": "tool_reference", "name": name}})

    def _send_changes(self, *, held: bool) -> None:
        if self._changes and not held:
            self.history.append({"role": "system", "content": self._changes})
            self._changes = []

    def respond(self) -> Flow[dict[str, Any] | None]:
        """Run the calls of the last reply that have not run; return the turn that answers them, None where there is none."""
        if self.response is None and self.reply is not None:
            results = []
            for call in self.reply.tool_calls:
                outcome = yield from self.outcome(ToolCall(call.id, call.name, call.input, self._count or 1))
                results.append(result_block(outcome))
            self.response = {"role": "user", "content": results} if results else None
        return self.response

    def outcome(self, call: ToolCall) -> Flow[CallOutcome]:
        """Run a call, unless it has run."""
        if call.id not in self._outcomes:
            tools = self._runnable()
            if tools.get(call.name) is None:
                warnings.warn(
                    f"There is no tool {call.name!r} to run; there are {tools.names}. Answer calls of others with append_messages().",
                    UserWarning,
                    stacklevel=2,
                )
            execution = Execution(
                tools=tools,
                options=RunOptions(max_parallel=1),
                order=make_order(1),
                clock=time.monotonic,
            )
            self._outcomes[call.id] = yield from execution.run(call, execution.place(call))
        return self._outcomes[call.id]

    def has_run(self, call_id: str) -> bool:
        """Return whether a call of the last reply has run."""
        return call_id in self._outcomes

    def _runnable(self) -> Toolset:
        if not self._extra:
            return self._tools
        known = {name: self._tools.get(name) for name in self._tools.names} | self._extra
        return Toolset([tool for tool in known.values() if tool is not None])


def _compacting(params: Mapping[str, Any], compaction: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the request that compacts, without what does not go with it."""
    left = {name: value for name, value in params.items() if name not in NOT_COMPACTED}
    choice = left.get("tool_choice")
    if isinstance(choice, Mapping) and choice.get("type") in {"any", "tool"}:
        del left["tool_choice"]
    if isinstance(config := left.get("output_config"), Mapping):
        left["output_config"] = {name: value for name, value in config.items() if name != "format"}
    return {**left, "compaction": compaction}


def _param(tool: AnyTool) -> dict[str, Any]:
    made = as_tool(tool)
    return made.to_param() if isinstance(made, Tool) else dict(made)
