"""`keybearer usage`: what calls took and cost, from the ledger."""

from __future__ import annotations

import argparse
import os
import re
from datetime import date, datetime, timedelta
from typing import Any, Final

from keybearer.cli.called import configured_option
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.options import add_json, add_options
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.spending import BY, spent_by, total
from keybearer.errors import UsageError

__all__ = ["add_arguments", "run"]

_SPAN: Final = re.compile(r"(\d{1,5})([hdw])")
_HOURS: Final = {"h": 1, "d": 24, "w": 168}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--ledger", metavar="FILE", help="the ledger (default: that of the provider in llm.yaml)")
    parser.add_argument(
        "--since",
        metavar="WHEN",
        default="30d",
        help="a day, as 2026-11-01, a span, as 12h, 7d or 4w, or all (default: 30d)",
    )
    parser.add_argument("--by", choices=BY, default="day", help="what to add up by (default: day)")
    parser.add_argument("--html", metavar="FILE", help="write a page with plots, which needs nothing else")
    add_options(parser, "config", "provider", "agent")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the sums, or write the page.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    since = _since(args.since, datetime.now().astimezone())
    path = args.ledger or _configured(args)
    if not os.path.exists(path) and not os.path.isdir(f"{path}.rows"):  # noqa: PTH110, PTH112 - pathlib costs an import here
        raise UsageError(f"There is no ledger {path} yet.", hint="It is made with the first call that is kept in it.")
    from keybearer.shell.ledger import Ledger

    rows = list(Ledger(path).rows(since))
    groups = spent_by(rows, args.by)
    if args.html:
        _write_page(rows, f"{path}, since {since:%Y-%m-%d %H:%M}" if since else str(path), args.html)
        complain(f"Wrote {args.html}.")
        return ExitCode.OK
    if args.json:
        named = [{args.by: name, **spent.to_dict()} for name, spent in groups.items()]
        say_json(
            {"since": None if since is None else since.isoformat(), "groups": named, "total": total(rows).to_dict()}
        )
        return ExitCode.OK
    if not rows:
        complain(f"keybearer usage: {path} has no calls{f' since {since:%Y-%m-%d %H:%M}' if since else ''}.")
        return ExitCode.OK
    from keybearer.cli.spending_table import spending_lines

    whole = total(rows)
    for line in spending_lines(groups, whole, args.by):
        say(line)
    if whole.unpriced:
        complain(f"{whole.unpriced:,} calls have a part whose price is not known: > is the least that they cost.")
    return ExitCode.OK


def _configured(args: argparse.Namespace) -> str:
    """Return the ledger that the configuration names.

    Raises:
        UsageError: There is none.
    """
    found: Any = configured_option(args, "ledger")
    if found is None:
        raise UsageError(
            "No ledger is kept: the configuration names none.",
            hint="Put `ledger: spend.db` below the provider in llm.yaml, or name one with --ledger.",
        )
    return str(os.fspath(found))


def _since(text: str, now: datetime) -> datetime | None:
    """Return the time that `--since` means; None for all.

    Raises:
        UsageError: It means none.
    """
    if text == "all":
        return None
    if match := _SPAN.fullmatch(text):
        return now - timedelta(hours=int(match[1]) * _HOURS[match[2]])
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text[:40]!r} is no time.", hint="It is a day, as 2026-11-01, or a span, as 7d."
        ) from None
    return datetime(day.year, day.month, day.day).astimezone()


def _write_page(rows: list[dict[str, Any]], title: str, path: str) -> None:
    from keybearer.cli.spending_page import spending_page
    from keybearer.shell.targets import writing

    with writing(path) as file:
        file.write(spending_page(rows, title).encode())
