"""The engine *batches*: Message Batches, at half the price, done within 24 hours.

    rows ─▶ chunk ─▶ (journal: about to be made) ─▶ create ─▶ (journal: its id) ─▶ look, with back-off ─▶ results ─▶ (journal: taken)
      ▲                        │ no id after a crash: look for it in the list, by its size, time and custom_id          │
      └── expired: in another batch ◀── a deadline: cancelled, and live ◀──────────────────────────────────────────────┘

Contract: a row is in one batch at a time, whatever is killed when. A run that is stopped leaves its batches to the service; the next
one fetches their results. A row that expired is sent again `MOST_EXPIRED` times.

Limits: a batch has at most `MOST_REQUESTS` rows and `MOST_BYTES`, less than the service allows, so that one fits in memory. How soon
batches end and how long rows take live (`SOON`, `LIVE_SECONDS`) are guesses; the service promises 24 hours only.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from keybearer.api.batches import MOST_REQUESTS, Chunk, encoded_row
from keybearer.bulk.arrivals import beside
from keybearer.bulk.batch_journal import AGAIN, BatchJournal, SentBatch, SubmittedRow
from keybearer.bulk.batch_live import LiveRows
from keybearer.bulk.batch_results import key_of, result_of
from keybearer.bulk.batch_search import find_batch
from keybearer.bulk.budget import job_budget
from keybearer.bulk.port import BulkRequest, BulkResult, failed_result
from keybearer.errors import CircuitOpen, KeybearerError, RateLimited, ServerError, SpendLimitExceeded, TransportError
from keybearer.policy.repeats import in_doubt
from keybearer.types.api_object import loads
from keybearer.types.batches import MessageBatch
from keybearer.wire.json import dumps, sendable

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup
    from keybearer.types.batches import BatchRow

__all__ = ["BatchesEngine", "make"]

MOST_BYTES: Final = 64_000_000
"""The most bytes of a batch's rows."""

MOST_EXPIRED: Final = 3
"""In how many batches a row may expire before that is its result."""

SOON: Final = 3_600.0
"""How soon most batches end, in seconds: with less time, rows go live at once. A guess."""

LIVE_SECONDS: Final = 10.0
"""How long a live row takes, in seconds. A guess."""

FIRST_LOOK: Final = 2.0
LONGEST_LOOK: Final = 60.0
SLOWER: Final = 1.5
"""The first wait between looks at the batches, the longest, in seconds, and how much longer each is than the one before."""

AT_ONCE: Final = 500
"""How many results are handed on at once."""

_UNKNOWN: Final = MessageBatch()
"""Stands for a batch that may have been made."""

_PASSING: Final = (CircuitOpen, RateLimited, ServerError, TransportError)
"""Errors of a look after which another may succeed."""


class BatchesEngine:
    """The engine *batches*; see `keybearer.bulk.port.Engine`.

    Args:
        setup: What it is made from.
    """

    keeps_track = True

    def __init__(self, setup: EngineSetup) -> None:
        limited = setup.client
        if setup.budget is not None and setup.budget.usd is not None:
            # A batch that does not fit is made when others have ended.
            budget = job_budget(setup.budget.usd, setup.journal.folder, waits=False)
            limited = setup.client.with_options(spend_limit=budget)
        self._batches = limited.messages.batches
        self._api: Any = self._batches._api  # noqa: SLF001 - its flows, so that each row is encoded once
        self._driver: Any = self._batches._driver  # noqa: SLF001 - what runs them
        self._journal = setup.journal
        self._kept = BatchJournal(setup.journal.index)
        self._note = setup.note
        self._concurrency = setup.concurrency
        self._until = None if setup.deadline is None else time.time() + setup.deadline
        self._failed: list[BulkResult] = []
        self._woken = asyncio.Event()
        self._stopped = self._hurried = False
        self._live = LiveRows(setup, self._kept)
        self._sending = set[str]()  # the nonces of batches that are being made
        self._tasks = set[asyncio.Task[None]]()  # what feeds, and what sends rows again
        self._again: asyncio.Task[None] | None = None

    # ── the run ──────────────────────────────────────────────────────────────

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come."""
        if self._until is not None and self._until - time.time() < SOON:
            self._kept.go_live([])
            results = beside(self._in_batches(_nothing()), self._go_live(work))
        else:
            results = self._in_batches(work)
        async with aclosing(results) as first:
            async for came in first:
                yield came
        async with aclosing(self._go_live(_nothing())) as last:
            async for came in last:
                yield came

    async def _go_live(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        async with aclosing(self._live.results(work)) as results:
            async for came in results:
                yield came
        if self._journal.trouble:  # then no batch is awaited either
            self.stop()

    async def _in_batches(
        self, work: AsyncIterator[Sequence[BulkRequest]]
    ) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Send what `work` gives in batches, and give the results of all batches as they end."""
        self._begin(self._feed(work))
        wait = FIRST_LOOK
        try:
            while not self._stopped:
                async with aclosing(self._round()) as results:
                    async for came in results:
                        wait = FIRST_LOOK
                        yield came
                if not self._under_way() and not self._kept.batches() and not self._kept.has_again():
                    break
                self._woken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), min(wait, self._time_left()))
                wait = min(LONGEST_LOOK, wait * SLOWER)
        except BaseException:
            self._stopped = True
            raise
        finally:
            if not self._sending:  # a batch that is being made gets its id
                for each in self._tasks:
                    each.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _round(self) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Look at each batch once, and give the results of those that have ended."""
        if self._failed:
            came, self._failed = self._failed, []
            yield came
        if not self._hurried and self._time_left() <= 0:
            await self._hurry()
        sent = [each for each in self._kept.batches() if each.nonce not in self._sending]  # as they are at this moment
        for batch in sent:
            if self._stopped:
                return
            found = await self._look(batch)
            if found is not None and found.processing_status == "ended":
                async with aclosing(self._fetch(batch, found.id)) as came_in:
                    async for results in came_in:
                        yield results
        if not self._stopped and (self._again is None or self._again.done()) and (rows := self._rows_again()):
            self._again = self._begin(self._submit_rows(rows))

    def _rows_again(self) -> list[SubmittedRow]:
        """Return rows that are to be in another batch, as many as one takes."""
        rows: list[SubmittedRow] = []
        size = 0
        for part in self._kept.rows_of(AGAIN):
            for row in part:
                size += len(row.params)
                if rows and (len(rows) >= MOST_REQUESTS or size > MOST_BYTES):
                    return rows
                rows.append(row)
        return rows

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        return task

    def _under_way(self) -> bool:
        """Return whether rows are still being sent; raise what ended a task that sent them."""
        for done in [each for each in self._tasks if each.done()]:
            self._tasks.discard(done)
            done.result()
        return bool(self._tasks)

    async def _look(self, batch: SentBatch) -> MessageBatch | None:
        """Return a batch as it is now; None where that is not known, or where it was not made."""
        try:
            return await self._batches.retrieve(batch.id) if batch.id else await self._find(batch)
        except _PASSING as error:
            self._note(f"a look at the batches failed, and is repeated: {error.message}")
            return None

    # ── sending ──────────────────────────────────────────────────────────────

    async def _feed(self, work: AsyncIterator[Sequence[BulkRequest]]) -> None:
        rows: list[SubmittedRow] = []
        size = 0
        async for requests in work:
            for request in requests:
                try:
                    params = dumps({name: sendable(value) for name, value in request.params.items()})
                except (TypeError, ValueError, RecursionError) as error:
                    self._failed.append(failed_result(request, error))
                    continue
                if rows and (len(rows) >= MOST_REQUESTS or size + len(params) > MOST_BYTES):
                    await self._submit_rows(rows)
                    rows, size = [], 0
                rows.append(SubmittedRow(request.key, params, request.info, request.source))
                size += len(params)
            if self._stopped:
                return
        await self._submit_rows(rows)
        self._woken.set()

    async def _submit_rows(self, rows: Sequence[SubmittedRow]) -> None:
        """Make a batch of rows; those that cannot be sent fail alone."""
        nonce = secrets.token_hex(4)
        chunk, good = self._encoded(nonce, rows)
        if not good or self._stopped:
            return
        self._sending.add(nonce)
        try:
            await self._made_at_last(nonce, chunk, good)
        finally:
            self._sending.discard(nonce)
            self._woken.set()

    async def _made_at_last(self, nonce: str, chunk: Chunk, good: list[SubmittedRow]) -> None:
        await asyncio.to_thread(self._kept.intend, nonce, time.time(), good)
        while (batch := await self._made(nonce, chunk)) is None:
            await asyncio.sleep(LONGEST_LOOK)
            if self._is_over():
                self._kept.forget(nonce)
                return
        if batch is not _UNKNOWN:
            self._kept.made(nonce, batch.id)
            self._note(f"{batch.id}: {len(good):,} rows were sent")

    def _is_over(self) -> bool:
        return self._stopped

    def _encoded(self, nonce: str, rows: Sequence[SubmittedRow]) -> tuple[Chunk, list[SubmittedRow]]:
        """Return the rows that can be sent, encoded and as they are; the others fail."""
        chunk, good = Chunk(), list[SubmittedRow]()
        for row in rows:
            named = {"custom_id": f"{row.key.hex()}-{nonce}", "params": loads(row.params)}
            try:
                chunk.add(len(good), encoded_row(self._api.defaults, len(good), named, {}))
            except KeybearerError as error:
                self._failed.append(failed_result(BulkRequest(row.key, {}, row.info, row.source), error))
                self._kept.remove([row.key])
            else:
                good.append(row)
        return chunk, good

    async def _made(self, nonce: str, chunk: Chunk) -> MessageBatch | None:
        """Make a batch; None where the service takes no more of them now, and `_UNKNOWN` where it may have been made."""
        others = any(each.nonce not in self._sending for each in self._kept.batches())
        try:
            made: MessageBatch = await self._driver.run(self._api.send(chunk, {}))
        except RateLimited as error:
            self._note(f"the service takes no more batches now: {error.message}")
            return None
        except SpendLimitExceeded:
            if not others:
                self._kept.forget(nonce)
                raise
            self._note("the budget has no room for another batch before one that is under way has ended")
            return None
        except KeybearerError as error:
            if not in_doubt(error):
                self._kept.forget(nonce)
                raise
            self._note(f"it is not known whether a batch was made, so it is looked for: {error.message}")
            return _UNKNOWN
        return made

    async def _find(self, batch: SentBatch) -> MessageBatch | None:
        """Look for a batch that may have been made when the last process ended; one that was not is sent again."""
        found = await find_batch(self._batches, batch, {each.id for each in self._kept.batches()})
        if isinstance(found, MessageBatch):
            self._kept.made(batch.nonce, found.id)
            return found
        if found == "not made":
            self._note(f"a batch of {batch.requests:,} rows was not made when an earlier run ended: it is sent now")
            self._kept.not_made(batch.nonce)
        return None

    # ── results ──────────────────────────────────────────────────────────────

    async def _fetch(self, batch: SentBatch, batch_id: str) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Give the results of a batch that has ended, but for rows that are sent again."""
        part: list[BatchRow] = []
        async with await self._batches.results(batch_id) as rows:
            async for row in rows:
                part.append(row)
                if len(part) >= AT_ONCE:
                    yield self._taken_in(part)
                    part = []
        yield self._taken_in(part)
        self._kept.ended(batch.nonce)

    def _taken_in(self, part: Sequence[BatchRow]) -> list[BulkResult]:
        found = {key: row for row in part if (key := key_of(row.custom_id)) is not None}
        rows = self._kept.rows(self._journal.unfinished(list(found)))
        again: list[bytes] = []
        results: list[BulkResult] = []
        for key, kept in rows.items():
            unfinished = found[key].result.type in {"expired", "canceled"}
            if unfinished and (self._hurried or found[key].result.type == "expired") and kept.expired < MOST_EXPIRED:
                again.append(key)
            else:
                results.append(result_of(found[key], kept))
        if self._hurried:
            self._kept.go_live(again)
        elif again:
            self._kept.expired(again)
        return results

    # ── a deadline ───────────────────────────────────────────────────────────

    def _time_left(self) -> float:
        """Return how long batches may still be awaited, in seconds, so that the others can go live in time."""
        if self._until is None or self._hurried:
            return float("inf")
        live = self._kept.count() * LIVE_SECONDS / self._concurrency
        return self._until - live - time.time()

    async def _hurry(self) -> None:
        """Cancel the batches that are under way, so that their rows go live."""
        self._hurried = True
        self._kept.go_live([])
        for batch in self._kept.batches():
            if batch.id is not None:
                with suppress(KeybearerError):  # it has ended meanwhile
                    await self._batches.cancel(batch.id)
        self._note("the deadline is near: batches that have not ended are cancelled, and their rows go live")

    # ── the port ─────────────────────────────────────────────────────────────

    def stop(self) -> None:
        """Send nothing more, and wait for no batch; they go on."""
        self._stopped = True
        self._woken.set()
        self._live.stop()

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken to go live, and not sent."""
        return self._live.unsent()

    def under_way(self) -> int:
        """Return how many rows are in batches, or live without an answer."""
        return self._kept.count() + self._live.under_way()

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return the keys among some whose rows are in a batch."""
        return self._kept.has(keys)


async def _nothing() -> AsyncGenerator[Sequence[BulkRequest], None]:
    for each in list[Sequence[BulkRequest]]():
        yield each


def make(setup: EngineSetup) -> BatchesEngine:
    """Return the engine *batches*."""
    return BatchesEngine(setup)
