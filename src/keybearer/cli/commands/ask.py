"""`keybearer ask`: one question, one answer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from keybearer.cli.called import make_client
from keybearer.cli.ending import ending_in_order
from keybearer.cli.exit_codes import STOPPED, WHY, ExitCode
from keybearer.cli.notes import SideNotes, noted
from keybearer.cli.options import ASKING, ATTACHING, CLIENT, KEEPING, NOTES, add_options
from keybearer.cli.output import complain
from keybearer.cli.prompts import as_text, prompt_of
from keybearer.errors import KeybearerError

if TYPE_CHECKING:
    from keybearer.cli.answering import Answering
    from keybearer.cli.kept import KeptConversation
    from keybearer.cli.showing import Shown
    from keybearer.cli.stopwatch import Stopwatch
    from keybearer.client.sync import Client

__all__ = ["add_arguments", "run"]

FORMATS: Final = ("text", "json", "stream-json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "prompt", nargs="?", help="the question; @path names a file; standard input is added below it; - for that alone"
    )
    parser.add_argument(
        "--no-stdin", action="store_true", help="do not read standard input: for use in a loop that reads it"
    )
    add_options(parser, *ASKING, *ATTACHING)
    parser.add_argument("--json-schema", metavar="SCHEMA", help="a JSON Schema that the answer fits, or a file of it")
    add_options(parser, *KEEPING)
    parser.add_argument(
        "--output-format",
        choices=FORMATS,
        default="text",
        metavar="FORMAT",
        help="text, json or stream-json, as of claude -p",
    )
    parser.add_argument(
        "--include-partial-messages", action="store_true", help="with stream-json: the service's events too"
    )
    parser.add_argument("-x", "--extract", action="store_true", help="print only the first code block of the answer")
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print the answer as it comes (default)"
    )
    parser.add_argument("--usage", action="store_true", help="print what it cost, on standard error")
    add_options(parser, *NOTES, *CLIENT)


def run(args: argparse.Namespace) -> int:
    """Ask and print the answer.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    with ending_in_order(), noted(args) as notes:
        args.no_stdin = args.no_stdin or "-" in args.file
        prompt = prompt_of(args)
        if not prompt and not (args.file or args.image or args.pdf or args.url):
            complain("keybearer ask: nothing was asked. Try: keybearer ask 'hello'")
            return ExitCode.USAGE
        with make_client(args) as client:
            return _Question(args, client, notes).ask(prompt)


class _Question:
    """A question, as the flags ask it."""

    def __init__(self, args: argparse.Namespace, client: Client, notes: SideNotes) -> None:
        from keybearer.cli.asking import opened

        self._args, self._client, self._notes = args, client, notes
        self._kept: KeptConversation = opened(args)

    def ask(self, prompt: str) -> int:
        """Ask it, print the answer and keep the conversation; return the exit code."""
        from keybearer.cli.answering import Answering
        from keybearer.cli.asking import answer_format, run_options, settings, user_content

        args, notes = self._args, self._notes
        words = "" if args.prompt in {None, "-"} else as_text(args.prompt)
        talk = settings(args, self._client, self._kept.talk, notes)
        extra = answer_format(args.json_schema, talk, notes) if args.json_schema is not None else {}
        content = user_content(args, prompt, notes, words=words)
        show = self._show()
        options = run_options(args, show.pause)
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
        if args.output_format == "text":
            from keybearer.cli.showing import ShownText

            return ShownText(self._notes, extract=args.extract)
        from keybearer.cli.showing_json import ShownJSON

        lines = args.output_format == "stream-json"
        return ShownJSON(lines=lines, partial=args.include_partial_messages, structured=args.json_schema is not None)

    def _ended(self, answering: Answering, watch: Stopwatch) -> int:
        """Say how it ended, and what it took; return the exit code."""
        if answering.ended in WHY:
            complain(f"keybearer ask: the answer stopped early: {WHY[answering.ended]}.")
        elif answering.ended not in {"end_turn", "stop_sequence"}:
            complain(f"keybearer ask: the answer stopped early: {answering.ended}.")
        if self._args.usage or self._args.verbose:
            from keybearer.cli.showing import cost_line

            complain(cost_line(answering.replies))
        if watch.first is not None:
            self._notes.detail(f"first word after {watch.first:.1f} s, all after {watch.past:.1f} s")
        if not self._args.no_log:
            self._notes.detail(f"conversation {self._kept.id}")
        return STOPPED.get(answering.ended, ExitCode.FAILED if answering.ended == "max_turns" else ExitCode.OK)
