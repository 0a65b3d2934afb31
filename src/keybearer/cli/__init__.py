"""The `keybearer` command: one file per subcommand, loaded when it is called.

A command is a module of `keybearer.cli.commands` with two functions, `add_arguments(parser)` and `run(args) -> int` (the exit
code), and its row in `COMMANDS`. A module is imported only when its command is called, so `keybearer --help` loads little more than
argparse. A `KeybearerError` that a command raises is printed here.

The exit codes are those of `keybearer.cli.exit_codes`. `ask` may be left out before a first argument that has white space or is `-`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import sys
from collections.abc import Collection
from typing import Any, Final, NoReturn

__all__ = ["main", "program"]

COMMANDS: Final[dict[str, str]] = {
    "ask": "ask Claude one question",
    "chat": "hold a conversation at the terminal",
    "run": "run an agent with tools, from a file",
    "logs": "see the conversations that were kept",
    "models": "list the models that this credential may use, or show one",
    "tokens": "count the tokens of a prompt; nothing is sent to the model",
    "lint": "find the mistakes in a request's JSON, and mend some; nothing is sent",
    "doctor": "find out why it does not work, from this machine to an answer",
    "batch": "run a file of requests at half the price, and read the results",
    "files": "list, upload, download and remove the files kept with the service",
    "usage": "show what calls took and cost, from the ledger",
    "limits": "show what is left of the rate limits",
    "cost": "say what a request would cost, or what replies have cost",
    "stream": "look at the bytes of a recorded stream",
    "config": "see, check and trust the configuration, llm.yaml",
    "auth": "log in, and see which credential is used",
    "migrate": "read programs for the official SDK: what will differ here",
    "simulate": "run the API's simulator on this machine",
    "completion": "print a script that lets a shell complete commands and flags",
    "version": "print the version",
}
"""Each command and its line in `keybearer --help`. Its module is `keybearer.cli.commands.<name>`, with `-` as `_`."""

COLLECT_AFTER: Final = 50_000
"""How many objects may be made before the first look for garbage: more than starting makes, which leaves none."""


class _Formatter(argparse.HelpFormatter):
    """Lays help out as wide as the terminal; argparse makes one for each flag, and would load shutil to ask how wide that is."""

    def __init__(self, prog: str, **options: Any) -> None:
        from keybearer.cli.terminal import width

        super().__init__(prog, **{"width": width() - 2, **options})


class _Parser(argparse.ArgumentParser):
    """A parser whose errors show no key, wherever on the command line it stands, and name the command that was probably meant.

    Attributes:
        actions: Its flags, arguments and subcommands, in their order.
    """

    actions: list[argparse.Action]

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **options})

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add a flag or an argument, and list it."""
        action = super().add_argument(*names, **options)
        self._list(action)
        return action

    def add_subparsers(self, **options: Any) -> Any:
        """Add subcommands, and list them."""
        action = super().add_subparsers(**options)
        self._list(action)
        return action

    def _list(self, action: argparse.Action) -> None:
        # The base class adds --help before anything can be set here.
        self.__dict__.setdefault("actions", []).append(action)

    def print_help(self, file: Any = None) -> None:
        """Print the help; argparse's own would pass over an error."""
        (sys.stdout if file is None else file).write(self.format_help())

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse the arguments; a flag that there is not is refused here where one is like it."""
        found, rest = super().parse_known_args(args, namespace)
        flags = [each.partition("=")[0] for each in rest if each.startswith("--")]
        if flags:
            from keybearer.errors.nearest import did_you_mean

            known = [name for action in self.actions for name in action.option_strings]
            for each in flags:
                if near := did_you_mean(each, known):
                    self.error(f"there is no {each}.{near}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        from keybearer.cli.output import clean

        super().error(clean(message))

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse a value that is none of the choices, as argparse does, in fewer words."""
        if action.choices is not None and value not in action.choices:
            from keybearer.errors.nearest import did_you_mean

            known = [str(each) for each in action.choices]
            near = did_you_mean(str(value), known) or f" It is one of: {', '.join(known)}."
            raise argparse.ArgumentError(action, f"there is no {value!r}.{near}")


def program() -> int:
    """Run the command line as a process of its own: what it loads stays until its end, so little is looked through for garbage.

    Returns:
        The exit code.
    """
    gc.set_threshold(COLLECT_AFTER)
    try:
        return main()
    finally:
        gc.freeze()


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments without the program's name; `sys.argv[1:]` when omitted.

    Returns:
        The exit code.
    """
    from keybearer.cli.output import make_printable

    make_printable()
    try:
        args = _parsed(_spelled_out(sys.argv[1:] if argv is None else argv))
    except OSError as error:
        return _unprinted(error)
    return _run(args)


def _parsed(argv: list[str]) -> argparse.Namespace:
    """Return what the words of the command line say.

    Raises:
        SystemExit: They are wrong, or a help or the version was asked for and printed.
        OSError: It could not be printed.
    """
    from keybearer.cli.output import flush

    called = next((word for word in argv if not word.startswith("-")), None)
    # Where the first word is a command, nothing that is printed names the others: their parsers are not made.
    parser = _parser({called}, argv[:1] if argv[:1] == [called] else ())
    try:
        args: argparse.Namespace
        args, unknown = parser.parse_known_args(argv)
        if unknown:
            # Those of `auth` are not shown: they may be a token, or a piece of one.
            args.parser.error("unrecognized arguments" + ("" if called == "auth" else ": " + " ".join(unknown)))
    except SystemExit as end:
        if not end.code:
            flush()
        raise
    return args


def _unprinted(error: OSError) -> int:
    """Say why a help could not be printed; return the exit code."""
    from keybearer.cli.exit_codes import ExitCode
    from keybearer.cli.output import complain

    if isinstance(error, BrokenPipeError):
        return ExitCode.BROKEN_PIPE
    complain(f"keybearer: {error.strerror}")
    return ExitCode.FAILED


def whole_parser() -> _Parser:
    """Return the parser with the flags of every command; those of one whose extra is not installed are left out."""
    return _parser(COMMANDS.keys())


def _parser(called: Collection[str | None], listed: Collection[str] = ()) -> _Parser:
    """Return the parser; only the commands that are called are loaded, and have their flags.

    Args:
        called: The commands that are called.
        listed: The commands that are known; all of them where none of these is one.
    """
    from keybearer._version import __version__
    from keybearer.cli.options import add_command

    parser = _Parser(prog="keybearer", description="A native Claude client and an offline simulator of the API.")
    parser.add_argument("--version", action="version", version=f"keybearer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, line in ({each: COMMANDS[each] for each in listed if each in COMMANDS} or COMMANDS).items():
        command = add_command(commands, name, line)
        if name in called:
            module = importlib.import_module("keybearer.cli.commands." + name.replace("-", "_"))
            with contextlib.ExitStack() as stack:
                if len(called) > 1:
                    stack.enter_context(contextlib.suppress(SystemExit))
                    stack.enter_context(contextlib.redirect_stderr(None))
                module.add_arguments(command)
            command.set_defaults(run=module.run)
    add_command(commands, "help", "show this, or the help of a command")  # `_spelled_out` runs it
    return parser


def _spelled_out(argv: list[str]) -> list[str]:
    """Return the arguments with what was left out: `ask` before a question, and `--help` where the first word is `help`."""
    first = argv[0] if argv else ""
    if first == "-" or (len(first.split()) > 1 and not first.startswith("-")):
        return ["ask", *argv]
    return [*argv[1:], "--help"] if first == "help" else argv


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
    from keybearer.cli.exit_codes import ExitCode, exit_code
    from keybearer.cli.output import complain, flush
    from keybearer.errors import KeybearerError

    try:
        code: int = args.run(args)
        flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except KeybearerError as error:
        with contextlib.suppress(OSError):
            flush()
        complain(f"keybearer {args.command}: {error}")
        return exit_code(error)
    except BrokenPipeError:
        code = ExitCode.BROKEN_PIPE  # the reader of the output has closed it
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        complain(f"keybearer {args.command}: {error.strerror or error}{place}")
        code = ExitCode.FAILED
    except UnicodeDecodeError as error:
        complain(f"keybearer {args.command}: the input is not {error.encoding} text")
        code = ExitCode.FAILED
    with contextlib.suppress(OSError):
        flush()
    return code
