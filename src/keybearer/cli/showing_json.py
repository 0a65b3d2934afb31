"""An answer as JSON, for programs: `--output-format json` and `stream-json`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from keybearer.cli.answering import raw_event
from keybearer.cli.results import assistant_line, event_line, init_line, print_line, result_line, user_line
from keybearer.cli.stopwatch import Stopwatch
from keybearer.cli.tooling import tool_name
from keybearer.tools.calls import result_block
from keybearer.types import events as ev

if TYPE_CHECKING:
    from keybearer.cli.answering import Answering
    from keybearer.errors import KeybearerError
    from keybearer.types.messages import Message

__all__ = ["ShownJSON"]


class ShownJSON:
    """Prints one object at the end, or one for each thing that happens.

    Args:
        lines: Whether there is one for each thing that happens.
        partial: Whether there is one for each event of the service too.
        structured: Whether the answer is JSON itself.
        earlier: The replies to earlier questions of this command, whose cost is in the result.

    Attributes:
        watch: Times the answer.
    """

    def __init__(self, *, lines: bool, partial: bool, structured: bool, earlier: Sequence[Message] = ()) -> None:
        self.watch = Stopwatch()
        self._earlier = tuple(earlier)
        self._lines, self._partial, self._structured = lines, lines and partial, structured
        self._session = ""
        self._replies = 0

    def begin(self, session: str, model: str, tools: Iterable[Any]) -> None:
        """Print that it is asked for."""
        self._session = session
        if self._lines:
            print_line(init_line(session, model, [tool_name(each) for each in tools]))

    def __call__(self, event: Any) -> None:
        """Print an event, and what is complete with it."""
        if type(event) is ev.TextEvent:
            self.watch.arrived()
        if self._partial and event.type != "tool_result" and (raw := raw_event(event)) is not None:
            print_line(event_line(self._session, raw))
        if isinstance(event, ev.MessageStopEvent):
            self._replies += 1
            if self._lines:
                print_line(assistant_line(self._session, event.message))
        elif event.type == "tool_result" and self._lines:
            print_line(user_line(self._session, [result_block(event.outcome)]))

    def pause(self) -> None:
        """Do nothing: each line is whole."""

    def stop(self) -> None:
        """Do nothing: each line is whole."""

    def end(self, answering: Answering) -> None:
        """Print the result."""
        if self._lines:
            for reply in answering.replies[self._replies :]:  # those that came without a stream
                print_line(assistant_line(self._session, reply))
        value = None
        if self._structured and answering.ended == "end_turn":
            with contextlib.suppress(ValueError):
                value = json.loads(answering.text)
        print_line(
            result_line(
                self._session,
                answering.replies,
                self.watch,
                text=answering.text,
                ended=answering.ended,
                structured=value,
                denied=answering.denied,
                earlier=self._earlier,
            )
        )

    def fail(self, answering: Answering, error: KeybearerError) -> None:
        """Print the result, which is an error."""
        print_line(
            result_line(
                self._session,
                answering.replies,
                self.watch,
                text=str(error),
                denied=answering.denied,
                error=error,
                earlier=self._earlier,
            )
        )
