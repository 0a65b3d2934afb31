"""What commands share on the command line: the table of common options, and the frame of a command with subcommands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from keybearer._arguments import count, positive, positive_amount, thinking
from keybearer.cli.called import DEFAULT_MODEL
from keybearer.cli.found import DEFAULT_CONFIG

__all__ = [
    "ASKING",
    "ATTACHING",
    "CLIENT",
    "KEEPING",
    "NOTES",
    "PRINTING",
    "Subcommand",
    "add_command",
    "add_json",
    "add_options",
    "add_subcommands",
    "run_subcommand",
]


class CommonOption(NamedTuple):
    """A common option.

    Attributes:
        metavar: Its placeholder; empty for a flag without a value.
        help: Its line of help.
        short: Its short form.
        read: Reads its value.
        choices: All the values that it may have.
        many: Whether it may be repeated.
    """

    metavar: str
    help: str
    short: str = ""
    read: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    many: bool = False


def _url(text: str) -> str:
    """Read where an API is: https, or http to a loopback address.

    Raises:
        argparse.ArgumentTypeError: It is no such URL.
    """
    from keybearer.config.urls import url_problem

    if problem := url_problem(text):
        raise argparse.ArgumentTypeError(f"it {problem}")
    return text


OPTIONS: Final[dict[str, CommonOption]] = {
    "config": CommonOption("FILE", f"llm.yaml (default: $KEYBEARER_CONFIG, else {DEFAULT_CONFIG} if it is there)"),
    "provider": CommonOption("NAME", "the provider in it (default: the only one, or the agent's)"),
    "agent": CommonOption("NAME", "the agent whose provider and model to use", "-a"),
    "bundle": CommonOption("FILE", "the OAuth bundle (default: the configured one, else keybearer's own)"),
    "store": CommonOption(
        "STORE", "where the login is kept (default: auth.store, else file)", choices=("file", "keyring", "redis")
    ),
    "base-url": CommonOption("URL", "where the API is", read=_url),
    "model": CommonOption(
        "MODEL", f"the model, or haiku, sonnet, opus: the newest of its line (default: {DEFAULT_MODEL})", "-m"
    ),
    "system-prompt": CommonOption("TEXT", "a system prompt", "-s"),
    "file": CommonOption("FILE", "a text, PDF or image that goes with it; - for standard input", "-f", many=True),
    "image": CommonOption("IMAGE", "an image: a path, an https URL or a file id", "-i", many=True),
    "pdf": CommonOption("PDF", "a PDF: a path, an https URL or a file id", many=True),
    "url": CommonOption("URL", "a page, an image or a PDF on the web", "-u", many=True),
    "max-tokens": CommonOption("N", "the longest answer, in tokens (default: 4096)", read=count),
    "thinking": CommonOption("HOW", "adaptive, disabled, or how many tokens it may take", read=thinking),
    "effort": CommonOption(
        "LEVEL", "low, medium, high, xhigh or max", choices=("low", "medium", "high", "xhigh", "max")
    ),
    "cache": CommonOption("", "keep the prompt in the service's cache, for questions that go on with it"),
    "tools": CommonOption(
        "TOOL,...",
        "tools: MODULE:NAME or FILE.py:NAME of Python functions, web_search, web_fetch, code_execution",
        many=True,
    ),
    "yes-to": CommonOption("WHAT,...", "calls that need no approval: read, all, or the names of tools", many=True),
    "max-turns": CommonOption("N", "how many replies there may be, with tools (default: 50)", read=positive),
    "max-budget-usd": CommonOption(
        "DOLLARS", "the most that it may cost; what might cost more is not sent", read=positive_amount
    ),
    "output-format": CommonOption(
        "FORMAT", "text, json or stream-json, as of claude -p (default: text)", choices=("text", "json", "stream-json")
    ),
    "include-partial-messages": CommonOption("", "with stream-json: the service's events too"),
    "usage": CommonOption("", "print what it cost, on standard error"),
    "continue": CommonOption("", "go on with the last conversation", "-c"),
    "resume": CommonOption("ID", "go on with this one; the first characters will do", "-r"),
    "no-log": CommonOption("", "keep nothing of this", "-n"),
    "quiet": CommonOption("", "print no notes and no spinner: answers and errors alone", "-q"),
    "verbose": CommonOption("", "print the model, the thinking, the times, the cost, and what is sent when", "-v"),
    "log-file": CommonOption("FILE", "append what is sent when to a file"),
}
"""The common options by name: one spelling each, that of `claude` where it has one."""

CLIENT: Final = ("config", "provider", "agent", "base-url")
"""The options of every command that calls the API; `keybearer.cli.called.make_client` reads them."""


NOTES: Final = ("quiet", "verbose", "log-file")
"""The options of what is said beside the answer; `keybearer.cli.notes` reads them."""

PRINTING: Final = ("output-format", "include-partial-messages", "usage")
"""The options of how an answer is printed; `keybearer.cli.question` reads them."""

ASKING: Final = (
    "model",
    "system-prompt",
    "thinking",
    "effort",
    "cache",
    "max-tokens",
    "max-budget-usd",
    "tools",
    "yes-to",
    "max-turns",
)
"""The options of how a question is asked; `keybearer.cli.asking` reads them."""

ATTACHING: Final = ("file", "image", "pdf", "url")
"""The options of what goes with a question."""

KEEPING: Final = ("continue", "resume", "no-log")
"""The options of the conversations that are kept; `keybearer.cli.kept` has them."""


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
        option = OPTIONS[name]
        spellings = [each for each in (option.short, f"--{name}") if each]
        if not option.metavar:
            parser.add_argument(*spellings, action="store_true", help=option.help)
            continue
        kept: dict[str, Any] = {"action": "append", "default": []} if option.many else {}
        if option.choices:
            kept["choices"] = option.choices
        parser.add_argument(*spellings, metavar=option.metavar, help=option.help, type=option.read, **kept)


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
