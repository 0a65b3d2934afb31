"""Questions as the flags of `ask` and `run` ask them: one or one after the other, printed as the answer comes, and kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from keybearer.cli.exit_codes import STOPPED, WHY, ExitCode, exit_code
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
    from keybearer.conversation.conversation import Conversation
    from keybearer.types.messages import Message

__all__ = ["Question"]

RunOptions: TypeAlias = Callable[[Callable[[], None]], dict[str, Any]]
"""Gives the options of a run with tools; it gets what is to be called before somebody is asked something."""


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
        self._talk = self._kept.talk
        self._extra: dict[str, Any] = {}
        self._replies: list[Message] = []

    def ask(self, prompt: str, run_options: RunOptions) -> int:
        """Ask it, print the answer and keep the conversation.

        Args:
            prompt: The question's text.
            run_options: Gives the options of a run with tools.

        Returns:
            The exit code.
        """
        from keybearer.cli.asking import user_content

        talk = self._settled()
        words = "" if self._args.prompt in {None, "-"} else as_text(self._args.prompt)
        return self._answer(talk, user_content(self._args, prompt, self._notes, words=words), run_options)

    def ask_each(self, questions: Iterable[list[Any]], run_options: RunOptions) -> int:
        """Ask several, each after the answer to the one before; a question that got no answer is not in the conversation.

        Args:
            questions: The content of each.
            run_options: As of `ask`.

        Returns:
            The exit code of the last one that did not end well; 0 where all did.
        """
        talk = self._settled()
        code = int(ExitCode.OK)
        for content in questions:
            try:
                ended = self._answer(talk, content, run_options)
            except KeybearerError as error:
                complain(f"keybearer {self._args.command}: {error}")
                ended = exit_code(error)
            if len(self._talk) > len(talk) + 1:
                talk = self._talk
            elif len(talk) and not self._args.no_log:
                self._notes.note(self._kept.save(talk))
            code = ended or code
        return code

    def _settled(self) -> Conversation:
        """Return the conversation with the settings of the flags, and note what goes with every call."""
        from keybearer.cli.asking import answer_format, settings, spend_limit

        talk = settings(self._args, self._client, self._kept.talk, self._notes)
        self._extra = spend_limit(self._args)
        if self._args.json_schema is not None:
            self._extra |= answer_format(self._args.json_schema, talk, self._notes)
        return talk

    def _answer(self, talk: Conversation, content: list[Any], run_options: RunOptions) -> int:
        from keybearer.cli.answering import Answering

        show = self._show()
        options = run_options(show.pause)
        answering = Answering(self._client, talk.user(*content), self._extra, options)
        try:
            show.begin(self._kept.id, str(talk.defaults["model"]), options.get("tools", ()))
            answering.ask(show, stream=self._args.stream)
            show.end(answering)
        except KeybearerError as error:
            show.fail(answering, error)
            raise
        finally:
            try:
                show.stop()
            finally:
                self._talk = answering.talk
                self._replies += answering.replies
                if not self._args.no_log:
                    self._notes.note(self._kept.save(answering.talk))
        return self._ended(answering, show.watch)

    def _show(self) -> Shown:
        args = self._args
        if args.output_format in {None, "text"}:
            from keybearer.cli.showing import ShownText

            return ShownText(self._notes, extract=args.extract)
        from keybearer.cli.showing_json import ShownJSON

        lines = args.output_format == "stream-json"
        structured = args.json_schema is not None
        return ShownJSON(
            lines=lines, partial=args.include_partial_messages, structured=structured, earlier=self._replies
        )

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
