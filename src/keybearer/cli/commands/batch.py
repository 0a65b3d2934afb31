"""`keybearer batch`: message batches, at half the price: run a file of requests, look at batches, read results, cancel.

With `--engine`, a template, or rows that are CSV or Parquet, `run` is a job with a journal (`keybearer.cli.bulk_job`).

Contract: `run -o FILE` that is ended at any moment and run again sends nothing twice (`keybearer.cli.batch_record`). Results are
JSON lines in ASCII, which no text of a model can use to steer a terminal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from keybearer import errors
from keybearer.cli.batch_record import BatchRecord
from keybearer.cli.bulk_options import add_job_options, is_job
from keybearer.cli.called import make_client
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, Subcommand, add_json, add_options, add_subcommands, run_subcommand
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.prompts import json_lines, read_text
from keybearer.cli.tables import say_table
from keybearer.errors import KeybearerError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keybearer.cli.notes import SideNotes
    from keybearer.client.sync import Client
    from keybearer.types.batches import BatchRow, MessageBatch

__all__ = ["add_arguments", "run"]

HEAD: Final = ("ID", "STATUS", "CREATED", "DONE", "FAILED", "LEFT")
MOST: Final = 4 << 30
"""The most that a file of requests may have, in bytes."""

run = with_notes(run_subcommand)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS, *CLIENT, *NOTES)


# ── run ──────────────────────────────────────────────────────────────────────


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", help='JSON lines, {"custom_id": ..., "params": {...}} each, or rows of a job; - for standard input'
    )
    _output_argument(parser)
    parser.add_argument("--no-wait", action="store_true", help="send them, print the batches' ids, and end")
    add_options(parser, "model")
    add_job_options(parser)


def _output_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="where the results go (default: standard output)")


def _run(args: argparse.Namespace) -> int:
    if is_job(args):
        from keybearer.cli.bulk_job import run_job

        return run_job(args)
    text = read_text(args, MOST)
    requests = list(_requests(text, args))
    if not requests:
        raise UsageError("There are no requests.", hint="Each line is one.")
    record = BatchRecord(None if args.no_wait else args.output, hashlib.sha256(text.encode()).hexdigest())
    with make_client(args) as client:
        _send(client, requests, record, args.notes)
        if args.no_wait:
            for each in record.batches:
                say(each)
            return ExitCode.OK
        code = _wait_and_write(client, record.batches, args)
    record.done()
    return code


def _send(client: Client, requests: list[Any], record: BatchRecord, notes: SideNotes) -> None:
    """Send the requests that no earlier run has sent."""
    if record.batches:
        notes.note(f"an earlier run has sent {record.sent:,} of these requests: {', '.join(record.batches)}.")
    if not (left := requests[record.sent :]):
        return
    record.begin()
    try:
        client.messages.batches.submit_all(
            left, on_made=lambda batch: record.made(batch.id, batch.request_counts.processing)
        )
    except KeybearerError as error:
        if _nothing_came_of(error):
            record.end()
        raise
    record.end()


def _nothing_came_of(error: KeybearerError) -> bool:
    """Return whether an error says for certain that no batch was made of the request that it is about."""
    if isinstance(error, TransportError):
        return not error.delivered
    return isinstance(error, _REFUSALS)


_REFUSALS: Final = (
    errors.UsageError, errors.CredentialError, errors.InvalidRequest, errors.CredentialInvalid, errors.NotFound,
    errors.RateLimited, errors.QuotaExceeded, errors.CircuitOpen,
)  # fmt: skip
"""Errors before anything was sent, and the service's own refusals."""


def _wait_and_write(client: Client, ids: list[str], args: argparse.Namespace) -> int:
    try:
        for each in ids:
            args.notes.note(f"{each}: waiting; Ctrl-C ends the waiting, and the batch goes on.")
            client.messages.batches.wait(each, on_look=_BatchProgress(args.notes))
    except KeyboardInterrupt:
        complain(f"The batches go on: keybearer batch results {' '.join(ids)}")
        raise
    return _write(_rows(client, ids), args)


class _BatchProgress:
    """Says how far a batch is, when that has changed."""

    def __init__(self, notes: SideNotes) -> None:
        self._notes = notes
        self._said = ""

    def __call__(self, batch: MessageBatch) -> None:
        counts = batch.request_counts
        left, ended = counts.processing, counts.ended
        words = f"{batch.id}: {batch.processing_status}, {ended:,} of {left + ended:,} done"
        if words != self._said:
            self._notes.note(words)
        self._said = words


def _requests(text: str, args: argparse.Namespace) -> Iterator[Any]:
    """Give the requests of JSON lines.

    Raises:
        UsageError: A line is none, or names a request that an earlier one names.
    """
    names: dict[str, int] = {}
    for number, request in json_lines(text, args.file):
        where = f"{args.file}:{number}"
        if not isinstance(request, dict) or not isinstance(request.get("params"), dict) or "custom_id" not in request:
            hint = (
                'Each line is {"custom_id": "row-1", "params": {"model": ..., "max_tokens": ..., "messages": [...]}}.'
            )
            raise UsageError(f"{where}: it is no request of a batch.", hint=hint)
        name = str(request["custom_id"])
        if name in names:
            raise UsageError(f"{where}: the custom_id {name[:64]!r} is that of line {names[name]} too.")
        names[name] = number
        if args.model:
            request["params"].setdefault("model", args.model)
        yield request


# ── results ──────────────────────────────────────────────────────────────────


def _results_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="+", help="the batches' ids")
    _output_argument(parser)


def _results(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        return _write(_rows(client, args.id), args)


def _rows(client: Client, ids: Iterable[str]) -> Iterator[BatchRow]:
    for each in ids:
        with client.messages.batches.results(each) as rows:
            yield from rows


def _write(rows: Iterator[BatchRow], args: argparse.Namespace) -> int:
    """Write the results, and say how many there are of each kind and what they cost."""
    from keybearer.prices import Cost
    from keybearer.shell.targets import writing

    counts: Counter[str] = Counter()
    cost = Cost()
    with writing(args.output or sys.stdout.buffer) as file:
        for row in rows:
            counts[row.result.type] += 1
            cost += row.cost
            file.write(json.dumps(row.to_dict(mode="json")).encode("ascii") + b"\n")
    said = ", ".join(f"{number:,} {kind}" for kind, number in counts.items()) or "no results"
    args.notes.note(f"{said}; {cost}")
    return ExitCode.OK if set(counts) <= {"succeeded"} else ExitCode.FAILED


# ── status, cancel ───────────────────────────────────────────────────────────


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="*", help="the batches' ids (default: the newest 20)")
    parser.add_argument("--all", action="store_true", help="all of them")
    add_json(parser)


def _status(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        batches = client.messages.batches
        if args.id:
            found = [batches.retrieve(each) for each in args.id]
        elif args.all:
            found = list(batches.list())
        else:
            found = list(batches.list(limit=20).data)
    _say(found, args)
    return ExitCode.OK


def _cancel_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="+", help="the batches' ids")
    add_json(parser)


def _cancel(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        _say([client.messages.batches.cancel(each) for each in args.id], args)
    return ExitCode.OK


def _say(batches: list[MessageBatch], args: argparse.Namespace) -> None:
    if args.json:
        say_json([each.to_dict(mode="json") for each in batches])
        return
    say_table(HEAD, map(_row, batches), right=("DONE", "FAILED", "LEFT"))


def _row(batch: MessageBatch) -> tuple[Any, ...]:
    counts = batch.request_counts
    failed = counts.errored + counts.canceled + counts.expired
    made = f"{batch.created_at:%Y-%m-%d %H:%M}"
    return batch.id, batch.processing_status, made, counts.succeeded, failed, counts.processing


SUBCOMMANDS: Final = {
    "run": Subcommand("send a file of requests, wait, and write the results", _run, _run_arguments),
    "status": Subcommand("show how far batches are", _status, _status_arguments),
    "results": Subcommand("write the results of batches that have ended", _results, _results_arguments),
    "cancel": Subcommand("cancel batches: what was not begun is not done", _cancel, _cancel_arguments),
}
