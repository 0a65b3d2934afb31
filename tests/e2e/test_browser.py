"""The login in a real browser: `keybearer auth login` as a process, headless Chromium, the simulator's consent page."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.chromium import LIMIT, chromium, press
from e2e.screens import on_screen
from keybearer import Client
from keybearer.simulator import Simulator


@pytest.mark.parametrize(
    ("button", "title", "code"), [("allow", "You are logged in here", 0), ("deny", "Nothing was granted", 4)]
)
def test_the_login_in_chromium(tmp_path: Path, button: str, title: str, code: int) -> None:
    """The browser opens by itself at the consent page; Allow leads to a saved bundle and a first answer, Deny to words."""
    bundle, config = tmp_path / "oauth.json", tmp_path / "llm.yaml"
    with Simulator() as sim, chromium(tmp_path) as (browser, profile):
        config.write_text(
            f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth:\n      mode: oauth_bundle\n"
            f"      bundle: {bundle}\n      authorize_url: {sim.base_url}/oauth/authorize\n"
            f"      token_endpoint: {sim.base_url}/v1/oauth/token\n"
        )
        with subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "keybearer", "auth", "login", "--config", str(config), "--accept-terms"],
            env={**os.environ, "BROWSER": browser},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert asyncio.run(press(profile, button)) == title
                assert process.wait(LIMIT) == code
            finally:
                process.kill()
        if code:
            assert not bundle.exists()
            return
        assert json.loads(bundle.read_text())["token_endpoint"] == sim.base_url + "/v1/oauth/token"
        with Client.from_config(config) as client:
            message = client.messages.create(
                model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hi"}]
            )
        assert message.text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_wizard_ends_in_the_browser(columns: int, tmp_path: Path, sim: Simulator) -> None:
    """`config init` with a login: the terms, the consent page in Chromium, a saved bundle, a test call, an answer."""
    command = f"config init --base-url {sim.base_url}"
    with (
        chromium(tmp_path) as (browser, profile),
        on_screen(command, folder=tmp_path, environ={"BROWSER": browser}, columns=columns) as screen,
    ):
        screen.wait("Which one? [1]")
        screen.keys("login", "Enter")
        screen.wait("[assistant]")
        screen.keys("Enter")
        screen.wait("Its model?")
        screen.keys("Enter")
        screen.wait("[y/N]")
        screen.keys("y", "Enter")
        assert asyncio.run(press(profile, "allow")) == "You are logged in here"
        text = screen.wait("EXIT 0")
    assert "It works: claude-haiku-4-5" in text
    assert "Traceback" not in text
    bundle = tmp_path / "config" / "secrets" / "anthropic_oauth.json"
    token = json.loads(bundle.read_text())["access_token"]
    assert token not in text.replace("\n", "")
    assert sim.requests[-1].path == "/v1/messages"
