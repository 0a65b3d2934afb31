"""`keybearer batch run` as a job: the flags to `keybearer.bulk.run`, progress on standard error, and the exit code."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.bulk_bar import ProgressLine
from keybearer.cli.called import DEFAULT_MODEL, make_async_client, make_client, maker_elsewhere
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.output import say
from keybearer.errors import KeybearerError, SpendLimitExceeded, UsageError

if TYPE_CHECKING:
    from keybearer.bulk import BulkEstimate, BulkSummary

__all__ = ["run_job"]

MAX_TOKENS: Final = 4096
"""The longest answer where nothing names another, in tokens."""

_AGAIN: Final = "Run it again: it goes on where it ended."

_AS_THEY_ARE: Final = (
    "engine",
    "concurrency",
    "processes",
    "id_column",
    "ordered",
    "retry_failed",
    "dead_letter",
    "deadline",
    "max_budget_usd",
    "give_up_after",
    "grace",
)
"""The flags that are options of `bulk.run`."""


def run_job(args: argparse.Namespace) -> int:
    """Run a job.

    Args:
        args: The flags of `keybearer batch run`.

    Returns:
        The exit code: 1 where a row failed, 128 and the signal's number where one ended it.
    """
    options = job_options(args)
    if args.no_wait:
        raise UsageError("--no-wait sends message batches and ends; a job is run again instead.")
    if args.sample is not None and not args.dry_run:
        raise UsageError("--sample is of --dry-run.")
    if args.dry_run:
        say(str(asyncio.run(_estimated(args, options))))
        return ExitCode.OK
    if not args.output:
        raise UsageError("A job needs -o FILE: its journal is beside it.")
    line = ProgressLine(args.progress, quiet=args.quiet)
    try:
        summary = asyncio.run(_carried_out(args, line, options))
    except KeybearerError as error:
        line.end()
        if error.run is not None:
            again = "" if isinstance(error, SpendLimitExceeded) else f" {_AGAIN}"  # that error says how
            args.notes.note(f"{error.run}.{again}")
        raise
    line.end()
    if summary.in_doubt:
        args.notes.note(
            f"{summary.in_doubt:,} rows were under way when an earlier run ended; they were sent again, and may be billed twice."
        )
    args.notes.note(str(summary))
    if summary.stopped:
        args.notes.note(f"ended by {summary.stopped}. {_AGAIN}")
        return 128 + int(getattr(signal, summary.stopped, signal.SIGTERM))
    return ExitCode.FAILED if summary.failed else ExitCode.OK


async def _estimated(args: argparse.Namespace, options: dict[str, Any]) -> BulkEstimate:
    from keybearer import bulk

    async with make_async_client(args) as client:
        return await bulk.estimate_async(
            rows_of(args), args.output or None, sample=args.sample, client=client, **options
        )


async def _carried_out(args: argparse.Namespace, line: ProgressLine, options: dict[str, Any]) -> BulkSummary:
    from keybearer import bulk

    stop = bulk.BulkStop()
    async with make_async_client(args) as client:
        with bulk.stopped_by_signals(stop):
            return await bulk.run_async(
                rows_of(args),
                args.output,
                client=client,
                make_client=maker_elsewhere(args),
                stop=stop,
                on_progress=line.show,
                on_note=args.notes.note,
                **options,
            )


def rows_of(args: argparse.Namespace) -> Any:
    """Return the rows that the flags name."""
    return sys.stdin.buffer if args.file == "-" else args.file


def job_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the options of `bulk.run` that the flags stand for.

    Raises:
        UsageError: They do not go together, or the template's file cannot be read.
    """
    if args.prompt is not None and args.template is not None:
        args.parser.error("argument -p/--prompt: not allowed with argument --template")
    options: dict[str, Any] = {name: getattr(args, name) for name in _AS_THEY_ARE if getattr(args, name) is not None}
    if args.keep is not None:
        options["keep"] = (
            "all" if args.keep == "all" else [each.strip() for each in args.keep.split(",") if each.strip()]
        )
    template: Any = args.prompt
    if args.template is not None:
        from keybearer.cli.request_file import read_request

        template = read_request(args.template)
    if template is not None:
        options["template"] = template
    return options | {"params": _params(args, template)}


def _params(args: argparse.Namespace, template: Any) -> dict[str, Any]:
    """Return the parameters of every request: the flags win over the template, and this over what the client has."""
    from keybearer.cli.aliases import ALIASES, full_model

    asked = {"model": args.model, "max_tokens": args.max_tokens, "system": args.system_prompt}
    found = {name: value for name, value in asked.items() if value is not None}
    if isinstance(template, dict):
        for name in found:
            template.pop(name, None)
    own = template if isinstance(template, dict) else {}
    with make_client(args) as client:
        if "model" not in found and not own.get("model") and not client.model:
            found["model"] = DEFAULT_MODEL
        if "max_tokens" not in found and not own.get("max_tokens") and not client.max_tokens:
            found["max_tokens"] = MAX_TOKENS
        for each in (found, own):
            if each.get("model") in ALIASES:
                each["model"] = full_model(client, each["model"], quiet=args.quiet)
    return found
