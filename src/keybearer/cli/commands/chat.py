"""`keybearer chat`: a conversation at the terminal."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from keybearer.cli.called import make_client
from keybearer.cli.chat.lines import LineReader, make_lines
from keybearer.cli.ending import ending_in_order
from keybearer.cli.notes import SideNotes, noted
from keybearer.cli.options import ASKING, ATTACHING, CLIENT, KEEPING, NOTES, add_options
from keybearer.cli.output import complain
from keybearer.cli.prompts import as_text

if TYPE_CHECKING:
    from keybearer.cli.chat.session import ChatSession
    from keybearer.client.sync import Client

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("prompt", nargs="?", help="the first question; @path names a file")
    add_options(parser, *ASKING, *ATTACHING, *KEEPING, *NOTES, *CLIENT)


def run(args: argparse.Namespace) -> int:
    """Hold the conversation until it is ended.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    if "-" in args.file:
        args.parser.error("argument -f/--file: standard input has the questions here")
    with ending_in_order(), noted(args) as notes, make_client(args) as client:
        session = _opened(args, client, notes)
        from keybearer.cli.asking import user_content

        words = as_text(args.prompt or "")
        content = user_content(args, words, notes, words=words)
        lines = make_lines(keep=not args.no_log)
        _greet(session, notes)
        if words:
            session.say(*content)
        else:
            session.pending += content
        _converse(session, lines, notes, args)
        if len(session.talk) and not args.no_log:
            notes.note(f"go on with: keybearer chat --resume {session.id[:8]}")
    return 0


def _opened(args: argparse.Namespace, client: Client, notes: SideNotes) -> ChatSession:
    from keybearer.cli.asking import opened, settings, spend_limit
    from keybearer.cli.chat.session import ChatSession

    kept = opened(args)
    kept.talk = settings(args, client, kept.talk, notes)
    if args.yes_to and not args.tools:
        args.parser.error("argument --yes-to: there are no tools; name them with --tools")
    tools, yes = [], set()
    if args.tools:
        from keybearer.cli.approvals import Approvals
        from keybearer.cli.tooling import load_tools

        tools = load_tools(args.tools)
        yes = Approvals(tools, args.yes_to).yes
    return ChatSession(
        client,
        kept,
        notes,
        keep=not args.no_log,
        tools=tools,
        yes_to=yes,
        max_turns=args.max_turns,
        extra=spend_limit(args),
    )


def _greet(session: ChatSession, notes: SideNotes) -> None:
    from keybearer.cli.terminal import is_terminal

    if is_terminal(sys.stdin) and not notes.quiet:
        complain(f"{session.talk.defaults.get('model')}. /help shows the commands; Ctrl-D ends it.")


def _converse(session: ChatSession, lines: LineReader, notes: SideNotes, args: argparse.Namespace) -> None:
    """Read questions and commands until the end of the input."""
    from keybearer.cli.asking import user_content
    from keybearer.cli.chat.slash import run_slash

    args.file = args.image = args.pdf = args.url = ()  # they went with the first question
    while True:
        try:
            text = as_text(lines.read())
        except EOFError:
            return
        except KeyboardInterrupt:
            complain("Ctrl-D or /quit ends the chat.")
            continue
        if text.startswith("/"):
            if not run_slash(session, text):
                return
        elif text.strip():
            session.say(*user_content(args, text.strip(), notes, words=text))
