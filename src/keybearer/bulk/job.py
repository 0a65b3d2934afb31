"""A job: rows in, an engine in the middle, results out, and an end in order.

Strategy: `run_async` opens what a job is made of, and `keybearer.bulk.job_loop` drives it. `run` is the same in an event loop of
its own, with signals.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import IO, Any, Unpack

from keybearer.bulk.budget import job_budget
from keybearer.bulk.engines import EngineSetup, make_engine
from keybearer.bulk.feeding import RowFeeder
from keybearer.bulk.job_loop import JobLoop, JobParts, start_anew
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.keys import SeenRows
from keybearer.bulk.options import BulkOptions, JobSettings, checked
from keybearer.bulk.output import check_output, is_direct, write_output
from keybearer.bulk.requests import RequestMaker
from keybearer.bulk.row_source import RowSource
from keybearer.bulk.sources import Rows, open_source
from keybearer.bulk.stopping import BulkStop, stopped_by_signals
from keybearer.bulk.summary import BulkSummary
from keybearer.bulk.template import Template
from keybearer.client.aio import AsyncClient
from keybearer.errors import UsageError

__all__ = ["open_rows", "run", "run_async"]


def run(rows: Rows, output: str | os.PathLike[str], **options: Unpack[BulkOptions]) -> BulkSummary:
    """Send every row as a request, and write every result; an earlier run of the same job is gone on with.

    SIGINT, SIGTERM and SIGHUP end it in order when it runs in the main thread: rows under way may finish, and the next run goes on.

    Args:
        rows: A path (JSON lines, .csv, .tsv, .parquet), a file of JSON lines, or anything to iterate over: mappings of columns
            with a template, requests without one.
        output: Where the results go: JSON lines, or Parquet where the name ends in .parquet. The journal is beside it.
        **options: `keybearer.bulk.options.BulkOptions` has their types and meanings: `template`, `params`, `client`, `engine`,
            `concurrency`, `ordered`, `retry_failed`, `dead_letter`, `max_budget_usd` and others.

    Returns:
        What the job has come to. `stopped` says why it has ended early, where it was asked to.

    Raises:
        UsageError: Something that was given cannot be used, another process is at the job, or too many rows failed in a row.
        KeybearerError: No row can be sent any more, such as with a key that is refused. `run` is the summary.

    Example:
        summary = bulk.run(
            "reviews.csv",
            "answers.jsonl",
            template="Is this review kind? {text}",
            params={"model": "claude-haiku-4-5", "max_tokens": 100},
        )
    """
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UsageError("bulk.run() blocks, and an event loop is running.", hint="Write await bulk.run_async(...).")
    return asyncio.run(_with_signals(rows, output, options))


async def _with_signals(rows: Rows, output: str | os.PathLike[str], options: BulkOptions) -> BulkSummary:
    stop = options.get("stop") or BulkStop()
    more: Any = {**options, "stop": stop}
    with stopped_by_signals(stop):
        return await run_async(rows, output, **more)


async def run_async(rows: Rows, output: str | os.PathLike[str], **options: Unpack[BulkOptions]) -> BulkSummary:
    """Do as `run`, awaited, on asyncio. Signals are the caller's; `stop` and cancellation end it.

    Args:
        rows: As of `run`.
        output: As of `run`.
        **options: As of `run`.

    Raises:
        UsageError: As of `run`.
        KeybearerError: As of `run`.
    """
    asked = checked(options)
    path = Path(output)
    check_output(path)
    async with contextlib.AsyncExitStack() as opened:
        client, maker, source = await open_rows(asked, rows, opened)
        journal = opened.enter_context(BulkJournal(path, direct=is_direct(path, ordered=asked.ordered)))
        if asked.retry_failed:
            journal.drop_failed()
        if journal.index.asked_otherwise(maker.way()) and journal.totals.done and not asked.ordered:
            asked.note(
                f"The run before asked with another template, model or other parameters: its results stay in {path}."
                f" {start_anew(path, journal)}"
            )
        setup = EngineSetup(
            client=client,
            journal=journal,
            concurrency=asked.concurrency,
            processes=asked.processes,
            grace=asked.grace,
            budget=None if asked.max_budget_usd is None else job_budget(asked.max_budget_usd, journal.folder),
            deadline=asked.deadline,
            make_client=asked.make_client,
            note=asked.note,
        )
        engine = make_engine(asked.engine, setup)
        seen = SeenRows(ordered=asked.ordered or engine.keeps_track)
        opened.callback(seen.close)
        parts = JobParts(
            asked=asked,
            output=path,
            source=source,
            feeder=RowFeeder(maker, journal, seen, engine),
            journal=journal,
            engine=engine,
            letter=_letter(asked, opened),
        )
        job = JobLoop(parts)
        try:
            await job.drive()
        finally:
            if not is_direct(path, ordered=asked.ordered) and not journal.trouble:
                write_output(path, journal.lines(seen.order if asked.ordered else None))
        return job.outcome()


async def open_rows(
    asked: JobSettings, rows: Rows, opened: contextlib.AsyncExitStack
) -> tuple[AsyncClient, RequestMaker, RowSource]:
    """Open the rows of a job, with the client that they are for and what makes requests of them.

    Raises:
        UsageError: The rows cannot be read, or lack a column that is asked for.
    """
    client = asked.client or await opened.enter_async_context(AsyncClient())
    maker = _maker(asked, client)
    source = open_source(rows)
    opened.callback(source.close)
    maker.check_columns(source.columns)
    maker.check_parameters(client)
    await asyncio.to_thread(source.count)
    return client, maker, source


def _maker(asked: JobSettings, client: AsyncClient) -> RequestMaker:
    given = asked.template
    return RequestMaker(
        given if given is None or isinstance(given, Template) else Template(given),
        params={"model": client.model, "max_tokens": client.max_tokens, **(asked.params or {})},
        id_column=asked.id_column,
        keep=asked.keep,
        with_source=asked.dead_letter is not None,
    )


def _letter(asked: JobSettings, opened: contextlib.AsyncExitStack) -> IO[bytes] | None:
    """Open the dead-letter file; it begins anew where the rows that failed are sent again."""
    if asked.dead_letter is None:
        return None
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if asked.retry_failed else 0)
    file = os.open(asked.dead_letter, flags, 0o600)  # it has the rows, as the results have
    return opened.enter_context(open(file, "ab", buffering=0))  # noqa: PTH123 - the stack closes it
