"""A browser and a keyboard for the tests of logins."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest
import urllib3


class Typing(io.StringIO):
    """Standard input as a person's: lines when they are typed, and no end."""

    def __init__(self, *lines: str | Callable[[], str]) -> None:
        super().__init__()
        self._lines = list(lines)
        self.quiet = threading.Event()

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # noqa: ARG002 - as typeshed has it for StringIO
        """Give the next line, or wait."""
        if not self._lines:
            self.quiet.wait(60)
            return ""
        line = self._lines.pop(0)
        return line if isinstance(line, str) else line()


def browse(monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], None]) -> list[str]:
    """Take the place of the browser."""
    opened: list[str] = []

    def start(url: str) -> None:
        opened.append(url)
        threading.Thread(target=visit, args=(url,), daemon=True).start()

    monkeypatch.setattr("keybearer.cli.browser.browser", lambda url: lambda: start(url))
    return opened


def follow(url: str) -> None:
    """Go where the pages send the browser."""
    with urllib3.PoolManager() as http:
        http.request("GET", url, redirect=True, timeout=20)


def where(url: str) -> str:
    """Return where the authorize page sends the browser, without going there."""
    with urllib3.PoolManager() as http:
        return http.request("GET", url, redirect=False, timeout=20).headers["location"]
