"""What is said beside the answer, on standard error or in a file: `--quiet`, `-v` and `--log-file`.

Contract: no line has a key, a prompt or an answer. The log's file is readable for its user alone.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from keybearer.cli.output import clean, complain

__all__ = ["SideNotes", "noted", "with_notes"]

_LOG: Final = logging.getLogger("keybearer")


class SideNotes:
    """Says what a command notes.

    Attributes:
        quiet: Whether only errors are said.
        verbose: Whether details are said too.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.quiet: bool = args.quiet
        self.verbose: bool = args.verbose
        self._command: str = args.command

    def note(self, text: str) -> None:
        """Say something that a person wants to know."""
        if text and not self.quiet:
            complain(f"keybearer {self._command}: {text}")

    def detail(self, text: str) -> None:
        """Say something that `-v` asks for."""
        if self.verbose:
            complain(text)


def with_notes(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Return a command's function that is run with the library's log where the flags say, and has `args.notes`.

    Args:
        run: The function; its flags have those of `keybearer.cli.options.NOTES`.
    """

    @functools.wraps(run)
    def noting(args: argparse.Namespace) -> int:
        with noted(args) as args.notes:
            return run(args)

    return noting


class _ToStandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(f"keybearer: {record.getMessage()}")


class _CleanLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


@contextlib.contextmanager
def noted(args: argparse.Namespace) -> Iterator[SideNotes]:
    """Let what the library logs go where the flags say, and give what says a command's notes.

    Args:
        args: The flags of `keybearer.cli.options.NOTES`.

    Raises:
        OSError: The log's file cannot be opened.
    """
    if args.quiet and args.verbose:
        args.parser.error("argument -q/--quiet: not allowed with argument -v/--verbose")
    handlers: list[logging.Handler] = []
    if args.verbose:
        handlers.append(_ToStandardError())
    if args.log_file is not None:
        handlers.append(_file_handler(args.log_file))
    level = _LOG.level
    try:
        for handler in handlers:
            _LOG.addHandler(handler)
            _LOG.setLevel(logging.DEBUG)
        yield SideNotes(args)
    finally:
        _LOG.setLevel(level)
        for handler in handlers:
            _LOG.removeHandler(handler)
            handler.close()


def _file_handler(path: str) -> logging.Handler:
    from keybearer.credentials.stores.private_files import private_opener

    stream: Any = open(path, "a", encoding="utf-8", opener=private_opener)  # noqa: SIM115 - the handler closes it
    handler = _ClosingHandler(stream)
    handler.setFormatter(_CleanLines("%(asctime)s %(levelname)s %(message)s"))
    return handler


class _ClosingHandler(logging.StreamHandler[Any]):
    """Writes to a file, and closes it at the end. A line that cannot be written is said once, and ends nothing."""

    _failed = False

    def handleError(self, _: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if not self._failed:
            self._failed = True
            complain(f"keybearer: the log file cannot be written: {sys.exc_info()[1]}")

    def close(self) -> None:
        with contextlib.suppress(OSError):  # said when it was written
            self.stream.close()
        super().close()
