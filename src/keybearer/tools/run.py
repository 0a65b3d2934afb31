"""A run: the model is asked, its calls are run, their results are sent, until it has ended.

Strategy: `next_step` says what is next, each of the small flows here does it, and `to_end` strings them together. A stream of a run
does the same steps, and shows the events between them.
Contract: a call is run once. No request that is tried again, no stream that is cut and no process that is killed runs it twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from keybearer.errors import KeybearerError, PromptTooLong, SpendLimitExceeded, StreamError, StreamTruncated
from keybearer.flow import Flow
from keybearer.tools.answer import RunAnswer
from keybearer.tools.calls import CallOutcome
from keybearer.tools.compaction import compaction_params, is_summary
from keybearer.tools.observed import ObservedRun
from keybearer.tools.options import RunOptions
from keybearer.tools.protocols import Ask, CallRunner, Journal, Split, Trim
from keybearer.tools.records import RunRecords
from keybearer.tools.result import ParsedRunResult, RunResult
from keybearer.tools.running import OuterRun, RunningCalls, outer_run
from keybearer.tools.state import RunState, begin, ended, history, reply
from keybearer.tools.step import CALL, End, Next, identified, next_step, read_reply
from keybearer.tools.tally import RunTally
from keybearer.tools.tool import ToolCall
from keybearer.tools.toolset import Toolset
from keybearer.types.api_object import APIObject
from keybearer.types.messages import Message
from keybearer.wire.response import parse

__all__ = ["Run"]

MOST_TRIES: Final = 3
"""How often a reply is asked for whose stream was cut before any of its calls had started, or whose history was too long."""


class Run:
    """A run.

    Args:
        tools: Its tools.
        options: How it is to go.
        params: The parameters of its requests.
        ask: Asks the model.
        runner: Runs the calls.
        clock: Seconds on a clock that never goes back.
        state: What has happened.
        trim: Shortens a history that is too long.
        split: Divides one, to have its beginning summed up.
        answer: The answer that it is to end with; None for any.
        journal: Keeps the records; None to keep none.
        observed: The run, as the observers follow it; None for nobody.

    Attributes:
        tally: What it has used so far.
    """

    def __init__(
        self,
        tools: Toolset,
        options: RunOptions,
        params: Mapping[str, Any],
        *,
        ask: Ask,
        runner: CallRunner,
        clock: Callable[[], float],
        state: RunState,
        trim: Trim | None = None,
        split: Split | None = None,
        answer: RunAnswer | None = None,
        journal: Journal | None = None,
        observed: ObservedRun | None = None,
    ) -> None:
        self.options = options
        self._observed = observed
        self.state = state
        self._tools, self._clock, self._ask, self._answer = tools, clock, ask, answer
        self._trimmed, self._split = trim, split
        self._records = RunRecords(state, runner.lock, journal)
        self.tally = RunTally(self._records)
        self._parent = outer_run()
        self._params = dict(params)
        if self._parent is not None and "spend_limit" in self._parent.params:
            from keybearer.tools.raising import with_limits_of

            self._params = with_limits_of(self._parent.params, self._params)
        self._begun = clock()
        self._calls = RunningCalls(
            self._records,
            options,
            runner=runner,
            clock=clock,
            ends=None if options.time_limit is None else self._begun + options.time_limit,
            run=OuterRun(self._params, self.tally),
            observed=observed,
        )
        self._over: End | None = None
        self._tries = 0
        self._partial = False  # the last reply is still streamed
        self._decided = bool(options.decisions) or options.approve is not None
        if not state.records:
            self._records.add(begin(params.get("messages") or ()))

    @property
    def next(self) -> Next | End:
        """What is next."""
        if self._calls:
            return CALL
        return self._over or next_step(
            self.state,
            self.options,
            seconds=self._clock() - self._begun,
            usage=lambda: self.tally.usage,
            decided=self._decided,
        )

    def request(self) -> dict[str, Any]:
        """Return the parameters of the next request, with the tools as they are now."""
        self._tools = self._tools.now()
        return {**self._asked(), "messages": self.state.messages}

    def _asked(self) -> dict[str, Any]:
        """Return the parameters of a request but for its messages."""
        return {**self._params, "tools": self._tools.params} if self._tools.params else self._params

    def to_end(self) -> Flow[RunResult]:
        """Run to the end."""
        watch = self.watch if self.options.run_tools_eagerly else None
        with self.failing():
            while not isinstance(step := self.next, End):
                if step is CALL:
                    for call in self.calls():
                        yield from self.outcome(call)
                    continue
                message: Message | None
                try:
                    message = yield from self._ask(self.request(), watch)
                except (PromptTooLong, SpendLimitExceeded, StreamError) as error:
                    message = yield from self.recover(error)
                if message is not None:
                    yield from self.add_reply(message)
            return (yield from self.result(step))

    def recover(self, error: PromptTooLong | SpendLimitExceeded | StreamError) -> Flow[Message | None]:
        """Return what can be kept of a reply that failed; None where there is nothing, and `next` says what follows.

        Raises:
            KeybearerError: It is `error`, when nothing can be done.
        """
        if isinstance(error, SpendLimitExceeded):
            yield from self._raise_limit(error)
            return None
        self._tries += 1
        if isinstance(error, PromptTooLong):
            if not self.state.turns or self._tries > MOST_TRIES:
                raise error
            yield from self._shorten(error)
            return None
        if self._calls and error.partial is not None:
            return _up_to_last(identified(error.partial), self._calls)
        if error.partial is not None:
            self.tally.add_lost(error.partial)
        self._partial = False
        if self._tries >= MOST_TRIES or not (isinstance(error, StreamTruncated) or error.retryable):
            raise error
        return None

    def _raise_limit(self, error: SpendLimitExceeded) -> Flow[None]:
        """Have a spend limit raised; end the run where nobody does. Its first request raises the error: nothing was done yet."""
        from keybearer.tools.raising import asked_to_raise

        if not (yield from asked_to_raise(error, self.options.approve, len(self.state.turns) + 1)):
            if not self.state.turns:
                raise error
            self._over = End("spend_limit")

    def _shorten(self, error: PromptTooLong) -> Flow[None]:
        """Shorten a history that outgrew the context window; end the run where that is not asked for, or comes to nothing."""
        how = self.options.on_context_full
        if how == "trim" and self._trimmed is not None:
            self._records.add(history(self._trimmed(self.state.messages, error)))
        elif how == "compact" and self._split is not None:
            old, rest = self._split(self.state.messages, error)
            message = yield from self._ask(compaction_params({**self._asked(), "messages": old}), None)
            self.tally.add_lost(message)
            summary = [block.to_param() for block in message.content if is_summary(block)]
            stays = [{"role": "assistant", "content": summary[-1:]}, *rest] if summary else self.state.messages
            self._records.add(history(stays, message.usage))
            if not summary:
                self._over = End("context_full")
        else:
            self._over = End("context_full")
            return
        yield from self._records.save()

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """Put what the run has come to on an error that ends it, as `error.run`; nothing that has not started starts after it."""
        if self._observed is not None:
            self._observed.start(self._params.get("model"), self._tools.names)
        try:
            yield
        except BaseException as error:
            self.give_up()
            if isinstance(error, KeybearerError):
                error.run = self.so_far(self.state.ended or "error")
            if self._observed is not None:
                self._observed.end(self.state.ended or "error", error=error)
            raise

    def watch(self, message: Message | None) -> None:
        """Look at a reply that is still streamed, whenever a block of it is complete, and start the calls that are."""
        if message is None or not (message.tool_calls and message.content[-1] is message.tool_calls[-1]):
            return
        message = identified(message)
        last = message.tool_calls[-1]
        due = [
            id_
            for id_ in read_reply(message, self._tools, self.options).calls
            if id_ != last.id or last.input  # an input that is empty may be one that was cut
        ]
        if all(id_ in self._calls for id_ in due):
            return
        message = _up_to_last(message, due)
        self._records.add(reply(message, due, cut=True, again=self._partial), message)
        self._partial = True
        self._calls.start(self.state.turns[-1].calls, self._tools)

    def add_reply(self, message: Message) -> Flow[None]:
        """Add a whole reply."""
        message = identified(message)
        reading = read_reply(message, self._tools, self.options, self._calls)
        note = reading.note or (self._answer.correction(message) if self._answer is not None else "")
        record = reply(message, reading.calls, note=note, dropped=reading.dropped, again=self._partial)
        self._records.add(record, message)
        self._tries, self._partial = 0, False
        yield from self._records.save()

    def calls(self) -> list[ToolCall]:
        """Start the calls of the last reply that have not started; return those whose outcomes are due, in their order."""
        turn = self.state.turns[-1]
        due = [call for call in turn.open_calls if self._decided or call.id not in turn.outcomes]
        self._calls.start(due, self._tools)
        self._decided = False  # what is put off from now on stays so in this process
        return [call for call in turn.calls if call.id in self._calls]

    def outcome(self, call: ToolCall) -> Flow[CallOutcome]:
        """Wait for the outcome of a call."""
        return self._calls.outcome(call)

    def result(self, end: End) -> Flow[RunResult]:
        """End the run.

        Raises:
            AnswerError: It was to end with an answer, and its last reply is none.
        """
        if self.state.ended != end.why:
            self._records.add(ended(end.why))
        yield from self._records.save()
        answer = None
        if self._answer is not None and self.state.turns:
            answer = self._answer.read(self.state.turns[-1].message, end.why)
        result = self.so_far(end.why)
        if isinstance(result, ParsedRunResult) and answer is not None:
            result = result.with_answer(answer)
        if self._observed is not None:
            self._observed.end(end.why, result)
        return result

    def so_far(self, why: str) -> RunResult:
        """Return what the run has come to."""
        kind: type[RunResult] = RunResult if self._answer is None else ParsedRunResult
        result = kind(self.state, why, self.tally.usage, tuple(self.tally.spent))
        if self._parent is not None:
            self._parent.tally.add_run(result)
        return result

    def stop(self) -> None:
        """Give up: nobody wants to know how it ends."""
        self.give_up()
        if self._observed is not None:
            self._observed.end("stopped")

    def give_up(self) -> None:
        """End the calls that are running, as far as they can be, and never start those that wait."""
        self._calls.give_up()


def _up_to_last(message: Message, started_ids: Collection[str]) -> Message:
    """Return a reply that was cut, up to the last of the calls that have started."""
    content: list[Any] = list(message.content)
    while content and getattr(content[-1], "id", None) not in started_ids:
        content.pop()
    kept = [block.to_dict() if isinstance(block, APIObject) else block for block in content]
    return parse.message({**message.to_dict(), "content": kept, "stop_reason": "tool_use"})
