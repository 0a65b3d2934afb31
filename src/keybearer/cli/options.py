"""What commands share on the command line: the table of common options, and the frame of a command with subcommands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from keybearer.cli.called import DEFAULT_MODEL
from keybearer.cli.found import DEFAULT_CONFIG

__all__ = ["CLIENT", "Subcommand", "add_command", "add_json", "add_options", "add_subcommands", "run_subcommand"]

OPTIONS: Final[dict[str, tuple[str, str]]] = {
    "config": ("FILE", f"llm.yaml (default: $KEYBEARER_CONFIG, else {DEFAULT_CONFIG} if it is there)"),
    "provider": ("NAME", "the provider in it (default: the only one, or the agent's)"),
    "agent": ("NAME", "the agent whose provider and model to use"),
    "bundle": ("FILE", "the OAuth bundle (default: the configured one, else keybearer's own)"),
    "base-url": ("URL", "where the API is"),
    "model": ("MODEL", f"the model (default: the agent's or the provider's, else {DEFAULT_MODEL})"),
}
"""The name of each common option, its placeholder and its line of help."""

CLIENT: Final = ("config", "provider", "agent", "base-url")
"""The options of every command that calls the API; `keybearer.cli.called.make_client` reads them."""


def _url(text: str) -> str:
    """Read where an API is: https, or http to a loopback address.

    Raises:
        argparse.ArgumentTypeError: It is no such URL.
    """
    from keybearer.config.urls import url_problem

    if problem := url_problem(text):
        raise argparse.ArgumentTypeError(f"it {problem}")
    return text


_READ: Final[dict[str, Callable[[str], str]]] = {"base-url": _url}
"""How the value of an option is read, where it is not any text."""


class Subcommand(NamedTuple):
    """A subcommand.

    Attributes:
        help: Its line of help.
        run: Runs it; returns the exit code.
        add_arguments: Adds its flags.
    """

    help: str
    run: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None


def add_options(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add options of the table to a parser."""
    for name in names:
        metavar, line = OPTIONS[name]
        parser.add_argument(f"--{name}", metavar=metavar, help=line, type=_READ.get(name, str))


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`: what is printed is for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_command(commands: Any, name: str, line: str) -> argparse.ArgumentParser:
    """Add the parser of a command; its description is its line of help. The parsed arguments have it as `parser`."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
    parser.set_defaults(parser=parser)
    return parser


def add_subcommands(parser: argparse.ArgumentParser, table: Mapping[str, Subcommand], *options: str) -> None:
    """Add subcommands; the parsed arguments have the chosen one's function as `subcommand`.

    Args:
        parser: The command's parser.
        table: The subcommands by name.
        options: Names of common options that each of them has.
    """
    commands = parser.add_subparsers(dest="subcommand_name", metavar="SUBCOMMAND", required=True)
    for name, subcommand in table.items():
        command = add_command(commands, name, subcommand.help)
        add_options(command, *options)
        if subcommand.add_arguments:
            subcommand.add_arguments(command)
        command.set_defaults(subcommand=subcommand.run)


def run_subcommand(args: argparse.Namespace) -> int:
    """Run the subcommand that was called: the `run` of a command that has them.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    code: int = args.subcommand(args)
    return code
