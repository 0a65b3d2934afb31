"""The pytest plugin, as a user's own test suite would use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import anthropic
import pytest

from keybearer import Client
from keybearer.simulator import Simulator

SUITE = """
import http.client, json, os, sys
import pytest

def test_nothing_is_imported_before_it_is_asked_for():
    assert "keybearer.testing.plugin" in sys.modules
    assert not {"starlette", "keybearer.simulator.simulator"} & sys.modules.keys()

def statuses(count):
    connection = http.client.HTTPConnection(os.environ["ANTHROPIC_BASE_URL"].removeprefix("http://"))
    body = json.dumps({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01", "content-type": "application/json"}
    def ask():
        connection.request("POST", "/v1/messages", body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    return [ask() for _ in range(count)]

@pytest.mark.claude_sim(tier="tiny")
def test_knobs(claude_env):
    assert statuses(4) == [200, 200, 200, 429]

def test_chaos(claude_env):
    assert statuses(6) == [200, 200, 200, 200, 529, 200]
"""
CHAOS = "faults: [{name: fifth, fault: overloaded; retry_after_ms=1, burst: {requests: 1, every: 5}}]"


def test_a_fixture_is_a_running_simulator(claude_sim: Simulator) -> None:
    """A test that asks for `claude_sim` gets a simulator to script."""
    claude_sim.script("Hello, tester.")
    with anthropic.Anthropic(base_url=claude_sim.base_url, api_key=claude_sim.api_key) as client:
        message = client.messages.create(
            model="claude-haiku-4-5", max_tokens=20, messages=[{"role": "user", "content": "Hi"}]
        )
    assert message.content[0].type == "text"
    assert message.content[0].text == "Hello, tester."


def test_the_environment_points_at_it(claude_env: Simulator) -> None:
    """Code that reads the environment finds the simulator."""
    assert os.environ["ANTHROPIC_BASE_URL"] == claude_env.base_url
    assert os.environ["ANTHROPIC_API_KEY"] == claude_env.api_key


def test_in_a_suite_of_its_own(tmp_path: Path) -> None:
    """A user's suite loads the plugin by itself, cheaply, and sets the simulator's knobs by a mark."""
    (tmp_path / "test_user.py").write_text(SUITE)
    (tmp_path / "chaos.yaml").write_text(CHAOS)
    flags = (
        "--claude-sim-chaos",
        "chaos.yaml",
        "--claude-sim-report",
        "report.xml",
        "--claude-cost",
        "--claude-cost-update",
    )
    (tmp_path / "claude-cost.json").write_text('{"version": 1, "prices_read": "2020-01-01", "tests": {}}')
    options = ("-q", "--strict-markers", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *flags)
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603  # our own
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    suites = (tmp_path / "report.xml").read_text(encoding="utf-8").split("<testsuite ")[1:]
    assert "for 8 calls in all" in done.stdout
    baseline = json.loads((tmp_path / "claude-cost.json").read_text())["tests"]
    assert [row["calls"] for row in baseline.values()] == [5, 3]
    assert [suite.count('name="fifth: recovered" value="1"') for suite in suites] == [0, 1]


@pytest.mark.claude_sim(seed=7)
def test_a_seed_changes_the_ids(claude_sim: Simulator) -> None:
    """The mark's knobs reach the simulator."""
    with Simulator() as other, anthropic.Anthropic(api_key="sk-ant-sim-x") as client:
        ids = {
            client.with_options(base_url=url).models.with_raw_response.list().headers["request-id"]
            for url in (claude_sim.base_url, other.base_url)
        }
    assert len(ids) == 2


def test_the_logins_of_the_machine_are_out_of_sight(claude_env: Simulator) -> None:
    """A developer who is logged in with Claude Code has the same tests as anybody: the client takes the simulator's key."""
    login = Path.home() / ".claude" / ".credentials.json"
    login.parent.mkdir()
    token = {"accessToken": "sk-ant-oat01-fake", "refreshToken": "sk-ant-ort01-fake", "expiresAt": 4102444800000}
    login.write_text(json.dumps({"claudeAiOauth": token | {"scopes": ["user:inference"]}}))
    login.chmod(0o600)
    with Client() as client:
        client.messages.create(model="claude-haiku-4-5", max_tokens=20, messages=[{"role": "user", "content": "Hi"}])
    assert [request.status for request in claude_env.requests] == [200]
