"""A terminal driven by tmux: keys are sent, and the screen is read."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

__all__ = ["Screen", "on_screen"]

WAIT: Final = 30.0
"""How long something may take to stand on the screen, in seconds."""


class Screen:
    """A tmux session of its own server.

    Args:
        socket: The server's socket.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def tmux(self, *args: str) -> str:
        """Run a tmux command, and return what it prints."""
        done = subprocess.run(  # noqa: S603 - our own command
            ["tmux", "-S", str(self._socket), "-f", os.devnull, *args],  # noqa: S607 - the system's tmux
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT,
        )
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Send keys: text as it is, and tmux's names such as `Enter`, `C-c`."""
        for key in keys:
            self.tmux("send-keys", "-t", "0", key)

    @property
    def text(self) -> str:
        """The screen, with what has scrolled away."""
        return self.tmux("capture-pane", "-p", "-S", "-500", "-t", "0").rstrip()

    def wait(self, words: str, *, times: int = 1) -> str:
        """Wait until words stand on the screen so often, and return it."""
        until = time.monotonic() + WAIT
        while (text := self.text).count(words) < times:
            assert time.monotonic() < until, f"{words!r} is not on the screen:\n{text}"
            time.sleep(0.05)
        return text

    def wait_prompt(self) -> str:
        """Wait until the screen ends in an empty prompt, and return it."""
        until = time.monotonic() + WAIT
        while (text := self.text).rpartition("\n")[2] != ">":
            assert time.monotonic() < until, f"there is no prompt:\n{text}"
            time.sleep(0.05)
        return text


@contextmanager
def on_screen(
    *words: str, folder: Path, environ: Mapping[str, str], columns: int = 80, rows: int = 40, stays: bool = True
) -> Iterator[Screen]:
    """Run `keybearer` with words on a terminal, and `EXIT` with its exit code after it.

    Args:
        words: The words of the command line, as a shell reads them.
        folder: The home and the working folder.
        environ: What is set.
        columns: How wide the terminal is.
        rows: How high it is.
        stays: Whether the terminal stays when the command has ended.
    """
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: make test-e2e does that")
    around = {
        "HOME": str(folder),
        "XDG_DATA_HOME": "",
        "COLUMNS": "",  # the terminal's own width
        "XDG_CONFIG_HOME": "",
        "TERM": "screen-256color",
        "LANG": "C.UTF-8",
        **environ,
    }
    around["PYTHON"] = sys.executable
    settings = " ".join(f"{name}='{value}'" for name, value in around.items())
    command = f"cd '{folder}'; export {settings}; '{sys.executable}' -m keybearer {' '.join(words)}"
    if stays:
        command += "; echo EXIT $?; sleep 600"
    screen = Screen(folder / f"tmux-{secrets.token_hex(4)}")  # a server that ends keeps its socket for a while
    screen.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), command)
    try:
        yield screen
    finally:
        screen.tmux("kill-server")
