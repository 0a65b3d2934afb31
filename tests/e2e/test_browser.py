"""The login in a real browser: `keybearer auth login` as a process, headless Chromium, the simulator's consent page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from keybearer import Client
from keybearer.simulator import Simulator

LIMIT = 60.0
"""How long the browser may take, in seconds."""


async def press(profile: Path, button: str) -> str:
    """Press a button of the page that the browser shows, and return the text that it ends at."""
    end = time.monotonic() + LIMIT
    port_file = profile / "DevToolsActivePort"
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < end:
            if port_file.exists() and (lines := port_file.read_text().splitlines()):
                async with http.get(f"http://127.0.0.1:{lines[0]}/json") as reply:
                    pages = [page for page in await reply.json() if page["type"] == "page"]
                if pages and "/oauth/authorize" in pages[0]["url"]:
                    return await _press(http, pages[0]["webSocketDebuggerUrl"], button, end)
            await asyncio.sleep(0.1)
    raise AssertionError("the browser did not show the consent page")


async def _press(http: aiohttp.ClientSession, address: str, button: str, end: float) -> str:
    async with http.ws_connect(address) as socket:

        async def evaluate(number: int, expression: str) -> Any:
            message = {"id": number, "method": "Runtime.evaluate", "params": {"expression": expression}}
            await socket.send_json(message)
            while True:
                reply = await socket.receive_json(timeout=LIMIT)
                if reply.get("id") == number:
                    return reply.get("result", {}).get("result", {}).get("value")

        click = f"(found => found ? (found.click(), true) : false)(document.querySelector('button[value={button}]'))"
        number, clicked = 1, False
        while time.monotonic() < end:
            if not clicked:
                clicked = bool(await evaluate(number, click))
            else:
                title = await evaluate(number, "document.title")
                if title and "Allow access" not in title:
                    return str(title)
            number += 1
            await asyncio.sleep(0.1)
    raise AssertionError("the browser stayed where it was")


@pytest.mark.parametrize(
    ("button", "title", "code"), [("allow", "You are logged in here", 0), ("deny", "Nothing was granted", 4)]
)
def test_the_login_in_chromium(tmp_path: Path, button: str, title: str, code: int) -> None:
    """The browser opens by itself at the consent page; Allow leads to a saved bundle and a first answer, Deny to words."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium is installed"
    profile, bundle, config = tmp_path / "profile", tmp_path / "oauth.json", tmp_path / "llm.yaml"
    browser = tmp_path / "browser"
    flags = f"--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0 --user-data-dir={profile}"
    browser.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/pid\nexec {chromium} {flags} "$1" 2>/dev/null\n')
    browser.chmod(0o755)
    with Simulator() as sim:
        config.write_text(
            f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth:\n      mode: oauth_bundle\n"
            f"      bundle: {bundle}\n      authorize_url: {sim.base_url}/oauth/authorize\n"
            f"      token_endpoint: {sim.base_url}/v1/oauth/token\n"
        )
        with subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "keybearer", "auth", "login", "--config", str(config), "--accept-terms"],
            env={**os.environ, "BROWSER": f"{browser} %s &"},
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
                with contextlib.suppress(OSError, ValueError):  # it never began, or has ended
                    os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
        if code:
            assert not bundle.exists()
            return
        assert json.loads(bundle.read_text())["token_endpoint"] == sim.base_url + "/v1/oauth/token"
        with Client.from_config(config) as client:
            message = client.messages.create(
                model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hi"}]
            )
        assert message.text
