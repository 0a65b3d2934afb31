"""The page on deployment, and the manifests that it shows."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from keybearer import defer_signals
from keybearer.cli import whole_parser
from keybearer.config.loader import load_config

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "deployment"
PAGE = (ROOT / "docs" / "deployment.md").read_text()
MANIFESTS = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
UNITS = sorted(EXAMPLES.glob("*.service"))


def pods() -> list[dict[str, Any]]:
    """Return the specifications of the pods."""
    return [each["spec"]["template"]["spec"] for each in MANIFESTS if each["kind"] in {"Deployment", "Job"}]


def settings(unit: Path) -> dict[str, str]:
    """Return the settings of a unit."""
    return dict(
        line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and not line.startswith("#")
    )


def commands() -> list[list[str]]:
    """Return every keybearer command of the manifests and units."""
    found = [
        *(container["command"] for pod in pods() for container in pod["containers"] if "command" in container),
        *(
            pod["containers"][0]["startupProbe"]["exec"]["command"]
            for pod in pods()
            if "startupProbe" in pod["containers"][0]
        ),
        *(
            settings(unit)[name].split()[1:]
            for unit in UNITS
            for name in ("ExecStart", "ExecStartPre")
            if name in settings(unit)
        ),
    ]
    return [command[1:] for command in found if command[0] == "keybearer"]


def test_every_command_is_one_of_keybearers() -> None:
    """Its own parser takes each command of a manifest or a unit."""
    assert len(commands()) == 4
    for command in commands():
        whole_parser().parse_args(command)


def test_the_configuration_of_the_manifest_can_be_used(tmp_path: Path) -> None:
    """The ConfigMap holds a configuration that takes its key from the mounted file."""
    text = MANIFESTS[0]["data"]["llm.yaml"]
    secret = tmp_path / "api-key"
    secret.write_text("sk-ant-fake\n")
    (tmp_path / "llm.yaml").write_text(text.replace("/run/secrets/anthropic/api-key", str(secret)))
    section = load_config(tmp_path / "llm.yaml").providers["anthropic"]
    assert section.api_key is not None
    assert section.api_key.reveal() == "sk-ant-fake"
    replicas = MANIFESTS[1]["spec"]["replicas"]
    assert section.rate_limit.requests_per_second == 10 / replicas


def test_each_limit_is_above_the_one_inside_it() -> None:
    """What is under way ends before the process is killed; a mount is there for each volume, and secrets are read-only."""
    for pod in pods():
        mounts = {each["name"]: each for each in pod["containers"][0]["volumeMounts"]}
        assert mounts.keys() == {each["name"] for each in pod["volumes"]}
        assert mounts["anthropic"]["readOnly"] is True
        assert pod["securityContext"]["runAsNonRoot"] is True
    service, job = pods()
    grace = int(re.search(r"--grace (\d+)", " ".join(job["containers"][0]["command"]))[1])  # type: ignore[index] # it is there
    assert grace < job["terminationGracePeriodSeconds"]
    gunicorn = runpy.run_path(str(EXAMPLES / "gunicorn_conf.py"))
    assert gunicorn["graceful_timeout"] + 5 < service["terminationGracePeriodSeconds"]
    units = {unit.stem: settings(unit) for unit in UNITS}
    assert gunicorn["graceful_timeout"] < int(units["answers"]["TimeoutStopSec"])
    assert f"--grace {grace} " in units["summaries"]["ExecStart"]
    assert grace < int(units["summaries"]["TimeoutStopSec"])


def test_the_hook_of_gunicorn_defers_signals() -> None:
    """It takes the worker, and puts the handlers in place."""
    import signal

    before = signal.getsignal(signal.SIGTERM)
    runpy.run_path(str(EXAMPLES / "gunicorn_conf.py"))["post_worker_init"](object())
    try:
        assert signal.getsignal(signal.SIGTERM) is not before
    finally:
        signal.signal(signal.SIGTERM, before)
    assert defer_signals.__doc__


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_the_units(unit: Path) -> None:
    """`systemd-analyze verify` has nothing to say of ours."""
    done = subprocess.run(  # noqa: S603 - systemd's own
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)],  # noqa: S607 - where the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


def test_the_page_names_what_the_examples_have() -> None:
    """Each probe and hook of the page is in the manifests."""
    text = (EXAMPLES / "kubernetes.yaml").read_text() + (EXAMPLES / "gunicorn_conf.py").read_text()
    for word in ("terminationGracePeriodSeconds", "preStop", "preload_app", "graceful_timeout", "post_worker_init"):
        assert word in PAGE
        assert word in text
