"""The flags of a job, `keybearer batch run` with a journal, and when it is one.

Contract: a file of JSON lines with none of these flags is sent as message batches, as ever; anything else is a job.
"""

from __future__ import annotations

import argparse
from typing import Any, Final

from keybearer._arguments import positive, seconds, whole_number
from keybearer.cli.options import add_options

__all__ = ["add_job_options", "is_job"]

_ROWS: Final = (".csv", ".tsv", ".parquet", ".pq")
_FLAGS: Final[dict[tuple[str, ...], dict[str, Any]]] = {
    ("--engine",): {
        "choices": ("local", "batches", "ray"),
        "help": "who carries a job out: this process (default), message batches at half the price, or Ray",
    },
    ("-p", "--prompt"): {"metavar": "TEXT", "help": "the question to each row, with {column} in it; {{ is a brace"},
    ("--template",): {
        "metavar": "FILE",
        "help": "the request to each row, YAML or JSON: prompt or messages, system, model, max_tokens, ...",
    },
    ("--concurrency",): {"metavar": "N", "type": positive, "help": "how many requests are under way at once (64)"},
    ("--processes",): {"metavar": "N", "type": positive, "help": "how many processes send, with the engine local (1)"},
    ("--id-column",): {"metavar": "COLUMN", "help": "the column that names a row (custom_id or id, if there is one)"},
    ("--keep",): {"metavar": "COLUMN,...", "help": "the columns that the results have beside it; all for all of them"},
    ("--ordered",): {"action": "store_true", "help": "write the results in the order of the rows, at the end"},
    ("--retry-failed",): {"action": "store_true", "help": "send the rows again that failed in an earlier run"},
    ("--dead-letter",): {"metavar": "FILE", "help": "JSON lines for the rows that fail, each with its error"},
    ("--deadline",): {
        "metavar": "SECONDS",
        "type": seconds,
        "help": "when the results are wanted, from now: rows that no batch can be awaited for go live",
    },
    ("--give-up-after",): {
        "metavar": "N",
        "type": whole_number,
        "help": "end when so many rows in a row have failed (100); 0 for never",
    },
    ("--grace",): {"metavar": "SECONDS", "type": seconds, "help": "how long a signal lets rows under way take (30)"},
    ("--dry-run",): {
        "action": "store_true",
        "help": "say what it will take in tokens, dollars and time; the service counts each row, and no model is asked",
    },
    ("--sample",): {"metavar": "N", "type": positive, "help": "with --dry-run: count so many rows alone"},
    ("--progress",): {
        "choices": ("bar", "json", "none"),
        "help": "how far it is, on standard error: a line that is drawn anew, or JSON lines (default: by the terminal)",
    },
}
"""The flags of a job alone."""

_SHARED: Final = ("system-prompt", "max-tokens", "max-budget-usd")
"""The common options that make a run a job, for batches as ever have none of them."""


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a job."""
    job = parser.add_argument_group("a job: rows with a journal, which goes on after any end")
    for names, how in _FLAGS.items():
        job.add_argument(*names, **how)
    add_options(parser, *_SHARED)


def is_job(args: argparse.Namespace) -> bool:
    """Return whether the flags describe a job."""
    names = [*(names[-1].removeprefix("--") for names in _FLAGS), *_SHARED]
    named = any(getattr(args, name.replace("-", "_")) not in {None, False} for name in names)
    return named or args.file.lower().endswith(_ROWS)
