"""How a run of tools is to go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, TypedDict

from msgspec import Struct

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.tools.calls import Approve, Decision, ToolFailure
from keybearer.tools.toolset import AnyTool
from keybearer.types.requests import AnswerParams, MessageParam, PromptParams

__all__ = ["RunCallParams", "RunOptions", "RunParams", "split_params"]

MAX_TURNS: Final = 50
MAX_PARALLEL: Final = 16


class RunParams(TypedDict, total=False):
    """The options of a run, beside the parameters of `messages.create`.

    Attributes:
        max_turns: How many replies to ask for at the most; None for any number.
        token_limit: How many tokens the run may use before it asks no more, input and output together; None for any number.
        time_limit: How long it may take before it asks no more, in seconds; tools that run then are given up.
        max_parallel: How many tools may run at once.
        tool_timeout: How long a call may take, in seconds, where the tool says nothing; None for as long as it takes.
        run_tools_eagerly: Start a call when it is complete in the stream, before the reply is.
        approve: Asked before each call of a tool that needs it: a `Decision`, or True or False. A coroutine function is awaited. It is
            also asked for `raise_spend_limit`, when a request does not fit under a limit that may be raised.
        approve_all: Ask before each call of any tool.
        decisions: What somebody has said to calls meanwhile, by their ids, for a run that goes on.
        on_tool_error: Called with a `ToolFailure` when a tool raises what is no `ToolError`.
        on_max_tokens: What to do when a reply is cut at `max_tokens`: `stop`, or `continue` without the call that was cut.
        on_context_full: What to do when the history outgrows the context window: `stop`, `trim` its oldest turns, or `compact`: have
            the service sum them up (a beta of it, which not every model has).
        on_unknown: What a call is answered with that a killed run had started: `report` to the model that its outcome is unknown, or
            `run` it again. Calls of idempotent tools are run again.
        journal: The file that keeps the run: one that was killed goes on where it was.
        resume: The saved run that goes on: what `RunResult.dump()` gave.
    """

    max_turns: int | None
    token_limit: int | None
    time_limit: float | None
    max_parallel: int
    tool_timeout: float | None
    run_tools_eagerly: bool
    approve: Approve
    approve_all: bool
    decisions: Mapping[str, Decision | bool]
    on_tool_error: Callable[[ToolFailure], Any]
    on_max_tokens: Literal["stop", "continue"]
    on_context_full: Literal["stop", "trim", "compact"]
    on_unknown: Literal["report", "run"]
    journal: Any
    resume: str | bytes


class RunCallParams(PromptParams, AnswerParams, RunParams, total=False):
    """The keyword arguments of `messages.run` and `messages.run_stream`: those of `messages.create`, and `RunParams`.

    `messages` may be left out where a run goes on. `tools` takes functions and `@tool`s beside tools as a request has them.
    """

    messages: Iterable[MessageParam]
    tools: Iterable[AnyTool]


class RunOptions(Struct, frozen=True, kw_only=True):
    """`RunParams`, checked, with what each is by default."""

    max_turns: int | None = MAX_TURNS
    token_limit: int | None = None
    time_limit: float | None = None
    max_parallel: int = MAX_PARALLEL
    tool_timeout: float | None = None
    run_tools_eagerly: bool = False
    approve: Approve | None = None
    approve_all: bool = False
    decisions: Mapping[str, Decision | bool] = {}
    on_tool_error: Callable[[ToolFailure], Any] | None = None
    on_max_tokens: str = "stop"
    on_context_full: str = "stop"
    on_unknown: str = "report"
    journal: Any = None
    resume: str | bytes | None = None


_CHOICES: Final = {
    "on_max_tokens": ("stop", "continue"),
    "on_context_full": ("stop", "trim", "compact"),
    "on_unknown": ("report", "run"),
}
_NUMBERS: Final = ("max_turns", "token_limit", "time_limit", "max_parallel", "tool_timeout")


def split_params(params: Mapping[str, Any]) -> tuple[RunOptions, dict[str, Any]]:
    """Return the options of a run, and the parameters of its requests.

    Raises:
        TypeError: There is no such option.
        UsageError: An option cannot be what it is.
    """
    if "stream" in params:
        raise TypeError("messages.run() has no parameter 'stream'. Use messages.run_stream(...).")
    if unknown := params.keys() - RunCallParams.__annotations__.keys():
        name = min(unknown)
        raise TypeError(
            f"messages.run() has no parameter {name!r}.{did_you_mean(name, RunCallParams.__annotations__)} "
            "A parameter of the API that this version does not know goes into extra_body={...}."
        )
    given = {name: value for name, value in params.items() if name in RunOptions.__struct_fields__}
    for name, choices in _CHOICES.items():
        if (value := given.get(name, choices[0])) not in choices:
            raise UsageError(
                f"`{name}` is {value!r}.{did_you_mean(str(value), choices)}",
                hint=f"It may be {', '.join(choices[:-1])} or {choices[-1]}.",
            )
    for name in _NUMBERS:
        value = given.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value <= 0):
            raise UsageError(f"`{name}` is {value!r}: it must be a number above 0, or None.")
    for name in ("approve", "on_tool_error"):
        if (value := given.get(name)) is not None and not callable(value):
            raise UsageError(f"`{name}` is a {type(value).__name__}: it must be a function.")
    if given.get("max_parallel", 1) is None:
        del given["max_parallel"]
    return RunOptions(**given), {name: value for name, value in params.items() if name not in given}
