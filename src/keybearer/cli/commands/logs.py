"""`keybearer logs`: the conversations that are kept, which `ask -c` and `--resume` go on with."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from keybearer._arguments import positive
from keybearer.cli.kept import SHORT, Listed, conversations_folder, find_file, first_words, listed, text_of, written
from keybearer.cli.options import Subcommand, add_json, add_subcommands, run_subcommand
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.printing import make_printer
from keybearer.cli.prompts import json_lines
from keybearer.conversation.accept import role_of
from keybearer.conversation.conversation import Conversation
from keybearer.errors import ConversationError, UsageError
from keybearer.shell.conversation_file import ConversationFile

__all__ = ["add_arguments", "run"]

COUNT: Final = 20
WIDTH: Final = 60
"""How many characters of a question stand in a list."""

AROUND: Final = 40
"""How many characters stand on each side of what was found."""

run = run_subcommand


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS)


def _add_count(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-n", "--count", type=positive, default=COUNT, metavar="N", help=f"how many at the most (default: {COUNT})"
    )
    add_json(parser)


def _read(entry: Listed) -> Conversation | None:
    """Read a conversation; one that cannot be read is said, and passed over."""
    try:
        return ConversationFile(entry.path).load(recover=True)
    except ConversationError as error:
        complain(f"keybearer logs: {error}")
        return None


def _row(entry: Listed, talk: Conversation) -> dict[str, Any]:
    return {
        "id": entry.id,
        "changed": f"{dt.datetime.fromtimestamp(entry.changed).astimezone():%Y-%m-%dT%H:%M:%S%z}",
        "model": talk.defaults.get("model"),
        "turns": len(talk),
        "question": first_words(talk, WIDTH),
    }


def _list(args: argparse.Namespace) -> int:
    rows = [_row(entry, talk) for entry in listed()[: args.count] if (talk := _read(entry)) is not None]
    if args.json:
        say_json(rows)
        return 0
    if not rows:
        complain("keybearer logs: no conversation is kept yet. Try: keybearer ask 'hello'")
    for row in rows:
        say(f"{row['id'][:SHORT]}  {row['changed'][:16].replace('T', ' ')}  {row['turns']:>4}  {row['question']}")
    return 0


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help="its id, or the first characters of it (default: the last one)")
    parser.add_argument("-r", "--response", action="store_true", help="print only its last answer")
    parser.add_argument("--json", action="store_true", help="print its JSON lines")


def _show(args: argparse.Namespace) -> int:
    entry = find_file(args.id) if args.id else next(iter(listed()), None)
    if entry is None:
        raise UsageError("No conversation is kept yet.", hint="Try: keybearer ask 'hello'")
    talk = ConversationFile(entry.path).load(recover=True)
    if args.json:
        for _, line in json_lines(talk.dumps(), entry.id):
            say(json.dumps(line))
        return 0
    printer = make_printer()
    if args.response:
        printer.write(next((text_of(turn) for turn in reversed(talk.messages) if role_of(turn) == "assistant"), ""))
        printer.end()
        return 0
    complain(f"conversation {entry.id}, {talk.defaults.get('model')}")
    printer.write(written(talk))
    printer.end()
    return 0


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", help="what is searched for, as it is written; capitals do not matter")
    _add_count(parser)


def _search(args: argparse.Namespace) -> int:
    wanted = " ".join(args.words).casefold()
    rows: list[dict[str, Any]] = []
    for entry in listed():
        if len(rows) == args.count:
            break
        talk = _read(entry)
        if talk is not None and (found := next(_places(talk, wanted), None)) is not None:
            rows.append({**_row(entry, talk), "found": found})
    if args.json:
        say_json(rows)
    for row in rows if not args.json else ():
        say(f"{row['id'][:SHORT]}  {row['changed'][:16].replace('T', ' ')}  {row['found']}")
    return 0 if rows else 1


def _places(talk: Conversation, wanted: str) -> Iterator[str]:
    """Yield where a text stands in a conversation, with what is around it."""
    for turn in talk:
        text = " ".join(text_of(turn).split())
        at = text.casefold().find(wanted)
        if at >= 0:
            begin, end = max(0, at - AROUND), at + len(wanted) + AROUND
            yield f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"


def _path(_args: argparse.Namespace) -> int:
    sys.stdout.write(f"{conversations_folder()}\n")
    return 0


SUBCOMMANDS: Final = {
    "list": Subcommand("list them, the last one first", _list, _add_count),
    "show": Subcommand("print one", _show, _show_arguments),
    "search": Subcommand("find those in which something was said", _search, _search_arguments),
    "path": Subcommand("print the folder that they are in", _path),
}
