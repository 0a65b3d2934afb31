"""`keybearer config`: trust a folder's configuration, or no longer.

A configuration that is named (`--config`, an absolute `KEYBEARER_CONFIG`) is obeyed. One that merely lies in the folder where the
command runs may not decide where a credential goes, until its owner has trusted it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Final

from keybearer.cli.found import DEFAULT_CONFIG
from keybearer.cli.output import clean, complain

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    commands = parser.add_subparsers(dest="config_command", metavar="SUBCOMMAND", required=True)
    for name, (line, function) in SUBCOMMANDS.items():
        command = commands.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        command.add_argument("file", nargs="?", default=DEFAULT_CONFIG, help=f"the file (default: {DEFAULT_CONFIG})")
        command.set_defaults(config_function=function)


def run(args: argparse.Namespace) -> int:
    """Run a subcommand.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.errors import KeybearerError

    try:
        code: int = args.config_function(args.file)
    except KeybearerError as error:
        complain(f"keybearer config: {error}")
        return 1
    return code


def _trust(path: str) -> int:
    from keybearer.cli.trusted import Trusted, listed
    from keybearer.config.files import ConfigFiles
    from keybearer.config.untrusted import demands

    files = ConfigFiles(path)
    asked = demands(files, os.environ)
    Trusted().add(files)
    print(clean(f"Trusted as it is now: {path}"))
    print(clean(f"It decides: {listed(asked)}." if asked else "It asks for nothing that needs it."))
    return 0


def _untrust(path: str) -> int:
    from keybearer.cli.trusted import Trusted
    from keybearer.config.files import ConfigFiles

    was = Trusted().remove(ConfigFiles(path))
    print(clean(f"{path} is no longer trusted." if was else f"{path} was not trusted."))
    return 0


SUBCOMMANDS: Final[dict[str, tuple[str, Callable[[str], int]]]] = {
    "trust": ("let a folder's llm.yaml, as it is now, decide where credentials go", _trust),
    "untrust": ("take that back", _untrust),
}
"""Subcommand to its line of help and what it does."""
