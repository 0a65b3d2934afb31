"""The streams of a run: the events of each reply as it is written, and the results of its calls between them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any, Final, Generic, TypeAlias, TypeVar

from keybearer.api.messages import MessagesAPI
from keybearer.errors import PromptTooLong, SpendLimitExceeded, StreamError, UsageError
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.stream_base import BaseStream
from keybearer.shell.streams import AsyncMessageStream, MessageStream
from keybearer.tools.calls import ToolResultEvent
from keybearer.tools.result import RunResult
from keybearer.tools.run import Run
from keybearer.tools.step import CALL, End
from keybearer.types import events as ev
from keybearer.types.messages import Message

__all__ = ["AsyncRunStream", "R", "RunEvent", "RunStream"]

R = TypeVar("R", bound=RunResult)
"""What the run comes to."""

RunEvent: TypeAlias = ev.Event | ToolResultEvent
"""What a stream of a run gives: the events of its replies, and the results of its calls."""


BETWEEN: Final = "\n\n"
"""What stands between the texts of two replies."""


class _Texts:
    """The texts of several replies, as one."""

    def __init__(self) -> None:
        self._said = self._between = False

    def of(self, event: RunEvent) -> str:
        """Return the text that an event adds."""
        if isinstance(event, ev.MessageStartEvent):
            self._between = self._said
        if not isinstance(event, ev.TextEvent) or not event.text:
            return ""
        gap = BETWEEN if self._between else ""
        self._said, self._between = True, False
        return gap + event.text


class _RunStream(Generic[R]):
    """What the two streams share."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._result: Any = None

    def _watch(self, event: ev.Event, stream: BaseStream[Any]) -> None:
        """Start a call that is complete, where the run is eager."""
        if type(event) is ev.ContentBlockStopEvent and self._run.options.run_tools_eagerly:
            self._run.watch(stream.current_message)

    @property
    def result(self) -> R:
        """What the run has come to.

        Raises:
            UsageError: It has not ended.
        """
        if self._result is None:
            raise UsageError("The run has not ended.", hint="Read its stream to the end first.")
        result: R = self._result
        return result

    @property
    def so_far(self) -> RunResult:
        """What the run has come to, also when it was stopped; its last calls may have no result."""
        return self._result if self._result is not None else self._run.so_far("stopped")


class RunStream(_RunStream[R]):
    """A run as it goes, blocking: iterate over it for events; `result` is what it came to."""

    def __init__(self, run: Run, api: MessagesAPI, driver: SyncDriver) -> None:
        super().__init__(run)
        self._api, self._driver = api, driver
        self._iterator = self._events()

    def __iter__(self) -> Iterator[RunEvent]:
        return self._iterator

    def __next__(self) -> RunEvent:
        return next(self._iterator)

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of the replies, as it comes, with an empty line between two replies."""
        texts = _Texts()
        return (text for event in self if (text := texts.of(event)))

    def until_done(self) -> R:
        """Run to the end, and return what it came to."""
        for _ in self:
            pass
        return self.result

    def close(self) -> None:
        """Stop the run; a call that is running is given up."""
        self._run.stop()
        self._iterator.close()

    def _events(self) -> Generator[RunEvent, None, None]:
        run, driver = self._run, self._driver
        with run.failing():
            while not isinstance(step := run.next, End):
                if step is CALL:
                    for call in run.calls():
                        yield ToolResultEvent(driver.run(run.outcome(call)))
                    continue
                message: Message | None
                try:
                    with MessageStream(driver.run(self._api.open(run.request())), driver.call_hook) as stream:
                        for event in stream:
                            self._watch(event, stream)
                            yield event
                    message = stream.get_final_message()
                except (PromptTooLong, SpendLimitExceeded, StreamError) as error:
                    message = driver.run(run.recover(error))
                if message is not None:
                    driver.run(run.add_reply(message))
            self._result = driver.run(run.result(step))


class AsyncRunStream(_RunStream[R]):
    """A run as it goes, awaited: iterate over it for events; `result` is what it came to."""

    def __init__(self, run: Run, api: MessagesAPI, driver: AsyncDriver) -> None:
        super().__init__(run)
        self._api, self._driver = api, driver
        self._iterator = self._events()

    def __aiter__(self) -> AsyncIterator[RunEvent]:
        return self._iterator

    async def __anext__(self) -> RunEvent:
        return await anext(self._iterator)

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The text of the replies, as it comes, with an empty line between two replies."""
        texts = _Texts()
        return (text async for event in self if (text := texts.of(event)))

    async def until_done(self) -> R:
        """Run to the end, and return what it came to."""
        async for _ in self:
            pass
        return self.result

    async def close(self) -> None:
        """Stop the run; a call that is running is cancelled."""
        self._run.stop()
        await self._iterator.aclose()

    async def _events(self) -> AsyncGenerator[RunEvent, None]:
        run, driver = self._run, self._driver
        with run.failing():
            while not isinstance(step := run.next, End):
                if step is CALL:
                    for call in run.calls():
                        yield ToolResultEvent(await driver.run(run.outcome(call)))
                    continue
                message: Message | None
                try:
                    async with AsyncMessageStream(
                        await driver.run(self._api.open(run.request())), driver.call_hook
                    ) as stream:
                        async for event in stream:
                            self._watch(event, stream)
                            yield event
                    message = await stream.get_final_message()
                except (PromptTooLong, SpendLimitExceeded, StreamError) as error:
                    message = await driver.run(run.recover(error))
                if message is not None:
                    await driver.run(run.add_reply(message))
            self._result = await driver.run(run.result(step))
