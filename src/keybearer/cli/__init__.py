"""The `keybearer` command: one file per subcommand, loaded when it is called.

A subcommand is a module of this package with three names: `HELP` (one line), `add_arguments(parser)` and `run(args) -> int`
(the exit code). `COMMANDS` is the whole table; a module is imported only when its command is the one called, so
`keybearer --help` costs an argparse import and nothing else.

Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no usable credential, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Final

__all__ = ["main"]

COMMANDS: Final[dict[str, str]] = {
    "ask": "ask Claude one question",
    "auth": "log in, and see which credential is used",
    "simulate": "run the offline twin of the API on this machine",
}
"""Command name to its line in `keybearer --help`; the module is `keybearer.cli.<name>` with `-` as `_`."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments without the program's name; `sys.argv[1:]` when omitted.

    Returns:
        The exit code.
    """
    from keybearer._version import __version__

    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="keybearer", description="A native Claude client and its offline twin.")
    parser.add_argument("--version", action="version", version=f"keybearer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    called = next((word for word in argv if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == called:
            module = importlib.import_module("keybearer.cli." + name.replace("-", "_"))
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return code
