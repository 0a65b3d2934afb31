"""The `keybearer` command: one file per subcommand, loaded when it is called.

A command is a module of `keybearer.cli.commands` with two functions, `add_arguments(parser)` and `run(args) -> int` (the exit
code), and its row in `COMMANDS`. A module is imported only when its command is called, so `keybearer --help` loads little more than
argparse. A `KeybearerError` that a command raises is printed here.

Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no usable credential, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
from typing import Final, NoReturn

__all__ = ["main"]

COMMANDS: Final[dict[str, str]] = {
    "ask": "ask Claude one question",
    "config": "trust a folder's llm.yaml, or no longer",
    "auth": "log in, and see which credential is used",
    "migrate": "read programs for the official SDK: what will differ here",
    "simulate": "run the API's simulator on this machine",
}
"""Each command and its line in `keybearer --help`. Its module is `keybearer.cli.commands.<name>`, with `-` as `_`."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors show no key, wherever on the command line it stands."""

    def error(self, message: str) -> NoReturn:
        from keybearer.cli.output import clean

        super().error(clean(message))


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments without the program's name; `sys.argv[1:]` when omitted.

    Returns:
        The exit code.
    """
    from keybearer._version import __version__
    from keybearer.cli.options import add_command

    argv = sys.argv[1:] if argv is None else argv
    parser = _Parser(prog="keybearer", description="A native Claude client and an offline simulator of the API.")
    parser.add_argument("--version", action="version", version=f"keybearer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    called = next((word for word in argv if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        command = add_command(commands, name, line)
        if name == called:
            module = importlib.import_module("keybearer.cli.commands." + name.replace("-", "_"))
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        # Those of `auth` are not shown: they may be a token, or a piece of one.
        parser.error("unrecognized arguments" + ("" if called == "auth" else ": " + " ".join(unknown)))
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    """Run a command. A signal during a token refresh is deferred until the refresh is saved."""
    from keybearer.shell.signals import defer_signals

    with defer_signals():
        code = _perform(args)
        refresher = sys.modules.get("keybearer.shell.refresher")
        if refresher is not None:
            with contextlib.suppress(KeyboardInterrupt):  # it waits once more as the interpreter exits
                refresher.REFRESHER.finish()
    return code


def _perform(args: argparse.Namespace) -> int:
    from keybearer.cli.output import complain, flush, make_printable
    from keybearer.errors import CredentialError, CredentialInvalid, KeybearerError

    make_printable()
    try:
        code: int = args.run(args)
        flush()
    except KeyboardInterrupt:
        return 130
    except KeybearerError as error:
        with contextlib.suppress(OSError):
            flush()
        complain(f"keybearer {args.command}: {error}")
        return 4 if isinstance(error, CredentialError | CredentialInvalid) else 1
    except BrokenPipeError:
        code = 1  # the reader of the output has closed it
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        complain(f"keybearer {args.command}: {error.strerror or error}{place}")
        code = 1
    except UnicodeDecodeError as error:
        complain(f"keybearer {args.command}: the input is not {error.encoding} text")
        code = 1
    with contextlib.suppress(OSError):
        flush()
    return code
