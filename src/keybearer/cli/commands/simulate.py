"""`keybearer simulate`: the simulator as a process."""

from __future__ import annotations

import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags, those of `keybearer.simulator.process.command`."""
    from keybearer.simulator.extra import loading, need_extra

    try:
        need_extra()
    except ImportError as error:
        parser.exit(1, f"keybearer simulate: {error}\n")
    with loading():
        from keybearer.simulator.process.command import add_arguments as add

    add(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal comes.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.simulator.process.command import run as serve

    return serve(args)
