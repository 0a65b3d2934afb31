"""The live table of the last requests in a terminal, redrawn in place with ANSI codes."""

from __future__ import annotations

import shutil
import sys
import threading
from collections import deque
from datetime import datetime
from typing import Final, TextIO

from keybearer.simulator.control.journal import RecordedRequest

__all__ = ["LiveTable", "table_row"]

ROWS: Final = 15
COLUMNS: Final = f"{'time':8}  {'status':>6}  {'ms':>7}  {'in':>7}  {'out':>6}  request"
NARROW: Final = 64
"""Up to this width a row has no room for its figures."""

RED, GREEN, YELLOW, DIM, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
CLEAR_DOWN: Final = "\x1b[J"


def table_row(entry: RecordedRequest, width: int) -> str:
    """Format one request as a line.

    Args:
        entry: The request.
        width: The columns of the terminal.

    Returns:
        The line, in the colour of its outcome.
    """
    usage = entry.note.get("usage") or {}
    tokens_in = sum(int(value) for name, value in usage.items() if name.endswith("input_tokens"))
    what = f"{entry.method} {entry.path}"
    remarks = [
        str(entry.note[name]) for name in ("fault", "rule", "error", "stop_reason") if entry.note.get(name) is not None
    ]
    line = (
        f"{datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.status:>6}  {entry.seconds * 1000:>7.1f}  "
        f"{tokens_in or '':>7}  {usage.get('output_tokens', ''):>6}  {what}  {' · '.join(dict.fromkeys(remarks))}"
    )
    colour = GREEN if 200 <= entry.status < 300 else YELLOW if 300 <= entry.status < 500 else RED
    return f"{colour}{_cut(line, width)}{PLAIN}"


def _cut(line: str, width: int) -> str:
    """Cut a line to the width of the terminal, because a wrapped line would not be redrawn. The cursor needs the last column.

    In a narrow terminal the figures are left out, in favour of the request.
    """
    if width <= NARROW:
        time_and_status, rest = line[:16], line[len(COLUMNS) - len("request") :]
        line = f"{time_and_status}  {rest}"
    return line[: max(width - 1, 1)]


class LiveTable:
    """The table on a terminal.

    Args:
        heading: The lines above the table.
        out: The terminal.
    """

    def __init__(self, heading: str, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._rows: deque[str] = deque(maxlen=ROWS)
        self._lock = threading.Lock()
        self._count = 0
        self._drawn = 0
        width = shutil.get_terminal_size().columns
        self._out.write(f"{heading}\n{DIM}{_cut(COLUMNS, width)}{PLAIN}\n")
        self._out.flush()

    def add(self, entry: RecordedRequest) -> None:
        """Show one more request, in place of the oldest if the table is full."""
        width = shutil.get_terminal_size().columns
        with self._lock:
            self._count += 1
            self._rows.append(table_row(entry, width))
            up = f"\x1b[{self._drawn}F" if self._drawn else ""
            rows = [*self._rows, f"{DIM}{self._count} request{'' if self._count == 1 else 's'}{PLAIN}"]
            self._drawn = len(rows)
            self._out.write(up + CLEAR_DOWN + "\n".join(rows) + "\n")
            self._out.flush()
