"""The text that a command is given: its argument, standard input, or a file."""

from __future__ import annotations

import argparse
import json
import os
import re
import stat
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

from keybearer.cli.output import complain

__all__ = ["as_text", "decoded", "json_lines", "prompt_of", "read_file", "read_given", "read_stdin", "read_text"]

NOTICE_AFTER: Final = 3.0
"""How long to read standard input before a notice is printed, in seconds."""
_HALF: Final = re.compile("[\ud800-\udfff]")
LIMIT: Final = 8 << 20
"""The most that is read, in bytes."""


def prompt_of(args: argparse.Namespace) -> str:
    """Return the prompt of a command: its words, then what is on standard input.

    Args:
        args: Flags with `prompt`, where `-` is standard input alone, `no_stdin` and `parser`.

    Raises:
        UsageError: Standard input is too long, or is no text.
    """
    alone = args.prompt == "-"
    if alone and args.no_stdin:
        args.parser.error("argument --no-stdin: not allowed with -, which is standard input")
    words = "" if alone else as_text(args.prompt or "")
    piped = "" if args.no_stdin else decoded(read_stdin(args.command, typed=alone), "Standard input")
    return "\n\n".join(part for part in (words, piped.strip()) if part)


def as_text(argument: str) -> str:
    """Return an argument as text; undecodable bytes and lone surrogates are replaced."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", argument)


def read_stdin(command: str, *, typed: bool = False, most: int = LIMIT) -> bytes:
    """Read standard input, if it is a file or a pipe; not a device as /dev/null, or a closed descriptor.

    Args:
        command: The command's name, for the line that says what is waited for.
        typed: Whether a terminal is read too.
        most: How many bytes it may have.

    Returns:
        What is there, at most one byte more than that.
    """
    if sys.stdin is None:
        return b""
    if stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode) and not (typed and sys.stdin.isatty()):
        return b""
    unread = "; --no-stdin leaves it unread" if command == "ask" else ""
    words = f"keybearer {command}: standard input is read to its end{unread}."
    notice = threading.Timer(NOTICE_AFTER, complain, (words,))
    notice.daemon = True
    notice.start()
    try:
        return sys.stdin.buffer.read(most + 1)
    finally:
        notice.cancel()


def read_file(path: str, most: int = LIMIT) -> bytes:
    """Read a file, at most one byte more than it may have.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs an import here
        return file.read(most + 1)


def read_given(args: argparse.Namespace, most: int) -> bytes:
    """Read the file that a command is given, where `-` is standard input; see `read_file`.

    Args:
        args: Flags with `file` and `command`.
        most: How many bytes it may have.
    """
    return read_stdin(args.command, typed=True, most=most) if args.file == "-" else read_file(args.file, most)


def read_text(args: argparse.Namespace, most: int) -> str:
    """Read the text that a command is given, as `read_given`.

    Raises:
        UsageError: It is too long, or is no text.
    """
    return decoded(read_given(args, most), "Standard input" if args.file == "-" else args.file, most)


def json_lines(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Give the values of JSON lines, each with its line's number; empty lines are passed over.

    Args:
        text: The lines.
        name: Where they stand, for an error.

    Raises:
        UsageError: A line is not JSON.
    """
    from keybearer.errors import UsageError

    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            why = getattr(error, "msg", "it is nested too deeply")
            raise UsageError(f"{name}:{number}: it is not JSON: {why}.") from None


def decoded(data: bytes, what: str, most: int = LIMIT) -> str:
    """Return bytes as text: UTF-8, else in the encoding of standard input.

    Args:
        data: The bytes.
        what: What they are, for an error.
        most: How many there may be.

    Raises:
        UsageError: There are too many, or they are no text.
    """
    from keybearer.errors import UsageError

    if len(data) > most:
        raise UsageError(f"{what} is longer than {most >> 20} MiB.", hint="Send less of it.")
    for encoding in ("utf-8-sig", getattr(sys.stdin, "encoding", None) or "utf-8"):
        try:
            text = data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
        if _HALF.search(text):
            raise UsageError(
                f"{what} holds half of a character (a lone surrogate), which no request can carry.",
                hint="Save it again as UTF-8 text.",
            )
        return text
    raise UsageError(f"{what} is not UTF-8 text.", hint="Convert it first, for example with iconv.")
