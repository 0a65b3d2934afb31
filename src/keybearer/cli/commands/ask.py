"""`keybearer ask`: one question, one answer."""

from __future__ import annotations

import argparse

from keybearer.cli.called import make_client
from keybearer.cli.ending import ending_in_order
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.notes import SideNotes, noted
from keybearer.cli.options import ASKING, ATTACHING, CLIENT, KEEPING, NOTES, PRINTING, add_options
from keybearer.cli.output import complain

__all__ = ["add_arguments", "run"]


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
    add_options(parser, *KEEPING, *PRINTING)
    parser.add_argument(
        "--input-format",
        choices=("text", "stream-json"),
        metavar="FORMAT",
        help="stream-json: questions are lines of standard input, as of claude -p (default: text)",
    )
    parser.add_argument("-x", "--extract", action="store_true", help="print only the first code block of the answer")
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print the answer as it comes (default)"
    )
    add_options(parser, *NOTES, *CLIENT)


def run(args: argparse.Namespace) -> int:
    """Ask and print the answer.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    with ending_in_order(), noted(args) as notes:
        from keybearer.cli.asking import read_prompt, run_options

        if args.extract and args.output_format not in {None, "text"}:
            args.parser.error("argument -x/--extract: it is for --output-format text")
        if args.input_format == "stream-json":
            return _each_line(args, notes)
        prompt = read_prompt(args)
        if not prompt and not (args.file or args.image or args.pdf or args.url):
            complain("keybearer ask: nothing was asked. Try: keybearer ask 'hello'")
            return ExitCode.USAGE
        from keybearer.cli.question import Question

        with make_client(args) as client:
            return Question(args, client, notes).ask(prompt, lambda before: run_options(args, before))


def _each_line(args: argparse.Namespace, notes: SideNotes) -> int:
    """Ask each question of standard input, and print the lines of its answer."""
    from keybearer.cli.asking import run_options
    from keybearer.cli.input_lines import check_flags, read_questions
    from keybearer.cli.question import Question

    check_flags(args)
    with make_client(args) as client:
        return Question(args, client, notes).ask_each(read_questions(notes), lambda before: run_options(args, before))
