"""The Dockerfile and the GitHub Action of the simulator: what they name exists, and the action's step runs as it is written."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from keybearer.simulator.process.command import add_arguments

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packaging/simulator"
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def instructions(name: str) -> list[str]:
    """Return the arguments of every instruction of one kind."""
    return re.findall(rf"^(?:HEALTHCHECK .*)?{name} (.*)$", DOCKERFILE, re.MULTILINE)


def flags() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return parser


def test_what_the_image_copies_is_there() -> None:
    """Each path of the first stage is part of the source, and the last user is not root."""
    copied = [path for line in instructions("COPY") if not line.startswith("--from") for path in line.split()[:-1]]
    assert copied == ["pyproject.toml", "README.md", "LICENSE", "src"]
    assert all((ROOT / path).exists() for path in copied)
    assert instructions("USER") == ["1000"]


def test_the_images_command_is_one() -> None:
    """Its flags are the command's, and the health check asks the port that they name."""
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["keybearer", "simulate"]
    check, start = (json.loads(line) for line in instructions("CMD"))
    args = flags().parse_args(start)
    assert (args.host, str(args.port)) == ("0.0.0.0", instructions("EXPOSE")[0])  # noqa: S104  # inside the container
    assert f"127.0.0.1:{args.port}/healthz" in check[-1]


def test_the_actions_inputs_are_used_as_variables_alone() -> None:
    """Each input reaches a step by its environment: written into the script, it would be a part of it."""
    used = set(re.findall(r"inputs\.(\w+)", json.dumps([step["env"] for step in STEPS])))
    assert used == set(ACTION["inputs"])
    assert not any("${{" in step["run"] for step in STEPS)
    named = set(re.findall(r"--[a-z-]+", STEPS[-1]["run"]))
    assert named <= {flag for action in flags()._actions for flag in action.option_strings}


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action's steps are bash")
@pytest.mark.parametrize(("command", "code"), [("exit 7", 7), ('curl -s "$ANTHROPIC_BASE_URL/healthz"', 0)])
def test_the_actions_step_runs(tmp_path: Path, command: str, code: int) -> None:
    """The last step, as it is written, gives the exit code of the command that it runs."""
    script = tmp_path / "keybearer"
    script.write_text(f"#!{sys.executable}\nfrom keybearer.cli import main\nraise SystemExit(main())\n")
    script.chmod(0o755)
    around = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "COMMAND": command,
        "SCENARIO": "",
        "LENIENT": "",
        "CHAOS": "calm",
        "REPORT": str(tmp_path / "report.xml"),
    }
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[-1]["run"]]
    done = subprocess.run(  # noqa: S603  # the action's own step
        bash, env=around, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, "findings about the client" in done.stderr) == (code, True), done.stderr
    assert 'classname="keybearer.simulator.chaos.calm"' in (tmp_path / "report.xml").read_text(encoding="utf-8")
