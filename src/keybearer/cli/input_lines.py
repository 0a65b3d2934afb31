"""Questions that a program writes to standard input, a line of JSON each: `--input-format stream-json`, as of `claude -p`.

    {"type": "user", "message": {"role": "user", "content": "..."}}

`content` is a text, or a list of the API's content blocks.

Contract: a line is read when it is due, so a program may read an answer before it writes the next question. A line that is none ends
the command: what it was meant to do is not guessed.

Source: `claude -p --help` of Claude Code 2.1.332, and what claude-agent-sdk writes. That a result's dollars are those of all questions
so far is a guess from the SDK's page on costs, and so is the `init` line before each answer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from keybearer.cli.attached import LIMIT
from keybearer.cli.notes import SideNotes
from keybearer.cli.prompts import decoded
from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize

__all__ = ["check_flags", "read_questions"]

WHAT: Final = "Standard input"
EXAMPLE: Final = 'Each line is {"type": "user", "message": {"role": "user", "content": "..."}}.'
_READ: Final = frozenset({"type", "message"})
_UNUSED: Final = frozenset({"parent_tool_use_id", "session_id", "uuid"})
"""What names a line for the program that writes it, and asks for nothing."""

_CONTROL: Final = frozenset({"control_request", "control_response", "control_cancel_request"})


def check_flags(args: argparse.Namespace) -> None:
    """Refuse the flags that have no meaning where questions are lines.

    Args:
        args: The flags of `keybearer ask`.
    """
    if args.output_format != "stream-json":
        args.parser.error("argument --input-format: stream-json is for --output-format stream-json")
    others = {
        "prompt": args.prompt is not None,
        "--no-stdin": args.no_stdin,
        "-f/--file": args.file,
        "-i/--image": args.image,
        "--pdf": args.pdf,
        "-u/--url": args.url,
    }
    if given := next((name for name, is_given in others.items() if is_given), None):
        args.parser.error(
            f"argument {given}: not allowed with --input-format stream-json, whose lines have the questions"
        )


def read_questions(notes: SideNotes) -> Iterator[list[Any]]:
    """Give the content of each question, as it comes.

    Args:
        notes: Says which keys are not used.

    Raises:
        UsageError: A line is no question.
    """
    number = 0
    said: set[str] = set()
    while sys.stdin is not None and (data := sys.stdin.buffer.readline(LIMIT + 1)):
        number += 1
        where = f"{WHAT}:{number}"
        if text := decoded(data, where, LIMIT).strip():
            line = _read(text, where)
            for key in sorted(line.keys() - _READ - _UNUSED - said):
                said.add(key)
                notes.note(f"{where}: {sanitize(key, 80)!r} is not used.")
            yield _content(line, where)


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        line: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        why = getattr(error, "msg", "it is nested too deeply")
        raise UsageError(f"{where}: it is not JSON: {why}.", hint=EXAMPLE) from None
    kind = line.get("type") if isinstance(line, dict) else None
    if isinstance(line, dict) and kind == "user":
        return line
    if kind in _CONTROL:
        raise UsageError(
            f"{where}: keybearer has no control protocol, so {kind} cannot be answered.",
            hint="End the command to stop an answer; approve tools with --yes-to.",
        )
    shown = "an object of another type" if kind is None else f"of the type {sanitize(str(kind), 80)!r}"
    raise UsageError(f"{where}: it is no question, but {shown}.", hint=EXAMPLE)


def _content(line: dict[str, Any], where: str) -> list[Any]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) and message.get("role") == "user" else None
    if isinstance(content, str) and content.strip():
        return [content]
    if isinstance(content, list) and content and all(isinstance(block, dict) for block in content):
        return content
    raise UsageError(f"{where}: its message is none of a user with content.", hint=EXAMPLE)
