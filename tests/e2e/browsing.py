"""A headless Chromium that is led by its DevTools protocol: a page at a width, what it logs, and a picture of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

__all__ = ["Browser", "browser"]

LIMIT = 60.0
"""How long the browser may take, in seconds."""


class Browser:
    """One tab.

    Attributes:
        complaints: What the pages logged as errors, and what could not be loaded.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.complaints: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol, and note what is logged until its answer comes."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=LIMIT)
            self._note(message)
            if message.get("id") == self._number:
                found: dict[str, Any] = message.get("result", {})
                return found

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] == "error":
                self.complaints.append(str(params["args"]))

    async def evaluate(self, expression: str) -> Any:
        """Return the value of an expression on the page."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def open(self, url: str, *, width: int, dark: bool = False) -> None:
        """Show a page at a width, and wait until it is loaded."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await self.call("Emulation.setEmulatedMedia", features=scheme)
        await self.call("Page.navigate", url=url)
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if await self.evaluate("document.readyState + ' ' + location.href") == f"complete {url}":
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{url} was not loaded")

    async def picture(self, file: Path) -> None:
        """Write what is seen into a PNG file."""
        found = await self.call("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(found["data"]))  # noqa: ASYNC240 - nothing else waits


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """Give a tab of a new browser, whose files go into the folder."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium is installed"
    flags = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
    ]
    process = subprocess.Popen(  # noqa: S603, ASYNC220 - the system's own browser, which begins at once
        [found, *flags, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port_file, end = folder / "DevToolsActivePort", time.monotonic() + LIMIT
        while not (port_file.exists() and port_file.read_text().strip()) and time.monotonic() < end:  # noqa: ASYNC110 - it writes a file
            await asyncio.sleep(0.1)
        port = port_file.read_text().splitlines()[0]
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json") as reply:
                page = next(each for each in await reply.json() if each["type"] == "page")
            async with http.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Browser(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await tab.call(f"{domain}.enable")
                yield tab
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
