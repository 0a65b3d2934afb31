"""`client.messages.run` and `run_stream`, for both clients, over the runs of `keybearer.tools.run`."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn

from msgspec import structs

from keybearer.api.messages import MessagesAPI
from keybearer.client.resources.stream_managers import StreamManager
from keybearer.conversation.splitting import split_refused
from keybearer.conversation.trimming import trim_refused
from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.run_journal import RunJournal
from keybearer.shell.run_streams import AsyncRunStream, R, RunStream
from keybearer.shell.runtime import current_runtime
from keybearer.shell.tool_calls import TaskCalls, ThreadCalls
from keybearer.tools.answer import RunAnswer
from keybearer.tools.observed import ObservedRun
from keybearer.tools.options import RunCallParams, RunOptions, split_params
from keybearer.tools.protocols import CallRunner
from keybearer.tools.result import RunResult
from keybearer.tools.run import Run
from keybearer.tools.state import RunState
from keybearer.tools.toolset import Toolset
from keybearer.types.turn_source import filled, wants_thread
from keybearer.wire.json import sendable

__all__ = ["AsyncRunStreamManager", "RunStreamManager", "run", "run_async"]


RUNNING: Final = "client.messages.run_stream(...) as run"


class _Opening(contextlib.ExitStack):
    """What a run is made from; its journal is open as long as this is entered.

    Attributes:
        api: What its requests go through, once it is made.
    """

    api: MessagesAPI

    def run(
        self, params: Mapping[str, Any], output_format: Any, reask: int, *, api: MessagesAPI, runner: CallRunner
    ) -> Run:
        """Make a run, or the one that goes on."""
        if params.get("thread") or wants_thread(params):
            raise UsageError(
                "A run sends the whole history each time: it takes no `thread`.",
                hint="Leave it out; of a conversation: `talk.replace(thread=False)`.",
            )
        options, asked = split_params(filled(params) if params.get("messages") is not None else params)
        answer = None if output_format is None else RunAnswer(output_format, reask)
        if answer is not None:
            asked = answer.asked(asked)
        tools = Toolset(asked.pop("tools", None) or ())
        if options.journal is not None and options.resume is not None:
            raise UsageError("A run goes on from its `journal` or from `resume`, not from both.")
        journal = self.enter_context(RunJournal(options.journal)) if options.journal is not None else None
        state = journal.state if journal is not None else _saved(options.resume)
        _check_decisions(options, state)
        for turn in state.turns:
            turn.message = turn.message.with_prices(api.defaults.prices)
        if (
            state.records
            and asked.get("messages") is not None
            and sendable(list(asked["messages"])) != state.first_messages
        ):
            where = f"The journal {os.fspath(options.journal)!r}" if options.journal is not None else "The saved run"
            raise UsageError(
                f"{where} began with other messages.",
                hint="Give each run a journal of its own, or leave `messages` out.",
            )
        observed = ObservedRun.of(api.exchange.observers)
        self.api = api if observed is None else structs.replace(api, run_id=observed.run_id)
        return Run(
            tools,
            options,
            asked,
            ask=self.api.watched,
            runner=runner,
            clock=time.monotonic,
            trim=trim_refused,
            split=split_refused,
            state=state,
            answer=answer,
            journal=journal,
            observed=observed,
        )


def _saved(text: str | bytes | None) -> RunState:
    """Return the run that somebody saved; a new one for None."""
    if text is None:
        return RunState()
    state = RunState.load(text)
    if not state.records:
        raise UsageError("`resume` holds no run.", hint="It takes what `RunResult.dump()` gave.")
    return state


def _check_decisions(options: RunOptions, state: RunState) -> None:
    """Check that each decision is on a call of the run: one that is on none would be ignored."""
    known = [call.id for turn in state.turns for call in turn.calls]
    if unknown := options.decisions.keys() - known:
        name = min(unknown)
        raise UsageError(
            f"`decisions` has one for {name!r}, which is no call of this run.{did_you_mean(name, known)}",
            hint="The ids are those of `RunResult.pending`, and the run goes on by `resume` or `journal`.",
        )


def run(
    api: MessagesAPI, driver: SyncDriver, params: RunCallParams, output_format: Any = None, reask: int = 0
) -> RunResult:
    """Run to the end, blocking."""
    with _Opening() as opening:
        made = opening.run(params, output_format, reask, api=api, runner=ThreadCalls(driver))
        return driver.run(made.to_end())


async def run_async(
    api: MessagesAPI, driver: AsyncDriver, params: RunCallParams, output_format: Any = None, reask: int = 0
) -> RunResult:
    """Run to the end, awaiting; the calls that are left when it is cancelled are cancelled, and awaited."""
    with _Opening() as opening:
        async with current_runtime().tasks() as start:
            made = opening.run(params, output_format, reask, api=api, runner=TaskCalls(driver, start))
            return await driver.run(made.to_end())


class RunStreamManager(StreamManager, Generic[R]):
    """Opens the run when its `with` block is entered, and stops it at its end."""

    _word = "with"
    _call = RUNNING
    _opens: ClassVar[type] = RunStream

    def __init__(
        self, api: MessagesAPI, driver: SyncDriver, params: RunCallParams, output_format: Any = None, reask: int = 0
    ) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._output_format, self._reask = output_format, reask
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> RunStream[R]:
        with contextlib.ExitStack() as opened:
            opening = opened.enter_context(_Opening())
            calls = ThreadCalls(self._driver)
            run = opening.run(self._params, self._output_format, self._reask, api=self._api, runner=calls)
            stream = opened.enter_context(contextlib.closing(RunStream[R](run, opening.api, self._driver)))
            self._stream, self._opened = stream, opened.pop_all()
            return stream

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __iter__(self) -> NoReturn:
            self._not_yet()


class AsyncRunStreamManager(StreamManager, Generic[R]):
    """Opens the run when its `async with` block is entered, and stops it at its end."""

    _word = "async with"
    _call = RUNNING
    _opens: ClassVar[type] = AsyncRunStream

    def __init__(
        self, api: MessagesAPI, driver: AsyncDriver, params: RunCallParams, output_format: Any = None, reask: int = 0
    ) -> None:
        self._api, self._driver, self._params = api, driver, params
        self._output_format, self._reask = output_format, reask
        self._opened = contextlib.AsyncExitStack()

    async def __aenter__(self) -> AsyncRunStream[R]:
        async with contextlib.AsyncExitStack() as opened:
            opening = opened.enter_context(_Opening())
            calls = TaskCalls(self._driver, await opened.enter_async_context(current_runtime().tasks()))
            run = opening.run(self._params, self._output_format, self._reask, api=self._api, runner=calls)
            stream = AsyncRunStream[R](run, opening.api, self._driver)
            opened.push_async_callback(stream.close)
            self._stream, self._opened = stream, opened.pop_all()
            return stream

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __aiter__(self) -> NoReturn:
            self._not_yet()

        def __await__(self) -> NoReturn:
            self._not_yet()
