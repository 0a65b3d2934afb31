"""Every `--help` reads well at 80 columns, and every flag says what it is."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli import whole_parser


def parsers(parser: Any, name: str = "keybearer") -> Iterator[tuple[str, Any]]:
    """Give a parser and those below it, with their names."""
    yield name, parser
    for action in parser.actions:
        if action.nargs == argparse.PARSER:
            for word, child in action.choices.items():
                yield from parsers(child, f"{name} {word}")


@pytest.fixture(scope="module")
def every() -> dict[str, Any]:
    """Each command's parser."""
    return dict(parsers(whole_parser()))


def test_every_help_fits(every: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    wide = [
        f"{name}: {line}"
        for name, parser in every.items()
        for line in parser.format_help().splitlines()
        if len(line) > 80
    ]
    assert wide == []


def test_every_flag_says_what_it_is(every: dict[str, Any]) -> None:
    """Each has a line of help that begins as a phrase does and ends without a stop; each command has a sentence."""
    wrong = []
    for name, parser in every.items():
        if not (parser.description or "").endswith("."):
            wrong.append(f"{name}: no sentence")
        for action in parser.actions:
            spelled = "/".join(action.option_strings) or action.dest
            if action.help is None and action.nargs != argparse.PARSER:
                wrong.append(f"{name} {spelled}: no help")
            elif (action.help or "").endswith("."):
                wrong.append(f"{name} {spelled}: it ends with a stop")
    assert wrong == []


def test_a_flag_has_one_spelling(every: dict[str, Any]) -> None:
    """A flag of one name takes a value everywhere or nowhere; short ones may differ."""
    kinds: dict[str, set[bool]] = {}
    for parser in every.values():
        for action in parser.actions:
            for option in filter(lambda each: each.startswith("--"), action.option_strings):
                kinds.setdefault(option, set()).add(action.nargs == 0)
    assert {option for option, found in kinds.items() if len(found) > 1} == set()


def test_what_calls_the_api_says_how_much_is_said(every: dict[str, Any]) -> None:
    """Each command that takes --base-url takes --quiet, -v and --log-file too; the wizard, whose answers are its notes, does not."""
    spelled = {
        name: {option for action in parser.actions for option in action.option_strings}
        for name, parser in every.items()
    }
    calling = {name for name, options in spelled.items() if "--base-url" in options and name != "keybearer config init"}
    assert {"keybearer batch run", "keybearer doctor", "keybearer models list"} <= calling
    assert {name for name in calling if not {"--quiet", "-v", "--log-file"} <= spelled[name]} == set()


def test_what_others_reach_for_is_there(every: dict[str, Any]) -> None:
    """Each command and flag that docs/asking.md gives to users of `llm` and `claude -p` is one."""
    page = (Path(__file__).parents[2] / "docs" / "asking.md").read_text()
    rows = re.findall(r"(?m)^\| (.+?) \| (.+) \|$", page[page.index("## Coming from `llm`") :])
    assert len(rows) > 35
    flags = {option for action in every["keybearer ask"].actions for option in action.option_strings}
    wrong = []
    for theirs, ours in rows:
        given = theirs if ours.startswith("the same") and "`claude" not in theirs and "llm " not in theirs else ours
        for words in re.findall(r"`([^`]+)`", given):
            called = words.partition("keybearer ")[2].split()
            name = f"keybearer {called[0]}" if called and called[0].isalpha() else ""
            if name and name not in every:
                wrong.append(words)
            if not name or name == "keybearer ask":
                wrong += [
                    f"{words}: {flag}" for flag in re.findall(r"(?<!\S)--?[a-z][a-z-]*", words) if flag not in flags
                ]
    assert wrong == []
