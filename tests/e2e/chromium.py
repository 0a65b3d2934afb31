"""A headless Chromium that a command opens, and whose buttons are pressed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

__all__ = ["LIMIT", "chromium", "press"]

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


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give what `BROWSER` is to be, so that a page is opened in a browser without a window, and the browser's profile.

    Args:
        folder: Where its files go.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium is installed"
    profile, script = folder / "profile", folder / "browser"
    flags = f"--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0 --user-data-dir={profile}"
    script.write_text(f'#!/bin/sh\necho $$ > {folder}/pid\nexec {found} {flags} "$1" 2>/dev/null\n')
    script.chmod(0o755)
    try:
        yield f"{script} %s &", profile
    finally:
        with contextlib.suppress(OSError, ValueError):  # it never began, or has ended
            os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
