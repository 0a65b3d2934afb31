"""What commands share on the command line."""

from __future__ import annotations

import argparse
import importlib

import pytest

from keybearer.cli import COMMANDS
from keybearer.cli.options import OPTIONS, Subcommand, add_options, add_subcommands


def test_a_command_is_a_module_and_a_row() -> None:
    """Each row of `COMMANDS` has a module with its arguments and its function, and needs nothing else."""
    for name in COMMANDS:
        module = importlib.import_module("keybearer.cli.commands." + name.replace("-", "_"))
        assert callable(module.add_arguments)
        assert callable(module.run)


def test_common_options_are_taken_by_name() -> None:
    """Each option of the table takes one text, and is None when it is not given."""
    parser = argparse.ArgumentParser()
    add_options(parser, *OPTIONS)
    assert vars(parser.parse_args(["--config", "a.yaml"])) == {
        "config": "a.yaml",
        "provider": None,
        "agent": None,
        "bundle": None,
        "base_url": None,
        "model": None,
    }


def test_a_subcommand_has_its_own_flags_and_the_common_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """The chosen subcommand's function is in the arguments; without one, usage is shown."""
    parser = argparse.ArgumentParser()

    def times(one: argparse.ArgumentParser) -> None:
        one.add_argument("--times", type=int)

    table = {
        "one": Subcommand("do one thing", lambda args: args.times, times),
        "two": Subcommand("do another", lambda _: 2),
    }
    add_subcommands(parser, table, "config")
    args = parser.parse_args(["one", "--times", "3", "--config", "x"])
    assert (args.subcommand(args), args.config) == (3, "x")
    with pytest.raises(SystemExit):
        parser.parse_args([])
    assert "SUBCOMMAND" in capsys.readouterr().err
