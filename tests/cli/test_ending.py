"""A command that is ended by a signal ends in order."""

from __future__ import annotations

import signal
import sys

import pytest

from keybearer.cli.ending import ending_in_order

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_runs_what_is_due_at_the_end(number: signal.Signals) -> None:
    """The code is the shell's, and the handler of before is back."""
    before = signal.signal(number, signal.SIG_DFL)  # what runs the tests may have been started by nohup
    kept: list[str] = []

    def command() -> None:
        with ending_in_order():
            try:
                signal.raise_signal(number)
            finally:
                kept.append("saved")

    try:
        with pytest.raises(SystemExit) as ended:
            command()
        assert (ended.value.code, kept, signal.getsignal(number)) == (128 + number, ["saved"], signal.SIG_DFL)
    finally:
        signal.signal(number, before)


def test_one_that_is_ignored_stays_so() -> None:
    """As of a command that nohup started."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_in_order():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
