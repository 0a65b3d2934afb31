"""How far a job is, on standard error: a line that is drawn anew on a terminal, JSON lines without one.

12,400 of 1,000,000 (1 %)  1,950/s  3 failed  $1.24 of about $99.80  cache 61 %  8 min left
"""

from __future__ import annotations

import json
import sys
import time
from typing import IO, TYPE_CHECKING, Any, Final

from keybearer.cli.output import clean
from keybearer.cli.terminal import terminal_of

if TYPE_CHECKING:
    from keybearer.bulk.progress import BulkProgress

__all__ = ["ProgressLine", "words_of"]

EVERY: Final = 5.0
"""How often a JSON line is written, in seconds."""

_CLEAR: Final = "\r\x1b[K"


class ProgressLine:
    """Shows how far a job is.

    Args:
        form: `bar`, `json` or `none`; None for what the stream is.
        quiet: Whether nothing is shown unless a form is named.
        stream: Where; standard error when omitted.
    """

    def __init__(self, form: str | None, *, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self._stream: Any = sys.stderr if stream is None else stream
        moves = terminal_of(self._stream).moves
        self._form = form or ("none" if quiet else "bar" if moves else "json")
        self._shown: float | None = None
        self._drawn = False

    def show(self, progress: BulkProgress) -> None:
        """Show how far it is now."""
        if self._stream is None or self._form == "none":
            return
        try:
            if self._form == "bar":
                self._stream.write(_CLEAR + clean(words_of(progress)))
                self._drawn = True
            elif not self._due(progress):
                return
            else:
                self._stream.write(json.dumps(progress.to_dict()) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # standard error is closed: the job goes on
            self._form = "none"

    def _due(self, progress: BulkProgress) -> bool:
        """Return whether a line is due: every few seconds, and for the last row."""
        now = time.monotonic()
        if progress.done != progress.rows and self._shown is not None and now - self._shown < EVERY:
            return False
        self._shown = now
        return True

    def end(self) -> None:
        """Let what follows begin on a line of its own."""
        if self._drawn and self._form == "bar":
            self._stream.write("\n")
            self._stream.flush()


def words_of(progress: BulkProgress) -> str:
    """Return how far a job is, in a line."""
    about = "about " if progress.rows_estimated else ""
    of = "" if not progress.rows else f" of {about}{progress.rows:,} ({progress.done / progress.rows:.0%})"
    said = [f"{progress.done:,}{of}"]
    said += [f"{progress.rate:,.0f}/s"] if progress.done > progress.passed else []
    said += [f"{progress.failed:,} failed"] if progress.failed else []
    said.append(_money(progress))
    said += [f"cache {progress.cache_hits:.0%}"] if progress.cache_hits else []
    said += [f"{_left(progress.seconds_left)} left"] if progress.seconds_left else []
    return "  ".join(said)


def _money(progress: BulkProgress) -> str:
    """Return what this run has paid, what the job has, and what it will have."""
    expected = None if progress.expected_usd == progress.usd else progress.expected_usd
    whole = f"${progress.usd:,.2f}" + ("" if expected is None else f" of about ${expected:,.2f}")
    return whole if progress.run_usd == progress.usd else f"${progress.run_usd:,.2f} in this run, {whole} in all"


def _left(seconds: float) -> str:
    """Return a time in its two largest units, so that it changes seldom."""
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s" if minutes else f"{left} s"
