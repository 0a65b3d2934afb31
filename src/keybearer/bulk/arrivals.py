"""Results as they come from several tasks or from several iterations, for an engine that hands them on a list at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from keybearer.bulk.port import BulkResult

__all__ = ["Arrivals", "beside"]


class Arrivals:
    """The results that have come and were not handed on."""

    def __init__(self) -> None:
        self._came: list[BulkResult] = []
        self._news = asyncio.Event()

    def add(self, results: Sequence[BulkResult]) -> None:
        """Add results."""
        self._came += results
        self._news.set()

    async def until_done(self, tasks: Sequence[asyncio.Task[None]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Give the results as they come, until all tasks have ended; at the end of the iteration all are cancelled.

        Args:
            tasks: What adds results.

        Raises:
            Exception: What a task has raised.
        """
        for task in tasks:
            task.add_done_callback(lambda _: self._news.set())
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                ended = [task for task in tasks if task.done()]
                came, self._came = self._came, []
                if came:
                    yield came
                for task in ended:
                    task.result()
                if len(ended) == len(tasks) and not self._came:
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def beside(*iterations: AsyncGenerator[Sequence[BulkResult], None]) -> AsyncGenerator[Sequence[BulkResult], None]:
    """Give what several iterations give, as it comes; each goes on when what it gave was taken.

    Raises:
        Exception: What one of them has raised; the others are closed.
    """
    waited: dict[asyncio.Future[Sequence[BulkResult] | None], AsyncGenerator[Sequence[BulkResult], None]] = {}
    try:
        for each in iterations:
            waited[asyncio.ensure_future(anext(each, None))] = each
        while waited:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            failures = [failure for each in done if (failure := each.exception()) is not None]
            for next_one in done:
                each = waited.pop(next_one)
                if next_one.exception() is None and (came := next_one.result()) is not None:
                    yield came
                    waited[asyncio.ensure_future(anext(each, None))] = each
            for failure in failures:
                raise failure
    finally:
        for next_one in waited:
            next_one.cancel()
        await asyncio.gather(*waited, return_exceptions=True)
        for each in iterations:
            await each.aclose()
