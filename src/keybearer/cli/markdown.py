"""Markdown on a terminal, rendered as it comes, with rich (extra `keybearer[cli]`).

Strategy: blocks that are settled (`keybearer.cli.blocks`) are printed for good; the one that still comes is drawn anew below them, its
last lines as far as the terminal is high, and printed when it is settled. So what scrolls away is never drawn again.

Contract: the text given is harmless already (`keybearer.cli.harmless`). Links show their address: none is hidden behind other words.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import IO, ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markdown import Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.text import Text

from keybearer.cli.blocks import settled
from keybearer.cli.terminal import Terminal

__all__ = ["MarkdownPrinter"]

REFRESHES = 12
"""How often the block that still comes is drawn, in a second."""


class _LeftHeading(Heading):
    """A heading at the left, without a frame."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        text = self.text.copy()
        text.justify = "left"
        yield text


class _Document(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "heading_open": _LeftHeading}


class MarkdownPrinter:
    """Prints an answer as it comes.

    Args:
        stream: Where to.
        terminal: What may be done there.

    Attributes:
        tail: The block that still comes.
    """

    def __init__(self, stream: IO[str], terminal: Terminal) -> None:
        self._console = Console(
            file=stream, force_terminal=True, no_color=not terminal.coloured, highlight=False, markup=False, emoji=False
        )
        self._moves = terminal.moves
        self._live: Live | None = None
        self._lock = threading.Lock()  # rich's own leaves a gap between where the cursor is and what is drawn there
        self._ended = threading.Event()
        self._changed = False
        self._printed = False
        self.tail = ""

    def write(self, text: str) -> None:
        """Print what is settled with a piece of the text; show the rest as it is so far."""
        with self._lock:
            self.tail += text
            self._changed = True
            if cut := settled(self.tail):
                part, self.tail = self.tail[:cut], self.tail[cut:]
                self._print(part)
            if self._live is None and self._moves and self.tail.strip():
                self._begin()

    def end(self) -> None:
        """Print what is left; another text may follow."""
        self._ended.set()
        with self._lock:
            if self._live is not None:
                self._live.stop()  # with the block as it was drawn: its lines are taken away
                self._live = None
            part, self.tail = self.tail, ""
            self._print(part)

    def _begin(self) -> None:
        self._live = Live(
            _Tail(self),
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        self._ended = threading.Event()
        threading.Thread(target=self._draw, args=(self._ended,), daemon=True, name="keybearer-markdown").start()

    def _draw(self, ended: threading.Event) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is closed: whoever writes next gets the error
            while not ended.wait(1 / REFRESHES):
                with self._lock:
                    if self._changed and self._live is not None and not ended.is_set():
                        self._live.refresh()
                        self._changed = False

    def _print(self, part: str) -> None:
        if not part.strip():
            return
        if self._printed:
            self._console.print()
        self._printed = True
        self._console.print(_Block(part), end="")


class _Tail:
    """The last lines of the block that still comes, as many as the terminal shows."""

    def __init__(self, printer: MarkdownPrinter) -> None:
        self._printer = printer

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = _lines(self._printer.tail, console, options)[-max(1, console.size.height - 2) :]
        for index, line in enumerate(lines):
            if index:
                yield Segment.line()
            yield from line


class _Block:
    """A settled part of the text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in _lines(self._text, console, options):
            yield from line
            yield Segment.line()


def _lines(text: str, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
    """Return the lines of a text, without the spaces that rich fills them with, and the empty line that it puts before a list.

    A line that reaches the terminal's edge is copied with its spaces, breaks when the terminal is made narrower, and leaves no room
    for the `^C` that a terminal writes where the cursor is.
    """
    document = _Document(text, hyperlinks=False, code_theme="ansi_dark")
    lines = [_trimmed(line) for line in console.render_lines(document, options, pad=False)]
    return list(itertools.dropwhile(lambda line: not line, lines))


def _trimmed(line: list[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        last = kept.pop()
        kept.append(Segment(last.text.rstrip(), last.style))
    return kept
