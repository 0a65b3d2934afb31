"""Ends the threads that a test's fleets and budgets leave: whoever holds something keeps reporting it, also where Redis is gone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest

from keybearer.shell.redis import reporter
from keybearer.shell.redis.spending import SpendRedis

_made: list[SpendRedis] = []


@pytest.fixture(autouse=True)
def ended_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After each test, let go of what is held, and wait for the threads."""
    first = SpendRedis.__init__

    def recorded(self: SpendRedis, *args: Any, **options: Any) -> None:
        first(self, *args, **options)
        _made.append(self)

    monkeypatch.setattr(SpendRedis, "__init__", recorded)
    yield
    threads = [each._thread for each in _made if each._thread is not None]
    for reports in reporter._reporters.made.values():
        reports._members.clear()
        reports.finish()
        threads += [] if reports._thread is None else [reports._thread]
    reporter._reporters.made.clear()
    until = time.monotonic() + 10
    while any(thread.is_alive() for thread in threads) and time.monotonic() < until:
        for each in _made:
            _let_go(each)
        time.sleep(0.01)
    _made.clear()
    assert [thread for thread in threads if thread.is_alive()] == []


def _let_go(accounts: SpendRedis) -> None:
    """Let go of what is held and of what is not booked, which a thread that cannot reach Redis puts back; wake it."""
    with accounts._lock:
        accounts._held.clear()
    with contextlib.suppress(Empty):
        while True:
            accounts._ended.get_nowait()
    accounts._woken.put(None)
