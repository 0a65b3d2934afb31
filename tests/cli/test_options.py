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
    """Each option of the table is read by its long and its short form; one that is not given is None, False or no list."""
    parser = argparse.ArgumentParser()
    add_options(parser, *OPTIONS)
    given = parser.parse_args(
        ["--config", "a.yaml", "-m", "haiku", "-f", "a", "-f", "b", "-c", "--thinking", "2000", "--max-turns", "3"]
    )
    assert {name: value for name, value in vars(given).items() if value} == {
        "config": "a.yaml",
        "model": "haiku",
        "file": ["a", "b"],
        "continue": True,
        "thinking": 2000,
        "max_turns": 3,
    }
    assert {name for name, value in vars(given).items() if value == []} == {"image", "pdf", "tools", "url", "yes_to"}
    assert (given.provider, given.quiet) == (None, False)


def test_no_two_common_options_have_one_short_form() -> None:
    """A letter means one thing in every command."""
    short = [option.short for option in OPTIONS.values() if option.short]
    assert len(short) == len(set(short))


@pytest.mark.parametrize(
    ("flag", "says"),
    [
        ("--thinking=1e3", "it is adaptive, disabled or a number of tokens, not '1e3'"),
        ("--max-turns=0", "it is a whole number above 0"),
        ("--effort=most", "low"),
        ("--max-tokens=x", "it is a whole number, 0 or more, not 'x'"),
    ],
)
def test_a_value_that_cannot_work_is_wrong_usage(flag: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is reported by the flag's name, before anything is asked."""
    parser = argparse.ArgumentParser()
    add_options(parser, *OPTIONS)
    with pytest.raises(SystemExit):
        parser.parse_args([flag])
    assert says in capsys.readouterr().err


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
