"""What a run came to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from msgspec import Struct

from keybearer.tools.calls import CallOutcome, Ending
from keybearer.tools.state import RunState
from keybearer.tools.tool import ToolCall
from keybearer.types.messages import Message
from keybearer.types.usage import Usage, count

if TYPE_CHECKING:
    from keybearer.prices import Cost
    from keybearer.types.parsed import ParsedMessage

__all__ = ["ParsedRunResult", "RunResult", "RunStep", "RunUsage"]

T = TypeVar("T")
"""The type of a run's answer."""


class RunUsage(Struct, frozen=True):
    """The tokens of a run, added up. A figure is None where a reply did not say it.

    Attributes:
        requests: How many replies there were.
        input_tokens: Input tokens that were neither read from the prompt cache nor written to it.
        output_tokens: Output tokens.
        cache_creation_input_tokens: Input tokens written to the prompt cache.
        cache_read_input_tokens: Input tokens read from the prompt cache.
    """

    requests: int = 0
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0

    @classmethod
    def of(cls, usages: Iterable[Usage | RunUsage]) -> RunUsage:
        """Add up usages, those of compactions within a reply too."""
        usages = list(usages)
        requests, sums = 0, cast("dict[str, int | None]", dict.fromkeys(_FIGURES, 0))
        for usage in usages:
            requests += usage.requests if isinstance(usage, RunUsage) else 1
        for usage in itertools.chain.from_iterable(map(_parts, usages)):
            for name, so_far in sums.items():
                figure = count(getattr(usage, name))
                if figure is None and name.startswith("cache"):
                    figure = 0  # a service without a prompt cache
                sums[name] = None if so_far is None or figure is None else so_far + figure
        return cls(requests, **sums)

    @property
    def total_tokens(self) -> int | None:
        """All tokens, input and output; None where a reply did not say."""
        figures = [getattr(self, name) for name in _FIGURES]
        return None if None in figures else sum(figures)


def _parts(usage: Usage | RunUsage) -> list[Usage | RunUsage]:
    """Return a usage with those of the compactions in it, which its own figures leave out. Source: `BetaUsage.iterations`."""
    iterations = usage.to_dict().get("iterations") if isinstance(usage, Usage) else None
    if not isinstance(iterations, list):
        return [usage]
    return [
        usage,
        *(Usage.of(each) for each in iterations if isinstance(each, dict) and each.get("type") == "compaction"),
    ]


_FIGURES = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class RunStep(Struct, frozen=True):
    """One reply of a run, and what came of its calls, in the order of the calls."""

    message: Message
    outcomes: tuple[CallOutcome, ...]


class RunResult:
    """What a run came to.

    Attributes:
        message: The last reply; None if there was none.
        messages: The history, valid to go on with: append a user's turn.
        ended: Why it ended: `end_turn`, `stop_sequence`, `refusal`, `max_tokens`, `max_turns`, `token_limit`, `time_limit`,
            `context_full`, `spend_limit`; `approval` where calls wait for somebody; `tool_use` where the model called a tool that is
            not run here.
        pending: The calls that wait: for somebody to allow them, or for you to run them.
        usage: The tokens, those of runs inside its tools too.
        steps: The replies, and what came of their calls.
    """

    def __init__(self, state: RunState, ended: str, usage: RunUsage, spent: tuple[Cost, ...] = ()) -> None:
        self._state = state
        self._spent = spent
        self.ended = ended
        self.usage = usage
        self.message: Message | None = state.turns[-1].message if state.turns else None
        self.messages: list[Any] = list(state.messages)
        self.steps = [
            RunStep(turn.message, tuple(turn.outcomes[call.id] for call in turn.calls if call.id in turn.outcomes))
            for turn in state.turns
        ]
        self.pending: list[ToolCall] = _pending(state)

    @property
    def text(self) -> str:
        """The text of the last reply."""
        return self.message.text if self.message is not None else ""

    @property
    def cost(self) -> Cost:
        """What the run cost: its replies, and what was spent on summaries, cut streams and runs inside tools."""
        from keybearer.prices import Cost

        return sum([*(step.message.cost for step in self.steps), *self._spent], Cost())

    def dump(self) -> str:
        """Return the run as JSON lines, to go on with another day: `client.messages.run(resume=..., ...)`."""
        return self._state.dump()

    def __repr__(self) -> str:
        return f"<RunResult: {self.ended} after {len(self.steps)} replies, {self.usage.total_tokens} tokens>"


class ParsedRunResult(RunResult, Generic[T]):
    """What a run came to that was asked for a value of a type.

    Attributes:
        parsed_output: The value; None where the run ended before its answer, such as at a limit or at a call that waits.
    """

    parsed_output: T | None = None

    def with_answer(self, message: ParsedMessage[T]) -> Self:
        """Put the answer in the place of the last reply."""
        self.message, self.parsed_output = message, message.parsed_output
        return self


def _pending(state: RunState) -> list[ToolCall]:
    if not state.turns:
        return []
    turn = state.turns[-1]
    waiting = [
        call
        for call in turn.calls
        if (outcome := turn.outcomes.get(call.id)) is not None and outcome.ending is Ending.LATER
    ]
    ours = {call.id for call in turn.calls}
    number = len(state.turns)
    return waiting + [ToolCall(each.id, each.name, each.input, number) for each in turn.asked if each.id not in ours]
