"""A job under way: the engine pulls requests, results are written down, and it ends in order.

Strategy: a thread reads rows and makes requests; each list of results is one write to the results file. What ends a job early,
whether a signal, an error that concerns every row or a full disk, is the same request to stop: the engine sends nothing more, and
what is under way has `grace` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from msgspec import Struct

from keybearer.bulk.budget import is_used_up, used_up
from keybearer.bulk.feeding import RowFeeder
from keybearer.bulk.journal import BulkJournal, write_whole
from keybearer.bulk.lines import new_line, source_line
from keybearer.bulk.options import JobSettings
from keybearer.bulk.port import BulkRequest, BulkResult, Engine, NewLine
from keybearer.bulk.progress import BulkProgress, Pace, expected_usd
from keybearer.bulk.row_source import RowSource
from keybearer.bulk.sources import next_rows
from keybearer.bulk.stopping import BulkStop
from keybearer.bulk.summary import BulkSummary
from keybearer.bulk.trouble import Streak, ends_job
from keybearer.errors import KeybearerError, UsageError

__all__ = ["JobLoop", "JobParts", "start_anew"]

TICK: Final = 0.5
"""How often progress is reported, in seconds."""


class JobParts(Struct, frozen=True, kw_only=True):
    """What a job is made of.

    Attributes:
        asked: Its options.
        output: Where the results go.
        source: The rows.
        feeder: Makes requests of them.
        journal: Its journal.
        engine: Who carries them out.
        letter: The dead-letter file, open for writing; None without one.
    """

    asked: JobSettings
    output: Path
    source: RowSource
    feeder: RowFeeder
    journal: BulkJournal
    engine: Engine
    letter: IO[bytes] | None = None


class JobLoop:
    """A job under way.

    Args:
        parts: What it is made of.
    """

    def __init__(self, parts: JobParts) -> None:
        self._asked = parts.asked
        self._output = parts.output
        self._source = parts.source
        self._feeder = parts.feeder
        self._journal = parts.journal
        self._engine = parts.engine
        self._letter = parts.letter
        self._stop: BulkStop = parts.asked.stop or BulkStop()
        self._streak = Streak(parts.asked.give_up_after)
        self._error: KeybearerError | None = None
        self._begun = time.monotonic()
        self._pace = Pace(self._begun)
        self._passed = self._finished = 0
        self._failed = 0  # of both
        self._read_all = False
        self._usd_before = parts.journal.totals.usd
        self._in_doubt = parts.journal.in_doubt

    # ── driving ──────────────────────────────────────────────────────────────

    async def drive(self) -> None:
        """Carry the job out, until its end or until it is asked to end."""
        consuming = asyncio.create_task(self._consume())
        asked = asyncio.create_task(self._stop.asked.wait())
        now = asyncio.create_task(self._stop.now.wait())
        ticking = asyncio.create_task(self._tick())
        try:
            await asyncio.wait({consuming, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not consuming.done():
                self._engine.stop()
                await asyncio.wait({consuming, now}, timeout=self._asked.grace, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._engine.stop()
            for task in (consuming, asked, now, ticking):
                if not task.done():
                    task.cancel()
            await asyncio.gather(consuming, asked, now, ticking, return_exceptions=True)
            unsent = self._engine.unsent()
            if unsent and not self._journal.trouble:
                self._journal.give_back(unsent)
        self._check_journal()
        self._report()
        if not consuming.cancelled() and (failed := consuming.exception()) is not None:
            if not isinstance(failed, KeybearerError):
                raise failed
            self._error = self._error or failed

    async def _consume(self) -> None:
        async with (
            contextlib.aclosing(self._work()) as work,
            contextlib.aclosing(self._engine.results(work)) as results,
        ):
            async for came in results:
                self._take(came)

    async def _work(self) -> AsyncGenerator[Sequence[BulkRequest], None]:
        """Give the requests of the rows, a list at a time."""
        while not self._stop.why:
            rows = await next_rows(self._source)
            if not rows:
                self._read_all = True
                return
            fed = self._feeder.next(rows) if len(rows) == 1 else await asyncio.to_thread(self._feeder.next, rows)
            self._passed += fed.passed
            self._failed += fed.passed_failed
            if fed.failed:
                self._take(fed.failed)
            if fed.requests:
                yield fed.requests

    def _take(self, results: Sequence[BulkResult]) -> None:
        """Write results down; end the job where they say that no other can be sent."""
        lines: list[NewLine] = []
        letters: list[bytes] = []
        given_back: list[bytes] = []
        for each in results:
            if ends_job(each.raised):
                given_back.append(each.key)
                self._end(each.raised)
                continue
            if each.error is not None:
                letters.append(source_line(each))
            lines.append(each.line or new_line(each))
            if (error := self._streak.add(each)) is not None:
                self._end(error)
        self._finished += len(lines)
        self._failed += sum(not each.good for each in lines)
        if lines:
            self._journal.add(lines)
        if given_back and not self._journal.trouble:
            self._journal.give_back(given_back)
        self._check_journal()
        self._write_letters(letters)

    def _write_letters(self, letters: Sequence[bytes]) -> None:
        """Write rows that failed into the dead-letter file, after their lines, so that no answer is lost by it."""
        if self._letter is None or not letters:
            return
        try:
            write_whole(self._letter.fileno(), b"".join(letters))
        except OSError as error:
            self._letter = None
            where = str(self._asked.dead_letter)
            self._end(UsageError(f"The dead-letter file {where!r} cannot be written: {error.strerror or error}."))

    def _check_journal(self) -> None:
        if self._journal.trouble:
            self._end(UsageError(self._journal.trouble, hint="Make room, and run it again: it goes on where it ended."))

    def _end(self, error: Any) -> None:
        self._error = self._error or error
        if not self._stop.why:
            self._stop.request(str(error))

    # ── what it has come to ──────────────────────────────────────────────────

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._report()

    def _report(self) -> None:
        if self._asked.on_progress is not None:
            self._asked.on_progress(self._progress())

    def _progress(self) -> BulkProgress:
        now, totals = time.monotonic(), self._journal.totals
        rows = self._source.rows if self._read_all else self._source.total()
        done = self._passed + self._finished
        rate = self._pace.rate(now, self._finished)
        return BulkProgress(
            rows=rows,
            rows_estimated=not (rows is None or self._read_all or self._source.counted is not None),
            done=done,
            passed=self._passed,
            failed=self._failed,
            rate=rate,
            usd=totals.usd,
            run_usd=totals.usd - self._usd_before,
            expected_usd=expected_usd(totals, done, self._source),
            seconds_left=None if rows is None or not rate else max(0, rows - done) / rate,
            cache_hits=totals.cached / totals.read if totals.read else 0.0,
            seconds=now - self._begun,
        )

    def outcome(self) -> BulkSummary:
        """Return what it has come to.

        Raises:
            KeybearerError: It ended because no row can be sent any more.
        """
        totals = self._journal.totals
        succeeded, failed = self._counts()
        others = totals.done - succeeded - failed if self._read_all and not self._asked.ordered else 0
        error, budget = self._error, self._asked.max_budget_usd
        if error is not None and budget is not None and is_used_up(error):
            rows = self._source.rows if self._read_all else self._source.total()
            error = used_up(error, budget, succeeded + failed, rows)
        summary = BulkSummary(
            output=self._output,
            rows=self._source.rows,
            succeeded=succeeded,
            failed=failed,
            others=others,
            passed=self._passed,
            in_doubt=self._in_doubt,
            under_way=self._engine.under_way(),
            usd=totals.usd,
            run_usd=totals.usd - self._usd_before,
            unpriced=totals.unpriced,
            input_tokens=totals.read,
            output_tokens=totals.written,
            cache_hits=totals.cached / totals.read if totals.read else 0.0,
            seconds=time.monotonic() - self._begun,
            stopped=self._stop.why if error is None else str(error),
        )
        if others:
            self._asked.note(
                f"{self._output} has {others:,} results besides, of rows that this run did not ask for: they have another template or"
                f" model, or are gone. {start_anew(self._output, self._journal)}"
            )
        if error is not None:
            error.run = summary
            raise error
        return summary

    def _counts(self) -> tuple[int, int]:
        """Return how many of this run's rows have an answer, and how many an error."""
        if self._engine.keeps_track:  # it also gives results of rows that this run has not asked for
            return self._journal.tally(self._feeder.seen.order())
        return self._passed + self._finished - self._failed, self._failed


def start_anew(output: Path, journal: BulkJournal) -> str:
    """Return what to do for an output that has the results of one run alone."""
    return f"For a file without them, name another one, or remove {output} and {journal.folder} and run it again."
