"""Which browser a login opens, and what it may not do."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from keybearer.cli import browser as module
from keybearer.cli.browser import browser, commands

URL = "https://a.example/x?y=%20z&s=%73"


def which(*there: str) -> module.Which:
    """A system on which these programs are."""
    return lambda name: f"/usr/bin/{name}" if name in there else None


@pytest.mark.parametrize(
    ("environ", "there", "found"),
    [
        ({}, ("w3m", "lynx", "links", "elinks", "www-browser", "xdg-open", "firefox"), []),
        ({"DISPLAY": ":0"}, ("w3m", "www-browser"), []),
        ({"DISPLAY": ":0"}, ("w3m", "firefox"), [["firefox", URL]]),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ("xdg-open", "chromium"), [["xdg-open", URL], ["chromium", URL]]),
        ({"BROWSER": "w3m:lynx -vikeys:/usr/bin/elinks %s"}, ("w3m", "lynx", "/usr/bin/elinks"), []),
        ({"BROWSER": "helper %s --new:other&"}, ("helper", "other"), [["helper", URL, "--new"], ["other", URL]]),
        ({"BROWSER": "missing:'bad"}, (), []),
        ({"WSL_DISTRO_NAME": "Debian"}, ("wslview", "w3m"), [["wslview", URL]]),
    ],
)
def test_no_console_browser_is_chosen(environ: dict[str, str], there: tuple[str, ...], found: list[list[str]]) -> None:
    """BROWSER first, then a graphical one where there is a display; those that take the terminal never, not even by BROWSER."""
    assert commands(URL, environ, which(*there)) == found


def test_a_console_browser_behind_a_link_is_seen(tmp_path: Path) -> None:
    """`x-www-browser` may be a link to one that takes the terminal."""
    (tmp_path / "w3m").touch()
    (tmp_path / "x-www-browser").symlink_to(tmp_path / "w3m")
    assert (
        commands(URL, {"DISPLAY": ":0"}, lambda name: str(tmp_path / name) if name == "x-www-browser" else None) == []
    )


def wait_for(path: Path) -> str:
    """Wait until a program has written a file."""
    end = time.monotonic() + 30
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return path.read_text()


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the system's own browser")
def test_a_browser_neither_holds_the_login_nor_has_its_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is started beside the login, in a session of its own, with nothing to read and nowhere to write."""
    script, seen, stop = tmp_path / "program", tmp_path / "seen", tmp_path / "stop"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys, time\nprint('noise'); print('noise', file=sys.stderr)\n"
        f"draft = pathlib.Path({str(seen)!r} + '.draft')\n"
        "draft.write_text(json.dumps([sys.argv[1:], sys.stdin.read(), os.getsid(0), os.getpid()]))\n"
        f"draft.rename({str(seen)!r})\n"
        f"while not os.path.exists({str(stop)!r}): time.sleep(0.01)\n"
    )
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(script))
    start = browser(URL)
    assert start is not None
    start()
    arguments, read, session, process = json.loads(wait_for(seen))
    assert (arguments, read) == ([URL], "")
    assert session == process != os.getsid(0)
    threads = [each for each in threading.enumerate() if each.name == "keybearer-browser"]
    assert [each.daemon for each in threads] == [True]
    stop.touch()
    threads[0].join(30)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the system's own browser")
def test_after_a_browser_that_fails_the_next_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ends badly opened nothing."""
    for name, code in (("bad", 1), ("good", 0), ("never", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >>{tmp_path}/log\nexit {code}\n")
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("BROWSER", os.pathsep.join(str(tmp_path / name) for name in ("bad", "good", "never")))
    monkeypatch.setattr(module, "_aside", lambda act: act())
    start = browser(URL)
    assert start is not None
    start()
    assert (tmp_path / "log").read_text() == "bad\ngood\n"
