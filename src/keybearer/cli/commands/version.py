"""`keybearer version`: as `keybearer --version`."""

from __future__ import annotations

import argparse

from keybearer._version import __version__
from keybearer.cli.output import say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no flags: there are none."""


def run(_: argparse.Namespace) -> int:
    """Print the version.

    Returns:
        The exit code.
    """
    say(f"keybearer {__version__}")
    return 0
