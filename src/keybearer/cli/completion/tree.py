"""The commands, subcommands and flags as a tree, read from the parsers that read the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

__all__ = ["Branch", "Flag", "branches"]

FILES: Final = frozenset({"FILE", "PATH", "DIR", "FOLDER", "IMAGE", "PDF", "file", "path", "files", "folder"})
"""Placeholders of values that are files."""


class Flag(NamedTuple):
    """A flag.

    Attributes:
        names: Its spellings.
        words: Its line of help, without what follows a semicolon.
        takes: `file` or `text` where it takes a value, else an empty text.
        choices: All the values that it may have.
    """

    names: tuple[str, ...]
    words: str
    takes: str
    choices: tuple[str, ...]


class Branch(NamedTuple):
    """A command or a subcommand, or the program itself.

    Attributes:
        place: The words that lead to it, each behind a slash: `/auth/login`; empty for the program.
        words: Its line of help.
        children: The names of its subcommands, with their lines of help.
        flags: Its flags.
        files: Whether its arguments are files.
        choices: All the values that its argument may have.
    """

    place: str
    words: str
    children: dict[str, str]
    flags: tuple[Flag, ...]
    files: bool
    choices: tuple[str, ...]


def branches(parser: Any, place: str = "") -> Iterator[Branch]:
    """Give a parser and those below it.

    Args:
        parser: A parser that lists its `actions`, as this program's do.
        place: The words that lead to it.
    """
    children: dict[str, Any] = {}
    flags: list[Flag] = []
    files = False
    choices: tuple[str, ...] = ()
    for action in parser.actions:
        if action.nargs == argparse.PARSER:
            children = action.choices
        elif action.option_strings:
            flags.append(_flag(action))
        else:
            files = files or _is_file(action)
            choices = choices or tuple(map(str, action.choices or ()))
    yield Branch(
        place,
        _brief(parser.description),
        {name: _brief(child.description) for name, child in children.items()},
        tuple(flags),
        files,
        choices,
    )
    for name, child in children.items():
        yield from branches(child, f"{place}/{name}")


def _flag(action: argparse.Action) -> Flag:
    takes = "" if action.nargs == 0 else "file" if _is_file(action) else "text"
    choices = tuple(map(str, action.choices or ()))
    return Flag(tuple(action.option_strings), _brief(action.help), takes, choices)


def _is_file(action: argparse.Action) -> bool:
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    return name in FILES


def _brief(text: str | None) -> str:
    """Return a line of help as a shell shows it: its first part, without a stop at its end."""
    return " ".join((text or "").partition(";")[0].split()).rstrip(".")
