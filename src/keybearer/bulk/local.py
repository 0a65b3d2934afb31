"""The engine *local*: an `AsyncClient` in this process, with so many requests under way at once.

Strategy: workers take requests from a queue that is refilled before it is empty; results are handed on a list at a time, as many
as have come. The client's limits, retries and spend limits hold inside. While its circuit breaker is open, rows wait instead of
failing. A row is marked as under way when its request goes to the transport, so that one that waits for a limit is not in doubt after
a kill, and is not sent after a stop.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Self

from keybearer.bulk.arrivals import Arrivals
from keybearer.bulk.port import BulkRequest, BulkResult, Engine, failed_result
from keybearer.errors import CircuitOpen, KeybearerError, UsageError
from keybearer.types.api_object import source_of

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup
    from keybearer.client.aio import AsyncClient
    from keybearer.shell.transports.base import AsyncTransport
    from keybearer.types.http import Reply, Request

__all__ = ["LocalEngine", "make"]

PATIENCE: Final = 600.0
"""How long a row waits for the circuit breaker, in seconds."""


class LocalEngine:
    """The engine *local*; see `keybearer.bulk.port.Engine`.

    Args:
        client: What sends the requests; it stays open.
        concurrency: How many are under way at once.
        options: What steers every call, such as `spend_limit`.
        mark: Called with the key of a row before the row is sent; a UsageError means that it must not be, and nothing more is. None
            where another process has marked the rows.
    """

    keeps_track = False
    marks_sent = True

    def __init__(
        self,
        client: AsyncClient,
        *,
        concurrency: int,
        options: dict[str, Any] | None = None,
        mark: Callable[[Sequence[bytes]], object] | None = None,
    ) -> None:
        self.concurrency = concurrency
        messages = client.messages
        self._api = messages._api  # noqa: SLF001 - its flows
        self._driver = messages._driver.over(lambda transport: _Noting(transport, self._about_to_send))  # noqa: SLF001 - what runs them
        self._messages = type(messages)(self._api, self._driver)
        self._options = options or {}
        self._mark = mark
        self._queue: deque[BulkRequest] = deque()
        self._waiting: dict[asyncio.Task[Any] | None, BulkRequest] = {}  # what workers have taken and not sent
        self._unsent: list[bytes] = []
        self._arrivals = Arrivals()
        self._filled = asyncio.Event()  # something is in the queue, or nothing more will be
        self._room = asyncio.Event()
        self._over = False  # nothing more comes
        self._stopped = False
        self._open = 0

    @classmethod
    def of(cls, setup: EngineSetup) -> Self:
        """Return the engine of a job, in this process."""
        options = {} if setup.budget is None else {"spend_limit": setup.budget}
        return cls(setup.client, concurrency=setup.concurrency, options=options, mark=setup.journal.begin)

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come."""
        tasks = [asyncio.create_task(self._feed(work))]
        tasks += [asyncio.create_task(self._serve()) for _ in range(self.concurrency)]
        async with aclosing(self._arrivals.until_done(tasks)) as results:
            async for came in results:
                yield came

    async def _feed(self, work: AsyncIterator[Sequence[BulkRequest]]) -> None:
        try:
            async for requests in work:
                self._queue.extend(requests)
                self._filled.set()
                while len(self._queue) > self.concurrency and not self._over:
                    self._room.clear()
                    await self._room.wait()
                if self._over:
                    return
        finally:
            self._over = True
            self._filled.set()

    async def _serve(self) -> None:
        this = asyncio.current_task()
        while True:
            if not self._queue:
                if self._over:
                    return
                self._filled.clear()
                await self._filled.wait()
                continue
            if self._stopped:
                return
            request = self._waiting[this] = self._queue.popleft()
            if len(self._queue) <= self.concurrency:
                self._room.set()
            if not await self._serve_one(request, this):
                return

    async def _serve_one(self, request: BulkRequest, this: asyncio.Task[Any] | None) -> bool:
        """Carry a request out; return whether it was sent, or has failed before: else nothing more is sent."""
        result: BulkResult | None = None
        try:
            result = await self._answer(request, this)
        except asyncio.CancelledError:
            if not (self._stopped and this in self._waiting):  # else it is `stop` that ends its wait
                raise
        finally:
            waited = self._waiting.pop(this, None) is not None
            if result is None and waited:
                self._unsent.append(request.key)
            elif result is not None and not waited:
                self._open -= 1
        if result is not None:
            self._arrivals.add([result])
        return result is not None

    async def _answer(self, request: BulkRequest, this: asyncio.Task[Any] | None) -> BulkResult | None:
        """Return what came of a request; None for one that was not sent because nothing more is."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await self._asked(request)
            except CircuitOpen as error:
                if this not in self._waiting:  # what was sent has failed
                    self._open -= 1
                    self._waiting[this] = request
                if self._stopped:
                    return None
                if time.monotonic() > until:
                    return failed_result(request, error)
                await asyncio.sleep(max(error.retry_after, 0.1))
            except (KeybearerError, TypeError, ValueError, RecursionError) as error:
                return None if self._stopped and this in self._waiting else failed_result(request, error)

    async def _asked(self, request: BulkRequest) -> BulkResult:
        message = await self._messages.create(**request.params, **self._options)
        return BulkResult(
            key=request.key,
            info=request.info,
            message=source_of(message) or message.to_dict(),
            text=message.text,
            cost=message.cost,
            request_id=message.request_id,
        )

    def _about_to_send(self) -> None:
        """Note that the row of this task is sent now.

        Raises:
            UsageError: It cannot be marked, as on a full disk, which the journal tells the job: nothing more is sent.
        """
        this = asyncio.current_task()
        request = self._waiting.get(this)
        if request is None:  # it is sent again
            return
        if self._mark is not None:
            try:
                self._mark([request.key])
            except UsageError:
                self.stop()
                raise
        del self._waiting[this]
        self._open += 1

    def stop(self) -> None:
        """Send nothing more: not what waits for a limit either."""
        if self._stopped:
            return
        self._stopped = self._over = True
        self._room.set()
        self._filled.set()
        this = asyncio.current_task()
        for task in list(self._waiting):
            if task is not None and task is not this:
                task.cancel()

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken and not sent."""
        return [*self._unsent, *(request.key for request in self._queue)]

    def under_way(self) -> int:
        """Return how many requests were sent, whose results have not come."""
        return self._open

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none: nothing is left of an earlier run."""
        del keys
        return frozenset()


class _Noting:
    """A transport that says when a request is sent.

    Args:
        transport: Sends the requests; it is not closed.
        about_to_send: Called before each; what it raises ends the request, which is not sent.
    """

    def __init__(self, transport: AsyncTransport, about_to_send: Callable[[], None]) -> None:
        self._transport = transport
        self._about_to_send = about_to_send

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        self._about_to_send()
        return await self._transport.send(request)

    async def close(self) -> None:
        """Do nothing: the connections are the client's."""


def make(setup: EngineSetup) -> Engine:
    """Return the engine *local*, in this process or in several.

    Raises:
        UsageError: There is a deadline, which only batches have a use for.
    """
    if setup.deadline is not None:
        raise UsageError("A deadline is for the engine batches: rows of the engine local are live anyway.")
    if setup.processes > 1:
        from keybearer.bulk.processes import ProcessesEngine

        return ProcessesEngine(setup, setup.processes)
    return LocalEngine.of(setup)
