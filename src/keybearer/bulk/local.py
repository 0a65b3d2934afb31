"""The engine *local*: an `AsyncClient` in this process, with so many requests under way at once.

Strategy: workers take requests from a queue that is refilled before it is empty; results are handed on a list at a time, as many
as have come. The client's limits, retries and spend limits hold inside. While its circuit breaker is open, rows wait instead of
failing. A row is marked as under way when a worker takes it, so that after a kill no more rows are in doubt than there are workers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from keybearer.bulk.arrivals import Arrivals
from keybearer.bulk.port import BulkRequest, BulkResult, Engine, failed_result
from keybearer.errors import CircuitOpen, KeybearerError, UsageError
from keybearer.types.api_object import source_of

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup
    from keybearer.client.aio import AsyncClient

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
        self._client = client
        self._options = options or {}
        self._mark = mark
        self._queue: deque[BulkRequest] = deque()
        self._arrivals = Arrivals()
        self._filled = asyncio.Event()  # something is in the queue, or nothing more will be
        self._room = asyncio.Event()
        self._over = False  # nothing more comes
        self._stopped = False
        self._open = 0

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
        while True:
            if not self._queue:
                if self._over:
                    return
                self._filled.clear()
                await self._filled.wait()
                continue
            if self._stopped:
                return
            request = self._queue.popleft()
            if len(self._queue) <= self.concurrency:
                self._room.set()
            if self._mark is not None:
                try:
                    self._mark([request.key])
                except UsageError:  # a full disk, which the journal tells the job: what is under way may still finish
                    self._queue.appendleft(request)
                    self.stop()
                    return
            self._open += 1
            result = await self._answer(request)
            self._open -= 1
            self._arrivals.add([result])

    async def _answer(self, request: BulkRequest) -> BulkResult:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                message = await self._client.messages.create(**request.params, **self._options)
            except CircuitOpen as error:
                if self._stopped or time.monotonic() > until:
                    return failed_result(request, error)
                await asyncio.sleep(max(error.retry_after, 0.1))
            except (KeybearerError, TypeError, ValueError, RecursionError) as error:
                return failed_result(request, error)
            else:
                return BulkResult(
                    key=request.key,
                    info=request.info,
                    message=source_of(message) or message.to_dict(),
                    text=message.text,
                    cost=message.cost,
                    request_id=message.request_id,
                )

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = self._over = True
        self._room.set()
        self._filled.set()

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken and not sent."""
        return [request.key for request in self._queue]

    def under_way(self) -> int:
        """Return how many requests were sent, whose results have not come."""
        return self._open

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none: nothing is left of an earlier run."""
        del keys
        return frozenset()


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
    options = {} if setup.budget is None else {"spend_limit": setup.budget}
    return LocalEngine(setup.client, concurrency=setup.concurrency, options=options, mark=setup.journal.begin)
