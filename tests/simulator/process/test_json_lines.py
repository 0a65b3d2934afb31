"""The lines about what was never used, as the command prints them at its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.process.json_lines import unused_line


def test_unused_turns_and_faults_in_one_line_each() -> None:
    """A line has the place, the test, the match, and how often the turn was used."""
    with Simulator() as sim:
        sim.script(sequence=["x", "y"], match="a")
        sim.test("red").fail("cut; times=2")
        assert [unused_line(each) for each in sim.unused] == [
            'script 1 (match {"text":"a"})',
            "the fault 'cut' of the test 'red'",
        ]
        assert unused_line({**sim.unused[0], "used": 1}) == 'script 1 (match {"text":"a"}), used 1 of 2 times'


def test_the_command_says_at_its_end_what_was_never_used(tmp_path: Path) -> None:
    """Turns of the scenario that no request got are named on standard error, with their line."""
    (tmp_path / "turns.yaml").write_text("- match: wether\n  reply: x\n- match: weather\n  reply: y\n")
    command = [sys.executable, "-m", "keybearer.simulator", "--scenario", str(tmp_path / "turns.yaml")]
    with (
        urllib3.PoolManager() as http,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process,  # noqa: S603  # our own
    ):
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        body = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "weather?"}]}
        headers = {"x-api-key": ready["api_key"], "anthropic-version": "2023-06-01"}
        http.request("POST", ready["base_url"] + "/v1/messages", json=body, headers=headers)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert errors == 'keybearer simulate: never used: turns.yaml, line 1 (match {"text":"wether"})\n'
