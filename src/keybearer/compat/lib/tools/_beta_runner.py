"""The tool runners, under the official SDK's names: each gives the replies as they come, and runs their calls after the loop's body.

A `BetaToolRunner` gives messages, a `BetaStreamingToolRunner` streams; the `Async` ones are awaited. All are one loop (`_turns`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, Generic, Self, TypeVar

from keybearer.compat.lib.tools._eager import EagerCalls
from keybearer.compat.lib.tools._turns import Ask, Turns
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.streams import AsyncMessageStream, MessageStream
from keybearer.tools.step import identified
from keybearer.tools.tool import ToolCall
from keybearer.types.content import ToolUseBlock
from keybearer.types.parsed import ParsedMessage

__all__ = ["BetaAsyncStreamingToolRunner", "BetaAsyncToolRunner", "BetaStreamingToolRunner", "BetaToolRunner"]

T = TypeVar("T")
"""The type of the last reply's `parsed_output`."""

Item = TypeVar("Item")
"""What a runner gives for each reply."""


class _Runner:
    """The methods that do not wait.

    Args:
        messages: The client's `messages`, which sends the requests.
        driver: Runs the calls.
        params: The arguments of `messages.create`, and the tools.
        max_iterations: How many replies to ask for at the most; None for any number.
        run_tools_eagerly: Run each call when the model has moved on from it, where the replies are streamed.
    """

    def __init__(
        self,
        messages: Any,
        driver: Any,
        params: Mapping[str, Any],
        *,
        max_iterations: int | None,
        run_tools_eagerly: bool = False,
    ) -> None:
        self._messages = messages
        self._driver = driver
        self._turns = Turns(params, max_iterations=max_iterations)
        self._eagerly = run_tools_eagerly
        self._eager: EagerCalls | None = None

    def append_messages(self, *messages: Any) -> None:
        """Add messages to the history; in the loop's body they take the place of the reply and its results."""
        self._turns.append(*messages)

    def set_messages_params(self, params: Any) -> None:
        """Take other parameters for the requests to come: a mapping, or a function from the ones that stand.

        Args:
            params: With `messages` and all else that is to be sent; `betas`, `user_profile_id` and `workspace_id` stay.
        """
        self._turns.set_params(params)

    def add_tools(self, *tools: Any) -> None:
        """Give the model more tools with the next request, without another `tools` (beta `inline-tools-2026-09-15`)."""
        self._turns.add_tools(*tools)

    def remove_tools(self, *tools: Any) -> None:
        """Take tools away with the next request, by themselves or by name (beta `inline-tools-2026-09-15`)."""
        self._turns.remove_tools(*tools)

    def compact_before_next_turn(self, compaction: Mapping[str, Any] | None = None) -> None:
        """Compact the conversation before the model's next turn (beta `compact-2026-09-04`)."""
        self._turns.compact(compaction)

    def defer_tool_call(self, tool_use: ToolUseBlock | str) -> None:
        """Hold a call of the reply that streams until the loop's body is done with it."""
        if self._eager is not None:
            self._eager.hold(tool_use)

    @property
    def deferred_tool_calls(self) -> list[ToolUseBlock]:
        """The calls that are held, whole, in their order; those that have run are none of them."""
        held = self._eager.held() if self._eager is not None else []
        return [call for call in held if not self._turns.has_run(call.id)]

    def _due(self, call: ToolUseBlock | None) -> ToolCall | None:
        """Return the call that is run now."""
        if call is None or self._eager is None or self._eager.is_held(call):
            return None
        return ToolCall(call.id, call.name, call.input)


class _SyncRunner(_Runner, Generic[Item, T]):
    _driver: SyncDriver

    def __init__(self, messages: Any, driver: SyncDriver, params: Mapping[str, Any], **how: Any) -> None:
        super().__init__(messages, driver, params, **how)
        self._iterator = self._run()

    def __iter__(self) -> Iterator[Item]:
        while True:  # a loop that is left early does not end the run
            try:
                item = next(self._iterator)
            except StopIteration:
                return
            yield item

    def __next__(self) -> Item:
        return next(self._iterator)

    def _asked(self, params: Mapping[str, Any]) -> AbstractContextManager[tuple[Item, Callable[[], ParsedMessage[T]]]]:
        """Ask for a reply: give what the caller sees of it, and what returns it whole."""
        raise NotImplementedError

    def _run(self) -> Generator[Item, None, None]:
        steps = self._turns.steps()
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration:
                return
            if isinstance(step, Ask):
                with self._asked(step.params) as (item, whole):
                    yield item
                    came = whole()
            else:
                came = self.generate_tool_call_response()

    def generate_tool_call_response(self) -> dict[str, Any] | None:
        """Run the calls of the last reply that have not run, and return the turn that answers them; None where there is none."""
        self._take_reply()
        return self._driver.run(self._turns.respond())

    def _take_reply(self) -> None:
        """Read the reply that streams to its end."""

    def until_done(self) -> ParsedMessage[T]:
        """Go on to the end, and return the last reply."""
        for _ in self:
            pass
        reply: Any = self._turns.reply
        last: ParsedMessage[T] = reply
        return last

    def close(self) -> None:
        """Stop the run."""
        self._turns.closed = True
        if not getattr(self._iterator, "gi_running", False):
            self._iterator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BetaToolRunner(_SyncRunner[ParsedMessage[T], T]):
    """Gives each reply of a run as a message."""

    @contextmanager
    def _asked(self, params: Mapping[str, Any]) -> Iterator[tuple[ParsedMessage[T], Callable[[], ParsedMessage[T]]]]:
        message = self._messages.parse(**params)
        self._turns.reply = identified(message)
        yield message, lambda: message


class BetaStreamingToolRunner(_SyncRunner[MessageStream, T]):
    """Gives each reply of a run as a stream."""

    _stream: MessageStream | None = None

    @contextmanager
    def _asked(self, params: Mapping[str, Any]) -> Iterator[tuple[MessageStream, Callable[[], Any]]]:
        with self._messages.stream(**params) as stream:
            self._stream = stream
            if self._eagerly:
                self._eager = EagerCalls()
                stream.pass_through(self._running_tools)
            yield stream, stream.get_final_message
        self._stream = None

    def _take_reply(self) -> None:
        if self._stream is not None:
            self._turns.reply = identified(self._stream.get_final_message())

    def _running_tools(self, events: Iterator[Any]) -> Iterator[Any]:
        moved_on: ToolUseBlock | None = None
        eager = self._eager
        for event in events:
            if (call := self._due(moved_on)) is not None:
                self._driver.run(self._turns.outcome(call))
            moved_on = eager.track(event) if eager is not None else None
            yield event


class _AsyncRunner(_Runner, Generic[Item, T]):
    _driver: AsyncDriver

    def __init__(self, messages: Any, driver: AsyncDriver, params: Mapping[str, Any], **how: Any) -> None:
        super().__init__(messages, driver, params, **how)
        self._iterator = self._run()

    async def __aiter__(self) -> AsyncIterator[Item]:
        while True:  # a loop that is left early does not end the run
            try:
                item = await anext(self._iterator)
            except StopAsyncIteration:
                return
            yield item

    async def __anext__(self) -> Item:
        return await anext(self._iterator)

    def _asked(self, params: Mapping[str, Any]) -> AbstractAsyncContextManager[tuple[Item, Callable[[], Any]]]:
        """Ask for a reply: give what the caller sees of it, and what returns it whole."""
        raise NotImplementedError

    async def _run(self) -> AsyncGenerator[Item, None]:
        steps = self._turns.steps()
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration:
                return
            if isinstance(step, Ask):
                async with self._asked(step.params) as (item, whole):
                    yield item
                    came = await whole()
            else:
                came = await self.generate_tool_call_response()

    async def generate_tool_call_response(self) -> dict[str, Any] | None:
        """Run the calls of the last reply that have not run, and return the turn that answers them; None where there is none."""
        await self._take_reply()
        return await self._driver.run(self._turns.respond())

    async def _take_reply(self) -> None:
        """Read the reply that streams to its end."""

    async def until_done(self) -> ParsedMessage[T]:
        """Go on to the end, and return the last reply."""
        async for _ in self:
            pass
        reply: Any = self._turns.reply
        last: ParsedMessage[T] = reply
        return last

    async def close(self) -> None:
        """Stop the run."""
        self._turns.closed = True
        if not getattr(self._iterator, "ag_running", False):
            await self._iterator.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class BetaAsyncToolRunner(_AsyncRunner[ParsedMessage[T], T]):
    """Gives each reply of a run as a message."""

    @asynccontextmanager
    async def _asked(self, params: Mapping[str, Any]) -> AsyncIterator[tuple[ParsedMessage[T], Callable[[], Any]]]:
        message = await self._messages.parse(**params)
        self._turns.reply = identified(message)

        async def whole() -> Any:
            return message

        yield message, whole


class BetaAsyncStreamingToolRunner(_AsyncRunner[AsyncMessageStream, T]):
    """Gives each reply of a run as a stream."""

    _stream: AsyncMessageStream | None = None

    @asynccontextmanager
    async def _asked(self, params: Mapping[str, Any]) -> AsyncIterator[tuple[AsyncMessageStream, Callable[[], Any]]]:
        async with self._messages.stream(**params) as stream:
            self._stream = stream
            if self._eagerly:
                self._eager = EagerCalls()
                stream.pass_through(self._running_tools)
            yield stream, stream.get_final_message
        self._stream = None

    async def _take_reply(self) -> None:
        if self._stream is not None:
            self._turns.reply = identified(await self._stream.get_final_message())

    async def _running_tools(self, events: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
        moved_on: ToolUseBlock | None = None
        eager = self._eager
        async for event in events:
            if (call := self._due(moved_on)) is not None:
                await self._driver.run(self._turns.outcome(call))
            moved_on = eager.track(event) if eager is not None else None
            yield event
