"""`keybearer completion`: a script that lets a shell complete commands, flags and their values."""

from __future__ import annotations

import argparse

from keybearer.cli.completion.scripts import SHELLS
from keybearer.cli.completion.tree import branches

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "shell",
        choices=SHELLS,
        help='bash or zsh: eval "$(keybearer completion bash)"; fish: save it as its completion',
    )


def run(args: argparse.Namespace) -> int:
    """Print the script.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.cli import whole_parser

    print(SHELLS[args.shell](list(branches(whole_parser()))), end="")
    return 0
