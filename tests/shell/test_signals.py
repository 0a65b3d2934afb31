"""Signals in the middle of a refresh: the result is on the disk before they do what they do, and nothing else changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from keybearer import defer_signals
from keybearer.shell import signals
from keybearer.shell.refresher import Refresher
from support.logins import bundle, granted, write_private
from support.rawserver import Peer, raw_server

SCRIPT = Path(__file__).parent.parent / "support" / "refresh_process.py"
NEW = "sk-ant-oat01-access-2"


@contextmanager
def at_its_default(number: int) -> Iterator[None]:
    """A process that is started meanwhile has the signal's default, also where the tests run under nohup: exec resets a handler."""
    before = signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(number, before)


def end_in_a_refresh(tmp_path: Path, number: int, *command: str, **options: Any) -> tuple[int, str, str]:
    """Run a process, and send it a signal when its token request has come; return its exit code, its output and the saved token."""
    started: list[subprocess.Popen[str]] = []
    ready = threading.Event()

    def answer(peer: Peer) -> None:
        if peer.request():
            assert ready.wait(30)
            os.kill(started[0].pid, number)
            peer.reply(json.dumps(granted()).encode())

    with raw_server(answer) as server, at_its_default(number):
        path = write_private(tmp_path / "oauth.json", bundle(expires_at=1, token_endpoint=server.url + "/token"))
        arguments = command or (str(SCRIPT), "signal", json.dumps({"path": str(path), **options}))
        with subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, *(each.replace("PATH", str(path)) for each in arguments)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            started.append(process)
            ready.set()
            try:
                output, _ = process.communicate(timeout=60)
            finally:
                process.kill()  # where it has not ended by itself
    return process.returncode, output, json.loads(path.read_text())["access_token"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_stopped_in_a_refresh_has_saved_it(tmp_path: Path, number: int) -> None:
    """The new token is on the disk, and the process ends by the signal, as it would have without the deferral."""
    code, _, saved = end_in_a_refresh(tmp_path, number)
    assert (code, saved) == (-number, NEW)


def test_the_handler_that_was_there_is_called(tmp_path: Path) -> None:
    """A service's own handler gets the signal, after the refresh."""
    code, output, saved = end_in_a_refresh(tmp_path, signal.SIGTERM, says="stopped")
    assert (code, saved) == (7, NEW)
    assert output.splitlines()[0] == "True"
    assert output.splitlines()[-1] == "stopped"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_command_line_saves_before_it_ends(tmp_path: Path, number: int) -> None:
    """`timeout 1.5 keybearer ...` and `systemctl stop` lose no login."""
    code, _, saved = end_in_a_refresh(tmp_path, number, "-m", "keybearer", "auth", "refresh", "--bundle", "PATH")
    assert (code, saved) == (-number, NEW)


# ── in this process ──────────────────────────────────────────────────────────


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The signals that a handler of this process has got; refreshes are those of `refresher`."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: got.append(number))
    monkeypatch.setattr(signals, "_attached", [])
    yield got
    signal.signal(signal.SIGTERM, before)


def test_without_a_refresh_nothing_is_put_off(heard: list[int]) -> None:
    """The handler is called at once; after the deferral everything is as it was."""
    with defer_signals():
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    before = signal.getsignal(signal.SIGTERM)
    with defer_signals(), defer_signals():
        signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM] * 2
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_waits_for_the_last_refresh_and_comes_once(heard: list[int]) -> None:
    """Two refreshes and three signals: one call of the handler, when both have ended, even after the deferral."""
    refresher, gates = Refresher(), [threading.Event(), threading.Event()]
    signals.attach(refresher.busy)
    with defer_signals():
        flights = [refresher.submit(str(n), gate.wait) for n, gate in enumerate(gates)]
        for _ in range(3):
            signal.raise_signal(signal.SIGTERM)
        gates[0].set()
        assert flights[0].result(30)
        assert heard == []
    gates[1].set()
    assert flights[1].result(30)
    refresher.finish()
    for thread in threading.enumerate():
        if thread.name == "keybearer-refresh":
            thread.join(30)
    assert heard == [signal.SIGTERM]


def test_off_the_main_thread_nothing_happens() -> None:
    """No handler can be set there, and nothing complains."""
    before = signal.getsignal(signal.SIGTERM)
    active: list[bool] = []

    def elsewhere() -> None:
        with defer_signals() as deferral:
            active.append(deferral.active)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(30)
    assert active == [False]
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_ignored_signal_stays_ignored() -> None:
    """`nohup` goes on to work."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with defer_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_handler_that_was_set_meanwhile_stays(heard: list[int]) -> None:
    """What somebody set after the deferral is not taken away at its end."""
    deferral = defer_signals()

    def theirs(*_: object) -> None:
        heard.append(0)

    signal.signal(signal.SIGTERM, theirs)
    deferral.restore()
    assert signal.getsignal(signal.SIGTERM) is theirs
