"""What a job will take, before it is sent: tokens, dollars and time.

Strategy: the service counts the prompt of each row, which is free; with `sample` only so many rows are counted, and the others are
taken for as long as these on average. Answers are a range: from nothing to `max_tokens`. Nothing is sent to a model.

Limits: the time is a guess: a live row takes a second, and `SECONDS_PER_TOKEN` for each token of its answer, if no limit of the
service slows it down; batches take up to 24 hours.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any, Final, Unpack

from msgspec import Struct

from keybearer.api.call import SECONDS_PER_TOKEN
from keybearer.bulk.job import open_rows
from keybearer.bulk.journal_view import JournalView
from keybearer.bulk.keys import SeenRows
from keybearer.bulk.options import BulkOptions, checked
from keybearer.bulk.sources import Rows, next_rows
from keybearer.bulk.trouble import ends_job
from keybearer.client.aio import AsyncClient
from keybearer.errors import KeybearerError
from keybearer.prices import Cost, forecast
from keybearer.wire.request.build import COUNTED

__all__ = ["BulkEstimate", "estimate", "estimate_async"]

ROW_SECONDS: Final = 1.0
"""How long a live row takes beside the tokens of its answer, in seconds. A guess."""

DAY: Final = 86_400.0
"""How long a batch may take, in seconds."""


class BulkEstimate(Struct, frozen=True, kw_only=True):
    """What a job will take.

    Attributes:
        rows: How many rows there are that would be sent.
        done: How many would not, because an earlier run has finished them, or has them in a batch.
        counted: For how many of these the service counted the prompt.
        failed: How many rows cannot be sent, or counted.
        input_tokens: The tokens of all prompts.
        max_output_tokens: The most tokens that all answers may have.
        least: The cost if nothing is answered.
        most: The cost if every answer is as long as it may be.
        seconds: The least and the most seconds that it takes; a guess.
    """

    rows: int = 0
    done: int = 0
    counted: int = 0
    failed: int = 0
    input_tokens: int = 0
    max_output_tokens: int = 0
    least: Cost = Cost()
    most: Cost = Cost()
    seconds: tuple[float, float] = (0.0, 0.0)

    def __str__(self) -> str:
        about = "" if self.counted == self.rows else "about "
        failed = f", and {self.failed:,} that cannot be sent" if self.failed else ""
        head = f"{self.rows:,} rows{failed}"
        if self.done:
            head = f"of {self.rows + self.failed + self.done:,} rows, {self.done:,} are done{failed}"
            if not self.rows:
                return f"{head}; nothing would be sent"
            head = f"{head}; the other {self.rows:,}"
        least, most = map(_words, self.seconds)
        took = f"about {least}" if least == most else f"about {least} to {most}"
        return (
            f"{head}: {about}{self.input_tokens:,} tokens in, at most {self.max_output_tokens:,} out; "
            f"{about}from {self.least} to {self.most}; {took}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON types; dollars are text."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return found | {"least": self.least.to_dict(), "most": self.most.to_dict(), "seconds": list(self.seconds)}


def _words(seconds: float) -> str:
    """Return a time in the unit that fits."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5_400 else f"{seconds / 3_600:,.1f} h"


def estimate(
    rows: Rows,
    output: str | os.PathLike[str] | None = None,
    *,
    sample: int | None = None,
    **options: Unpack[BulkOptions],
) -> BulkEstimate:
    """Return what a job will take; nothing is sent to a model.

    Args:
        rows: As of `run`.
        output: As of `run`: rows that are finished there are not counted. None for a job that is new.
        sample: How many rows are counted; None for all of them.
        **options: As of `run`; only those that make requests of rows are read, `client`, `engine`, `concurrency` and `retry_failed`.

    Raises:
        UsageError: As of `run`.
        KeybearerError: No row can be counted, such as with a key that is refused.
    """
    return asyncio.run(estimate_async(rows, output, sample=sample, **options))


async def estimate_async(
    rows: Rows,
    output: str | os.PathLike[str] | None = None,
    *,
    sample: int | None = None,
    **options: Unpack[BulkOptions],
) -> BulkEstimate:
    """Do as `estimate`, awaited.

    Args:
        rows: As of `estimate`.
        output: As of `estimate`.
        sample: As of `estimate`.
        **options: As of `estimate`.

    Raises:
        UsageError: As of `estimate`.
        KeybearerError: As of `estimate`.
    """
    asked = checked(options)
    async with contextlib.AsyncExitStack() as opened:
        client, maker, source = await open_rows(asked, rows, opened)
        view = None
        if output is not None:
            view = opened.enter_context(JournalView(Path(output), retry_failed=asked.retry_failed))
        seen = SeenRows()
        opened.callback(seen.close)
        counting = _Counting(client, sample, batch=asked.engine == "batches")
        while found := await next_rows(source):
            made = [maker.make(row) for row in found]
            if view is not None:
                keys = seen.keys([row.hash for row in made])
                done = view.done(keys)
                counting.done += len(done)
                made = [row for key, row in zip(keys, made, strict=True) if key not in done]
            counting.failed += sum(row.error is not None for row in made)
            await counting.add([row.params for row in made if row.error is None], asked.concurrency)
    return counting.whole(asked.concurrency)


class _Counting:
    """Counts rows."""

    def __init__(self, client: AsyncClient, sample: int | None, *, batch: bool) -> None:
        self._client = client
        self._sample = sample
        self._batch = batch
        self.rows = self.counted = self.failed = self.done = 0
        self._tokens = self._most_out = 0
        self._least = self._most = Cost()

    async def add(self, requests: list[dict[str, Any]], at_once: int) -> None:
        """Count the next rows; with a sample, only as many as are left of it."""
        self.rows += len(requests)
        left = len(requests) if self._sample is None else max(0, self._sample - self.counted - self.failed)
        pending = iter(requests[:left])

        async def work() -> None:
            for params in pending:
                await self._count(params)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(at_once, left)):
                    group.create_task(work())
        except* KeybearerError as failed:
            first = failed.exceptions[0]
        else:
            return
        raise first

    async def _count(self, params: dict[str, Any]) -> None:
        try:
            found = await self._client.messages.count_tokens(**{k: v for k, v in params.items() if k in COUNTED})
        except (KeybearerError, TypeError, ValueError) as error:
            if ends_job(error):
                raise
            self.failed += 1
            self.rows -= 1
            return
        each = forecast(params, found.input_tokens, batch=self._batch)
        self.counted += 1
        self._tokens += each.input_tokens
        self._most_out += each.max_tokens
        self._least += each.least
        self._most += each.most

    def whole(self, at_once: int) -> BulkEstimate:
        """Return the estimate of all rows."""
        factor = self.rows / self.counted if self.counted else 0.0
        out = round(self._most_out * factor)
        live = self.rows * ROW_SECONDS / at_once
        return BulkEstimate(
            rows=self.rows,
            done=self.done,
            counted=self.counted,
            failed=self.failed,
            input_tokens=round(self._tokens * factor),
            max_output_tokens=out,
            least=_times(self._least, self.rows, self.counted),
            most=_times(self._most, self.rows, self.counted),
            seconds=(live, DAY) if self._batch else (live, live + out * SECONDS_PER_TOKEN / at_once),
        )


def _times(cost: Cost, rows: int, counted: int) -> Cost:
    """Return what all rows cost, of which so many were counted."""
    if rows == counted or not counted:
        return cost
    parts = {name: value * rows / counted for name, value in cost.parts.items()}
    return Cost(parts=parts, unknown=cost.unknown, notes=cost.notes)
