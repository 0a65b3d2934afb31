"""`keybearer config`: trust a folder's configuration, or no longer.

A configuration that is named (`--config`, an absolute `KEYBEARER_CONFIG`) is obeyed. One that was only found in the current folder
may not decide where a credential goes until the user has trusted it.
"""

from __future__ import annotations

import argparse
import os
from typing import Final

from keybearer.cli.found import DEFAULT_CONFIG
from keybearer.cli.options import Subcommand, add_subcommands
from keybearer.cli.output import say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS)


def run(args: argparse.Namespace) -> int:
    """Run a subcommand.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    code: int = args.subcommand(args)
    return code


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default=DEFAULT_CONFIG, help=f"the file (default: {DEFAULT_CONFIG})")


def _trust(args: argparse.Namespace) -> int:
    from keybearer.cli.trusted import Trusted, listed
    from keybearer.config.files import ConfigFiles
    from keybearer.config.untrusted import demands

    files = ConfigFiles(args.file)
    asked = demands(files, os.environ)
    Trusted().add(files)
    say(f"Trusted as it is now: {args.file}")
    say(f"It decides: {listed(asked)}." if asked else "It asks for nothing that needs it.")
    return 0


def _untrust(args: argparse.Namespace) -> int:
    from keybearer.cli.trusted import Trusted
    from keybearer.config.files import ConfigFiles

    was = Trusted().remove(ConfigFiles(args.file))
    say(f"{args.file} is no longer trusted." if was else f"{args.file} was not trusted.")
    return 0


SUBCOMMANDS: Final = {
    "trust": Subcommand("let a folder's llm.yaml, as it is now, decide where credentials go", _trust, _file_argument),
    "untrust": Subcommand("take that back", _untrust, _file_argument),
}
