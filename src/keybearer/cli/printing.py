"""How an answer is printed: raw where a program reads it, harmless on a terminal, as rendered Markdown where rich is installed.

Contract: a pipe or a file gets the text byte by byte as it came. A terminal gets nothing from it that it would obey.
"""

from __future__ import annotations

import sys
from typing import IO, Protocol

from keybearer.cli.harmless import HarmlessText
from keybearer.cli.terminal import terminal_of

__all__ = ["AnswerPrinter", "PlainPrinter", "RawPrinter", "make_printer"]


class AnswerPrinter(Protocol):
    """Prints a text that comes in pieces."""

    def write(self, text: str) -> None:
        """Print a piece."""

    def end(self) -> None:
        """Print what was held back, and a line end where there is none; another text may follow."""


class RawPrinter:
    """Prints text as it is.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._last = "\n"
        self._any = False

    def write(self, text: str) -> None:
        """Print a piece."""
        if text:
            self._any = True
            self._last = text[-1]
            self._stream.write(text)
            self._stream.flush()

    def end(self) -> None:
        """Print a line end where there is none."""
        if self._last != "\n" or not self._any:
            self.write("\n")


class PlainPrinter(RawPrinter):
    """Prints text that cannot steer the terminal."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(stream)
        self._through = HarmlessText()

    def write(self, text: str) -> None:
        """Print a piece, made harmless."""
        super().write(self._through.feed(text))

    def end(self) -> None:
        """Print what was held back, and a line end where there is none."""
        super().write(self._through.end())
        super().end()


class _HarmlessMarkdown:
    """Markdown of a text that is made harmless first."""

    def __init__(self, stream: IO[str]) -> None:
        from keybearer.cli.markdown import MarkdownPrinter

        self._through = HarmlessText()
        self._printer = MarkdownPrinter(stream, terminal_of(stream))

    def write(self, text: str) -> None:
        """Print a piece."""
        self._printer.write(self._through.feed(text))

    def end(self) -> None:
        """Print what was held back."""
        self._printer.write(self._through.end())
        self._printer.end()


def make_printer(stream: IO[str] | None = None) -> AnswerPrinter:
    """Return the printer that fits a stream.

    Args:
        stream: Where to print; standard output when omitted.
    """
    stream = sys.stdout if stream is None else stream
    terminal = terminal_of(stream)
    if not terminal.person:
        return RawPrinter(stream)
    if terminal.styled:
        try:
            return _HarmlessMarkdown(stream)
        except ImportError:  # rich is not installed
            pass
    return PlainPrinter(stream)
