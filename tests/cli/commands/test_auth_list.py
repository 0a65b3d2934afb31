"""`keybearer auth list`: what there is for each provider, and what of it is used."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import keybearer
from support.logins import SETUP


def test_each_provider_has_its_credentials(tmp_path: Path) -> None:
    """A row for each credential that is there; the used one is marked, no secret is shown, and JSON has the same rows."""
    (tmp_path / "setup").write_text(SETUP)
    (tmp_path / "setup").chmod(0o600)
    config = tmp_path / "llm.yaml"
    config.write_text(
        "providers:\n  a: {api_key: sk-ant-canary-1234567, auth: {mode: static}}\n"
        "  b: {auth: {mode: setup_token, setup_token_file: setup}}\n"
    )
    done = keybearer("auth", "list", "--config", str(config))
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split()[:4] for line in done.stdout.splitlines()[1:]]
    assert rows == [["a", "yes", "static", "usable"], ["b", "yes", "setup_token", "usable"]]
    assert "canary" not in done.stdout
    assert SETUP not in done.stdout
    found = json.loads(keybearer("auth", "list", "--json", "--config", str(config), "--provider", "b").stdout)
    assert [(each["provider"], each["used"], each["mode"]) for each in found] == [("b", True, "setup_token")]


def test_without_any() -> None:
    """There is nothing on standard output, and the exit code says that there is no credential."""
    done = keybearer("auth", "list")
    assert (done.returncode, done.stdout) == (4, "")
    one = keybearer("auth", "list", environ={"ANTHROPIC_API_KEY": "sk-ant-canary-1234567"})
    assert one.stdout.splitlines()[1].split()[:4] == ["-", "yes", "static", "usable"]
