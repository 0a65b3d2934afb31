"""`keybearer auth list`: every credential that there is, for each provider of the configuration; the one that is used is marked."""

from __future__ import annotations

import argparse
from typing import Any, Final

from keybearer.cli.auth_setup import setup_of
from keybearer.cli.credential_report import report_of
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.found import config_file
from keybearer.cli.options import add_json
from keybearer.cli.output import complain, say_json
from keybearer.cli.tables import say_table

__all__ = ["add_arguments", "list_credentials"]

HEAD: Final = ("PROVIDER", "USED", "MODE", "STATE", "EXPIRES", "ACCOUNT", "PLACE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    add_json(parser)


def list_credentials(args: argparse.Namespace) -> int:
    """Print them.

    Args:
        args: The parsed flags.

    Returns:
        The exit code: 4 where there is none.
    """
    found = [each for name in _providers(args) for each in _credentials(args, name)]
    if args.json:
        say_json(found)
    elif found:
        say_table(HEAD, [tuple(each.values()) for each in found])
    else:
        complain("keybearer auth list: there is no credential. `keybearer auth login` makes a login.")
    return ExitCode.OK if found else ExitCode.CREDENTIAL


def _providers(args: argparse.Namespace) -> list[str | None]:
    """Return the providers to list: the one that is named, else all of the configuration, else the environment's."""
    from keybearer.config.loader import load_config

    files = config_file(args.config)
    if args.provider or files is None:
        return [args.provider]
    return list(load_config(files).providers)


def _credentials(args: argparse.Namespace, provider: str | None) -> list[dict[str, Any]]:
    report = report_of(setup_of(argparse.Namespace(**{**vars(args), "provider": provider})))
    chosen = report["chosen"] or {}
    return [
        {
            "provider": provider,
            "used": source["mode"] == chosen.get("mode"),
            "mode": source["mode"],
            "state": source["state"],
            "expires_at": source["expires_at"],
            "account": source["account"],
            "place": source["place"],
        }
        for source in report["sources"]
        if source["state"] != "absent"
    ]
