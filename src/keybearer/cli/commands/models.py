"""`keybearer models`: the models that the credential may use, as the service lists them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.called import make_client
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, Subcommand, add_json, add_subcommands, run_subcommand
from keybearer.cli.output import say, say_json
from keybearer.cli.tables import say_table, shown

if TYPE_CHECKING:
    from keybearer.types.models import ModelInfo

__all__ = ["add_arguments", "run"]

STAGES: Final = ("active", "deprecated", "retired")
HEAD: Final = ("MODEL", "CONTEXT", "OUTPUT", "STAGE")


run = with_notes(run_subcommand)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS, *CLIENT, *NOTES)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="the retired ones too")
    add_json(parser)


def _list(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        models = list(client.models.list(lifecycle=STAGES if args.all else None))
    if args.json:
        say_json([each.to_dict(mode="json") for each in models])
        return 0
    say_table(HEAD, map(_row, models), right=("CONTEXT", "OUTPUT"))
    return 0


def _row(model: ModelInfo) -> tuple[str, int | None, int | None, str]:
    retires = f", retires {model.retires_at:%Y-%m-%d}" if model.retires_at and model.lifecycle != "retired" else ""
    return model.id, model.max_input_tokens, model.max_tokens, f"{model.lifecycle or ''}{retires}"


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="MODEL", help="its id, or an alias")
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    with make_client(args) as client:
        fields = client.models.retrieve(args.id).to_dict(mode="json")
    if args.json:
        say_json(fields)
        return 0
    for path, value in _flat(fields):
        say(f"{path}: {shown(value)}")
    return 0


def _flat(fields: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Return the values of nested objects, each with its path."""
    found: list[tuple[str, Any]] = []
    for name, value in fields.items():
        path = before + name
        found += _flat(value, path + ".") if isinstance(value, dict) and value else [(path, value)]
    return found


SUBCOMMANDS: Final = {
    "list": Subcommand("list them, the newest first", _list, _list_arguments),
    "show": Subcommand("show what one can do", _show, _show_arguments),
}
