"""`keybearer limits`: what is left of the rate limits, as the service says with a reply; `--watch` looks again and again.

The limits are in the headers of replies of a model alone (the simulator's are; that counting tokens has none is a guess of the real
service), so each look is a call of one token.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

from keybearer._arguments import count
from keybearer.cli.called import DEFAULT_MODEL, make_client
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.limit_rows import LimitRow, limit_rows
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, add_json, add_options
from keybearer.cli.output import clean, complain, say
from keybearer.cli.screen import columns, painted
from keybearer.cli.terminal import is_terminal
from keybearer.errors import CredentialError, CredentialInvalid, KeybearerError

if TYPE_CHECKING:
    from keybearer.client.sync import Client
    from keybearer.types.rate_limits import RateLimits

__all__ = ["add_arguments", "run"]

SHORTEST: Final = 5
"""The least seconds between two looks, since each is a call."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "--watch", action="store_true", help="look again and again, until Ctrl-C; each look costs one token"
    )
    parser.add_argument(
        "--interval", type=count, default=30, metavar="S", help="seconds between two looks (default: 30)"
    )
    add_options(parser, *CLIENT, "model", *NOTES)
    add_json(parser)


@with_notes
def run(args: argparse.Namespace) -> int:
    """Show the limits.

    Args:
        args: The parsed flags.

    Returns:
        The exit code: 1 where the reply had no limits.
    """
    with make_client(args) as client:
        if not args.watch:
            return _show(_look(client), args)
        view = _LiveView(args)
        while True:
            try:
                view.show(_look(client))
            except (CredentialError, CredentialInvalid):
                raise
            except KeybearerError as error:
                view.leave()
                complain(f"keybearer limits: {error}")
            pause(max(SHORTEST, args.interval))


def pause(seconds: float) -> None:
    """Wait for the next look."""
    time.sleep(seconds)


def _look(client: Client) -> RateLimits | None:
    client.with_options(max_retries=0).messages.create(
        model=client.model or DEFAULT_MODEL, max_tokens=1, messages=[{"role": "user", "content": "hi"}]
    )
    return client.limits.service


def _show(limits: RateLimits | None, args: argparse.Namespace) -> int:
    if limits is None:
        complain("keybearer limits: the reply has no limits in its headers, as behind some gateways.")
        return ExitCode.FAILED
    rows = limit_rows(limits, time.time())
    if args.json:
        say(json.dumps({"at": time.time(), "limits": [row._asdict() for row in rows]}))
        return ExitCode.OK
    for line in _lines(rows):
        print(line, flush=True)
    return ExitCode.OK


class _LiveView:
    """Shows the limits in the same place of a terminal; elsewhere one look below the other."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._moves = is_terminal(sys.stdout) and not args.json
        self._high = 0

    def leave(self) -> None:
        """Leave the last look where it is: something else is printed below it."""
        self._high = 0

    def show(self, limits: RateLimits | None) -> None:
        """Show a look."""
        if not self._moves or limits is None:
            if not self._args.json:
                print(self._head())
            _show(limits, self._args)
            self._high = 0
            return
        lines = [self._head(), *_lines(limit_rows(limits, time.time()))]
        up = f"\x1b[{self._high}A" if self._high else ""
        # Each line is cleared behind its end, and what is below the last: a screen that is cleared whole goes into tmux's history.
        print(up + "".join(f"{line}\x1b[K\n" for line in lines) + "\x1b[J", end="", flush=True)
        self._high = len(lines)

    def _head(self) -> str:
        return f"{datetime.now().astimezone():%H:%M:%S}, every {max(SHORTEST, self._args.interval)} s; Ctrl-C ends it"


def _lines(rows: list[LimitRow]) -> list[str]:
    """Return a line for each limit, narrower than the terminal: one that reached its edge could be two."""
    if not rows:
        return ["The reply names no limit."]
    names = max(len(row.name) for row in rows)
    left = columns() - names - 2 - max(len(row.words) for row in rows) - 8
    return [_line(row, names, min(24, left)) for row in rows]


def _line(row: LimitRow, names: int, width: int) -> str:
    used = 0.0 if row.used is None else min(1.0, max(0.0, row.used))
    colour = "red" if used >= 0.9 else "yellow" if used >= 0.7 else "green"
    share = "   -" if row.used is None else f"{row.used:4.0%}"
    filled = round(used * width)
    bar = f"{painted('#' * filled, colour)}{'.' * (width - filled)}  " if width >= 6 else ""
    return f"{clean(row.name):{names}}  {bar}{painted(share, colour)}  {clean(row.words)[: max(20, columns() - names - 9)]}"
