"""How an answer is shown while it comes: printed as text, as lines of JSON, or not before its end."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from keybearer.cli.harmless import HarmlessText, harmless
from keybearer.cli.notes import SideNotes
from keybearer.cli.printing import PlainPrinter, make_printer
from keybearer.cli.spinner import Spinner
from keybearer.cli.stopwatch import Stopwatch
from keybearer.cli.terminal import terminal_of
from keybearer.types import events as ev

if TYPE_CHECKING:
    from keybearer.cli.answering import Answering
    from keybearer.errors import KeybearerError
    from keybearer.tools.calls import ToolResultEvent
    from keybearer.types.messages import Message

__all__ = ["Shown", "ShownText", "cost_line"]


class Shown(Protocol):
    """Shows an answer; called with each event of its stream.

    Attributes:
        watch: Times the answer.
    """

    watch: Stopwatch

    def begin(self, session: str, model: str, tools: Iterable[Any]) -> None:
        """Show that it is asked for."""

    def __call__(self, event: Any) -> None:
        """Show an event."""

    def pause(self) -> None:
        """Print what was held back, so that something else can be printed."""

    def stop(self) -> None:
        """Leave nothing behind, also where the answer was cut."""

    def end(self, answering: Answering) -> None:
        """Show that the answer has ended."""

    def fail(self, answering: Answering, error: KeybearerError) -> None:
        """Show that there is no whole answer."""


class ShownText:
    """Prints an answer as text, and what a person wants to know of it meanwhile on standard error.

    Args:
        notes: Says what is noted.
        extract: Whether only the first code block of the answer is printed.

    Attributes:
        watch: Times the answer.
    """

    def __init__(self, notes: SideNotes, *, extract: bool = False) -> None:
        self.watch = Stopwatch()
        self._notes, self._extract = notes, extract
        self._printer = PlainPrinter(sys.stdout) if extract and terminal_of(sys.stdout).person else make_printer()
        self._spinner = Spinner(quiet=True)
        self._thinking: HarmlessText | None = None
        self._open = self._any = False

    def begin(self, session: str, model: str, tools: Iterable[Any]) -> None:  # noqa: ARG002 - as `Shown`
        """Show that it is asked for."""
        self._notes.detail(f"model {model}")
        self._wait()

    def __call__(self, event: Any) -> None:
        """Show an event."""
        if type(event) is ev.TextEvent:
            if not self._extract:
                self.text(event.text)
        elif type(event) is ev.ThinkingEvent:
            if self._notes.verbose:
                self._think(event.thinking)
        elif event.type == "content_block_start" and event.content_block.type in _CALLED:
            self._call(event.content_block)
        elif event.type == "tool_result":
            self._result(event)
        elif event.type == "message_stop":
            self._wait()

    def text(self, text: str) -> None:
        """Print a piece of the answer."""
        if text:
            self._spinner.stop()
            self._end_thinking()
            self.watch.arrived()
            self._any = self._open = True
            self._printer.write(text)

    def pause(self) -> None:
        """Print what was held back, so that something else can be printed."""
        self._spinner.stop()
        self._end_thinking()
        if self._open:
            self._open = False
            self._printer.end()

    def end(self, answering: Answering) -> None:
        """Print the end of the answer; all of it where there was no stream."""
        if self._extract:
            code = first_code(answering.text)
            self.text(answering.text if code is None else code)
            if code is None:
                self._notes.note("the answer has no code block; all of it is printed.")
        elif not self._any:
            self.text(answering.text or "\n")
        self.pause()

    def fail(self, answering: Answering, error: KeybearerError) -> None:  # noqa: ARG002 - as `Shown`
        """Do nothing more than `stop`: the command's error is printed where all are."""
        self.stop()

    def stop(self) -> None:
        """Print what was held back; what a program reads ends where it was cut."""
        self._open = self._open and terminal_of(sys.stdout).person
        self.pause()

    def _think(self, text: str) -> None:
        self._spinner.stop()
        if self._thinking is None:
            self._thinking = HarmlessText()
        _aside(self._thinking.feed(text))

    def _end_thinking(self) -> None:
        if self._thinking is not None:
            _aside(self._thinking.end() + "\n\n")
            self._thinking = None

    def _call(self, block: Any) -> None:
        self.pause()
        self._notes.note(f"the service runs {harmless(str(block.name))}.")

    def _result(self, event: ToolResultEvent) -> None:
        self.pause()
        outcome = event.outcome
        took = f" after {outcome.seconds:.1f} s" if outcome.seconds else ""
        self._notes.note(f"{harmless(outcome.call.name)}: {outcome.ending.value}{took}.")
        self._wait()

    def _wait(self) -> None:
        self.pause()
        self._spinner = Spinner(quiet=self._notes.quiet)
        self._spinner.start()


_CALLED = frozenset({"server_tool_use", "mcp_tool_use"})


def _aside(text: str) -> None:
    """Print a piece of text on standard error."""
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


def cost_line(replies: Sequence[Message]) -> str:
    """Return what replies took, on one line."""
    from keybearer.prices import Cost
    from keybearer.types.usage import added

    if not replies:
        return "nothing was answered"
    usage = added([each.usage for each in replies])
    cost = sum((each.cost for each in replies), Cost())
    cached = [
        f"{count:,} {what}"
        for count, what in (
            (usage.cache_read_input_tokens, "of them from the cache"),
            (usage.cache_creation_input_tokens, "of them into the cache"),
        )
        if count
    ]
    tokens = [f"{_figure(usage.total_input_tokens)} tokens in", *cached, f"{_figure(usage.output_tokens)} out"]
    return ", ".join([*tokens, str(cost), replies[-1].model])


def _figure(count: Any) -> str:
    return f"{count:,}" if isinstance(count, int) else "?"  # a gateway may not say


_CODE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(.*?)^ {0,3}\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)


def first_code(text: str) -> str | None:
    """Return the first code block of an answer; None where there is none."""
    found = _CODE.search(text)
    return found[2] if found else None
