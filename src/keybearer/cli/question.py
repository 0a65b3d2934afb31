"""One question, as the flags of `ask` and `run` ask it: printed as it comes, and kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keybearer.cli.exit_codes import STOPPED, WHY, ExitCode
from keybearer.cli.notes import SideNotes
from keybearer.cli.output import complain
from keybearer.cli.prompts import as_text
from keybearer.errors import KeybearerError

if TYPE_CHECKING:
    from keybearer.cli.answering import Answering
    from keybearer.cli.kept import KeptConversation
    from keybearer.cli.showing import Shown
    from keybearer.cli.stopwatch import Stopwatch
    from keybearer.client.sync import Client

__all__ = ["Question"]


class Question:
    """A question, as the flags ask it.

    Args:
        args: The flags of a command that asks one question.
        client: The client.
        notes: Says what is noted.
    """

    def __init__(self, args: argparse.Namespace, client: Client, notes: SideNotes) -> None:
        from keybearer.cli.asking import opened

        self._args, self._client, self._notes = args, client, notes
        self._kept: KeptConversation = opened(args)

    def ask(self, prompt: str, run_options: Callable[[Callable[[], None]], dict[str, Any]]) -> int:
        """Ask it, print the answer and keep the conversation.

        Args:
            prompt: The question's text.
            run_options: Gives the options of a run with tools; it gets what is to be called before somebody is asked something.

        Returns:
            The exit code.
        """
        from keybearer.cli.answering import Answering
        from keybearer.cli.asking import answer_format, settings, spend_limit, user_content

        args, notes = self._args, self._notes
        words = "" if args.prompt in {None, "-"} else as_text(args.prompt)
        talk = settings(args, self._client, self._kept.talk, notes)
        extra = spend_limit(args)
        if args.json_schema is not None:
            extra |= answer_format(args.json_schema, talk, notes)
        content = user_content(args, prompt, notes, words=words)
        show = self._show()
        options = run_options(show.pause)
        answering = Answering(self._client, talk.user(*content), extra, options)
        try:
            show.begin(self._kept.id, str(talk.defaults["model"]), options.get("tools", ()))
            answering.ask(show, stream=args.stream)
            show.end(answering)
        except KeybearerError as error:
            show.fail(answering, error)
            raise
        finally:
            try:
                show.stop()
            finally:
                if not args.no_log:
                    notes.note(self._kept.save(answering.talk))
        return self._ended(answering, show.watch)

    def _show(self) -> Shown:
        args = self._args
        if args.output_format in {None, "text"}:
            from keybearer.cli.showing import ShownText

            return ShownText(self._notes, extract=args.extract)
        from keybearer.cli.showing_json import ShownJSON

        lines = args.output_format == "stream-json"
        return ShownJSON(lines=lines, partial=args.include_partial_messages, structured=args.json_schema is not None)

    def _ended(self, answering: Answering, watch: Stopwatch) -> int:
        """Say how it ended, and what it took; return the exit code."""
        if answering.ended in WHY:
            complain(f"keybearer {self._args.command}: the answer stopped early: {WHY[answering.ended]}.")
        elif answering.ended not in {"end_turn", "stop_sequence"}:
            complain(f"keybearer {self._args.command}: the answer stopped early: {answering.ended}.")
        if self._args.usage or self._args.verbose:
            from keybearer.cli.showing import cost_line

            complain(cost_line(answering.replies))
        if watch.first is not None:
            self._notes.detail(f"first word after {watch.first:.1f} s, all after {watch.past:.1f} s")
        if not self._args.no_log:
            self._notes.detail(f"conversation {self._kept.id}")
        return STOPPED.get(answering.ended, ExitCode.OK)
