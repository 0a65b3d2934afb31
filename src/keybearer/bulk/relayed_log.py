"""What the processes of a job log: it is logged in the job's own process, whose handlers say where it goes.

Contract: nothing about logging ends a request or a job. A line has its text, level, time and process, and not the record's arguments.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["LogLine", "LogRelay", "level_of_log", "log_line"]

_LOG: Final = logging.getLogger("keybearer")


class LogLine(NamedTuple):
    """What was logged.

    Attributes:
        level: How grave it is, as `logging` counts.
        text: The text, with a traceback where there is one.
        time: When, in epoch seconds.
        process: The process's id.
    """

    level: int
    text: str
    time: float
    process: int


def level_of_log() -> int:
    """Return the least level that this process's logger takes, from 1 on: 0 would stand for another logger's."""
    return max(1, _LOG.getEffectiveLevel(), _LOG.manager.disable + 1)


def log_line(line: LogLine) -> None:
    """Log here what another process has logged, where the logger takes it now."""
    if not _LOG.isEnabledFor(line.level):
        return
    _LOG.handle(
        logging.makeLogRecord(
            {
                "name": _LOG.name,
                "levelno": line.level,
                "levelname": logging.getLevelName(line.level),
                "msg": line.text,
                "created": line.time,
                "msecs": line.time % 1 * 1000,
                "process": line.process,
            }
        )
    )


class LogRelay(logging.Handler):
    """Hands on what is logged, in whatever thread.

    Args:
        say: Takes each line.
    """

    def __init__(self, say: Callable[[LogLine], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on."""
        try:
            self._say(LogLine(record.levelno, self.format(record), record.created, record.process or 0))
        except Exception:  # noqa: BLE001 - as in every handler: a text may not fit its arguments
            self.handleError(record)

    def begin(self, level: int) -> None:
        """Take what this process logs from now on, from a level on, in place of the handlers that it has."""
        _LOG.setLevel(level)
        _LOG.handlers[:] = [self]
        _LOG.propagate = False
