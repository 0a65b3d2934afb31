"""The built site in a real browser: narrow and wide, light and dark."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.browsing import browser
from e2e.running import ROOT, run

PAGES = [
    "index.html",
    "tutorial.html",
    "tools.html",
    "benchmarks.html",
    "configuration.html",
    "simulator-faults.html",
    "web.html",
    "reference/client.html",
    "reference/tables.html",
    "contributing.html",
]
NARROW, WIDE = 390, 1280


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; give its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_the_site_in_chromium(tmp_path: Path) -> None:
    """No page is wider than the screen, logs an error, loads anything from elsewhere, or has dark text on a dark ground."""
    built = ROOT / ".venv-docs" / ".installed"
    if not built.exists():
        pytest.skip("the site's environment is not there: make docs makes it")
    site = tmp_path / "site"
    run(ROOT / ".venv-docs/bin/python", "-m", "website", site, cwd=ROOT, environment={"PYTHONPATH": str(ROOT / "docs")})

    async def look(address: str) -> list[str]:
        wrong: list[str] = []
        async with browser(tmp_path / "profile") as tab:
            for page in PAGES:
                for width, dark in ((NARROW, False), (WIDE, False), (WIDE, True)):
                    await tab.open(f"{address}/{page}", width=width, dark=dark)
                    seen = await tab.evaluate("document.documentElement.scrollWidth")
                    if seen > width:
                        wrong.append(f"{page} is {seen} wide at {width}")
                    ground = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
                    if ("255, 255, 255" in ground) == dark:
                        wrong.append(f"{page} has the ground {ground}, dark: {dark}")
                    loaded = await tab.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
                    wrong += [f"{page} loads {each}" for each in loaded if not each.startswith((address, "data:"))]
                await tab.picture(tmp_path / f"{page.replace('/', '-')}.png")
            await tab.open(f"{address}/search.html?q=StreamTruncated", width=WIDE)
            for _ in range(100):
                if await tab.evaluate("document.querySelectorAll('#search-results li').length"):
                    break
                await asyncio.sleep(0.1)
            else:
                wrong.append("the search finds nothing")
            return wrong + tab.complaints

    with served(site) as address:
        assert asyncio.run(look(address)) == []
