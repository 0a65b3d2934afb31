"""`keybearer simulate`: the offline twin of the API as a process."""

from __future__ import annotations

import argparse
from typing import Final

__all__ = ["HELP", "add_arguments", "run"]

HELP: Final = "run the offline twin of the API on this machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags, those of `keybearer.simulator.command`."""
    try:
        from keybearer.simulator.command import add_arguments as add
    except ImportError as error:
        parser.error(f"the simulator needs {error.name}: pip install 'keybearer[simulator]'")
    add(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal comes.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.simulator.command import run as serve

    return serve(args)
