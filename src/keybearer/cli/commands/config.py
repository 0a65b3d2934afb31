"""`keybearer config`: which configuration commands go by, whether it can be read, and whether it is trusted.

A configuration that is named (`--config`, an absolute `KEYBEARER_CONFIG`) is obeyed. One that was only found in the current folder
may not decide where a credential goes until the user has trusted it.
"""

from __future__ import annotations

import argparse
import os
from typing import Final

from keybearer.cli.found import DEFAULT_CONFIG
from keybearer.cli.options import Subcommand, add_options, add_subcommands, run_subcommand
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.validated import check_providers, validated

__all__ = ["add_arguments", "run"]


run = run_subcommand


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS)


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default=DEFAULT_CONFIG, help=f"the file (default: {DEFAULT_CONFIG})")


def _trust(args: argparse.Namespace) -> int:
    from keybearer.cli.trusted import Trusted, check_keys, listed
    from keybearer.config.files import ConfigFiles
    from keybearer.config.untrusted import demands

    files = ConfigFiles(args.file)
    asked = demands(files, os.environ)
    check_keys(asked)
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


def _path_arguments(parser: argparse.ArgumentParser) -> None:
    add_options(parser, "config")


def _path(args: argparse.Namespace) -> int:
    from keybearer.cli.found import config_file

    files = config_file(args.config)
    if files is None:
        complain(f"keybearer config: there is no {DEFAULT_CONFIG}; commands go without a configuration.")
        return 1
    say(str(files))
    return 0


def _validate(args: argparse.Namespace) -> int:
    from keybearer.config.files import ConfigFiles

    files = ConfigFiles(args.file)
    providers, agents = validated(files)
    check_providers(files)
    say(f"{args.file} can be used: providers {', '.join(providers)}; agents {', '.join(agents) or 'none'}.")
    return 0


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    from keybearer.cli.commands.config_show import add_arguments as add

    add(parser)


def _show(args: argparse.Namespace) -> int:
    from keybearer.cli.commands.config_show import show

    return show(args)


def _schema_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--of-agents", action="store_true", help="that of an agent's file")


def _schema(args: argparse.Namespace) -> int:
    from keybearer.cli.config_schema import schema_of

    say_json(schema_of(agent=args.of_agents))
    return 0


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    from keybearer.cli.commands.config_init import add_arguments as add

    add(parser)


def _init(args: argparse.Namespace) -> int:
    from keybearer.cli.commands.config_init import init

    return init(args)


SUBCOMMANDS: Final = {
    "init": Subcommand("make a first configuration, or add a provider to one, step by step", _init, _init_arguments),
    "show": Subcommand("print what the configuration says; secrets are masked", _show, _show_arguments),
    "path": Subcommand(
        "print which llm.yaml commands go by here, unless it needs your trust first", _path, _path_arguments
    ),
    "validate": Subcommand(
        "read a file and its agents' files, and report the first mistake", _validate, _file_argument
    ),
    "schema": Subcommand("print the JSON Schema of llm.yaml, for editors", _schema, _schema_arguments),
    "trust": Subcommand("let a folder's llm.yaml, as it is now, decide where credentials go", _trust, _file_argument),
    "untrust": Subcommand("take that back", _untrust, _file_argument),
}
