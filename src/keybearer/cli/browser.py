"""The browser that a login opens: a graphical one, in the background, with nothing of the terminal.

Strategy: the browser is chosen here and not by `webbrowser`, which falls back to console browsers. On Linux and similar systems that
is the user's `BROWSER`, then `xdg-open` where a default browser is set, then a graphical browser by name; without a display only
`BROWSER` (editors with a remote window set it) and WSL's `wslview`. On macOS and Windows it is the system's own.

Contract: it never waits, and no browser gets standard input, output or the terminal. No console browser is started.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["browser"]

CONSOLE: Final = frozenset(
    {"www-browser", "links", "links2", "elinks", "lynx", "w3m", "browsh", "carbonyl", "edbrowse"}
)
"""Browsers that take the terminal."""

GRAPHICAL: Final = (
    "x-www-browser",
    "firefox",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "brave-browser",
    "epiphany",
    "konqueror",
)

FAILED_WITHIN: Final = 5.0
"""A command that ends badly in this time, in seconds, opened nothing, and the next one is tried."""

Which = Callable[[str], str | None]


def browser(url: str) -> Callable[[], None] | None:
    """Return what opens an address in a browser, without waiting for it; None where there is no graphical one.

    Args:
        url: The address.
    """
    if sys.platform in {"darwin", "win32", "cygwin"}:
        return lambda: _aside(lambda: _of_the_system(url))
    found = commands(url, os.environ, shutil.which)
    return (lambda: _aside(lambda: _first(found))) if found else None


def commands(url: str, environ: Mapping[str, str], which: Which) -> list[list[str]]:
    """Return the commands to try, in order.

    Args:
        url: The address.
        environ: The environment.
        which: Finds a program, as `shutil.which`.
    """
    named = [_command(text, url) for text in environ.get("BROWSER", "").split(os.pathsep)]
    display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    programs: tuple[str, ...] = ()
    if display:
        programs = ("xdg-open", *GRAPHICAL)
    elif environ.get("WSL_DISTRO_NAME"):
        programs = ("wslview",)
    tried = [*named, *([program, url] for program in programs)]
    return [command for command in tried if command and not _in_console(command, which) and which(command[0])]


def _command(text: str, url: str) -> list[str]:
    """Return a command of `BROWSER`: `%s` stands for the address, which is otherwise its last word."""
    try:
        words = shlex.split(text.removesuffix("&"))
    except ValueError:
        return []
    if any("%s" in word for word in words):
        return [word.replace("%s", url) for word in words]
    return [*words, url] if words else []


def _in_console(command: list[str], which: Which) -> bool:
    """Return whether a command's program is a console browser, by its name or by what the name is a link to."""
    path = which(command[0]) or command[0]
    return bool({os.path.basename(path), os.path.basename(os.path.realpath(path))} & CONSOLE)  # noqa: PTH119 - pathlib costs an import here


def _has_default() -> bool:
    """Return whether the desktop has a default browser; without one `xdg-open` may start a console browser."""
    settings = shutil.which("xdg-settings")
    if settings is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603 - the desktop's own program, by its path
            [settings, "get", "default-web-browser"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    name = done.stdout.decode(errors="replace").strip().removesuffix(".desktop")
    return bool(name) and name not in CONSOLE


def _aside(act: Callable[[], object]) -> None:
    threading.Thread(target=act, name="keybearer-browser", daemon=True).start()


def _first(found: list[list[str]]) -> None:
    """Run the commands until one succeeds, away from the terminal."""
    for command in found:
        if command[0] == "xdg-open" and not _has_default():
            continue
        with contextlib.suppress(OSError):
            process = subprocess.Popen(  # noqa: S603 - the user's own browser
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                if process.wait(FAILED_WITHIN) == 0:
                    return
            except subprocess.TimeoutExpired:
                process.wait()  # it is at work, whatever its end will be
                return


def _of_the_system(url: str) -> None:
    import webbrowser

    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
