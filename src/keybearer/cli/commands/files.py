"""`keybearer files`: the files that are kept with the service.

Contract: a file's name comes from whoever uploaded it, so it never decides where a download goes beyond its last part, and nothing
that is there is replaced without `--force`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keybearer._arguments import count
from keybearer.cli.called import make_client
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, Subcommand, add_json, add_subcommands, run_subcommand
from keybearer.cli.output import say, say_json
from keybearer.cli.prompts import read_stdin
from keybearer.cli.tables import say_table
from keybearer.cli.terminal import is_terminal
from keybearer.errors import UsageError

if TYPE_CHECKING:
    from keybearer.client.sync import Client
    from keybearer.shell.uploads import FileLike

__all__ = ["add_arguments", "run"]

HEAD: Final = ("ID", "BYTES", "TYPE", "CREATED", "NAME")
MOST_TYPED: Final = 500 << 20
"""The most that is read from standard input, in bytes: the largest file. Source: the Files API's page, "File storage limits"."""

run = with_notes(run_subcommand)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS, *CLIENT, *NOTES)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def _list(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        files = list(client.files.list())
    if args.json:
        say_json([each.to_dict(mode="json") for each in files])
        return 0
    rows = [
        (each.id, each.size_bytes, each.mime_type, f"{each.created_at:%Y-%m-%d %H:%M}", each.filename) for each in files
    ]
    say_table(HEAD, rows, right=("BYTES",))
    return 0


def _put_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="+", help="the files; - for standard input, which needs --name")
    parser.add_argument("--name", help="another name than the file's own; with one file")
    parser.add_argument(
        "--expires-in", type=count, metavar="S", help="when it ends, in seconds from now (default: never)"
    )
    add_json(parser)


def _put(args: argparse.Namespace) -> int:
    if args.name and len(args.file) > 1:
        args.parser.error("argument --name: goes with one file")
    if "-" in args.file and not args.name:
        args.parser.error("argument --name: needed with -, which has no name")
    with make_client(args) as client:
        for path in args.file:
            _upload(client, path, args)
    return 0


def _upload(client: Client, path: str, args: argparse.Namespace) -> None:
    what = read_stdin(args.command, typed=True, most=MOST_TYPED) if path == "-" else Path(path)
    file: FileLike = (args.name, what) if args.name else what
    made = client.files.upload(file=file, expires_in_seconds=args.expires_in)
    if args.json:
        say_json(made.to_dict(mode="json"))
    else:
        say(made.id)


def _get_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="the file's id")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to; - for standard output (default: its own name, here)"
    )
    parser.add_argument("--force", action="store_true", help="replace what is there")


def _get(args: argparse.Namespace) -> int:
    if args.output == "-" and is_terminal(sys.stdout):
        args.parser.error("argument -o: a terminal shows no file; send standard output to a file or a pipe")
    with make_client(args) as client:
        if args.output == "-":
            with client.files.download(args.id) as download:
                download.write_to_file(sys.stdout.buffer)
            return 0
        target = args.output or _own_name(client.files.retrieve_metadata(args.id).filename)
        if os.path.lexists(target) and not args.force:
            raise UsageError(f"{target} is there.", hint="Name another with -o, or replace it with --force.")
        with client.files.download(args.id) as download:
            download.write_to_file(target)
    say(target)
    return 0


def _own_name(filename: str) -> str:
    """Return the last part of a file's name, as a name in this folder.

    Raises:
        UsageError: It is none that a file should have.
    """
    name = filename.replace("\\", "/").rpartition("/")[2].strip()
    if name.strip(". ") and name.isprintable() and not name.startswith((".", "-")):
        return name
    raise UsageError("The file's own name is none to write to.", hint="Name one with -o.")


def _rm_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="+", help="the files' ids")


def _rm(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        for each in args.id:
            client.files.delete(each)
            args.notes.note(f"removed {each}")
    return 0


SUBCOMMANDS: Final = {
    "list": Subcommand("list them, the newest first", _list, _list_arguments),
    "put": Subcommand("upload files, and print the id of each", _put, _put_arguments),
    "get": Subcommand("download a file that a tool made; an uploaded one cannot be", _get, _get_arguments),
    "rm": Subcommand("remove files for good", _rm, _rm_arguments),
}
