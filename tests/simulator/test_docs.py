"""The docs page says what the code does."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
import yaml

from keybearer.simulator.chaos.profile import BROWNOUT_KEYS, BURST_KEYS, PROFILE_KEYS, RULE_KEYS, make_profile
from keybearer.simulator.chaos.profile import MATCH_KEYS as MATCH_KEYS_OF_CHAOS
from keybearer.simulator.chaos.profile_file import profile_names
from keybearer.simulator.control.client_findings import client_findings
from keybearer.simulator.control.matching import MATCH_KEYS
from keybearer.simulator.control.sameness import FORMS, RULES
from keybearer.simulator.control.scenario import REPLY_KEYS, make_turn
from keybearer.simulator.endpoints.admin_pages import ENDPOINTS
from keybearer.simulator.http.routes import API
from keybearer.simulator.process.command import add_arguments
from keybearer.simulator.process.reference import fill

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "simulator.md").read_text(encoding="utf-8")
REPLAY = (DOCS / "simulator-replay.md").read_text(encoding="utf-8")
SCENARIOS = (DOCS / "simulator-scenarios.md").read_text(encoding="utf-8")
RULES_PAGE = (DOCS / "simulator-rules.md").read_text(encoding="utf-8")
FAULTS_PAGE = (DOCS / "simulator-faults.md").read_text(encoding="utf-8")
TRUST = (DOCS / "simulator-trust.md").read_text(encoding="utf-8")
CHAOS = (DOCS / "simulator-chaos.md").read_text(encoding="utf-8")
ADMIN_PAGE = (DOCS / "simulator-admin.md").read_text(encoding="utf-8")
VERDICTS = Path(str(client_findings.__code__.co_filename)).read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    """The tables of rules and faults are as `python -m keybearer.simulator.process.reference docs/simulator*.md` writes them."""
    assert fill(PAGE) == PAGE
    assert fill(ADMIN_PAGE) == ADMIN_PAGE
    assert fill(RULES_PAGE) == RULES_PAGE
    assert fill(FAULTS_PAGE) == FAULTS_PAGE
    assert "<!-- rules -->" in RULES_PAGE
    assert "<!-- faults -->" in FAULTS_PAGE


def test_every_flag_exists() -> None:
    """Every flag that the page names is one of the command's."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    known = {flag for action in parser._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE + RULES_PAGE + FAULTS_PAGE + TRUST + SCENARIOS + REPLAY + CHAOS)) <= known | {
        "--runs", "--claude-sim-chaos", "--claude-sim-report",
    }  # fmt: skip


def test_every_endpoint_is_named() -> None:
    """Every endpoint's path, or the path above it, is on the page."""
    for _, path, _ in (*API, *ENDPOINTS):
        assert path.split("/{id}")[0] in PAGE


def test_every_verdict_is_named() -> None:
    """Every finding that the verdict can make is on the page."""
    kinds = set(re.findall(r'Finding\(\s*"([a-z-]+)"', VERDICTS))
    assert len(kinds) == 10
    assert all(f"`{kind}`" in PAGE for kind in kinds)


def test_the_scenario_is_one() -> None:
    """The scenario on each page can be loaded."""
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert [make_turn(turn).times for turn in yaml.safe_load(text)] == [1, None, 1, 1]
    (text,) = re.findall(r"```yaml\n(.*?)```", SCENARIOS, re.DOTALL)
    assert [make_turn(turn).times for turn in yaml.safe_load(text)] == [1, 1, 3, None]


def test_the_page_of_replay_has_every_form_and_rule() -> None:
    """The forms of a request and the names of the rules are the first columns of the page's first two tables."""
    forms, rules, *_ = re.findall(r"((?:^\|.*\|\n)+)", REPLAY, re.MULTILINE)
    assert re.findall(r"^\| `([a-z-]+)` \|", forms, re.MULTILINE) == list(FORMS)
    named = re.findall(r"^\| ([a-z, ]+) \|", rules.partition("|---|---|")[2], re.MULTILINE)
    assert set(", ".join(named).split(", ")) == {name for name, _, _ in RULES}


def test_the_page_of_scenarios_has_every_key() -> None:
    """What a match and a reply may have are the first columns of the page's two tables."""
    rows = [set(re.findall(r"`(\w+)`", cell)) for cell in re.findall(r"^\| (`.*?) \|", SCENARIOS, re.MULTILINE)]
    assert set().union(*rows) == {*MATCH_KEYS, *REPLY_KEYS}


def test_the_recipes_pass(pytester: pytest.Pytester) -> None:
    """Every Python recipe is a test that passes, in a suite of its own."""
    pages = [re.findall(r"```py\n(.*?)```", page, re.DOTALL) for page in (PAGE, SCENARIOS)]
    assert [len(recipes) for recipes in pages] == [4, 2]
    for number, recipe in enumerate([*pages[0], *pages[1]]):
        (pytester.path / f"test_recipe_{number}.py").write_text(recipe)
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=6)


def test_the_profile_of_the_chaos_page_is_one() -> None:
    """The example uses every key, and the page names every shipped profile and every count of the report."""
    profile = make_profile(yaml.safe_load(CHAOS.split("```yaml\n")[1].split("```")[0]), "page")
    assert [rule.name for rule in profile.every_rule][:2] == ["overloaded; retry_after=1", "cut calls"]
    assert all(f"| `{name}` |" in CHAOS for name in profile_names())
    keys = {*PROFILE_KEYS, *RULE_KEYS, *BURST_KEYS, *MATCH_KEYS_OF_CHAOS, *BROWNOUT_KEYS}
    assert [key for key in sorted(keys) if f"{key}:" not in CHAOS and f"`{key}`" not in CHAOS] == []
