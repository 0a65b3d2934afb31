"""Ends the threads that a test's fleets and budgets leave: whoever holds something keeps reporting it, also where Redis is gone."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
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
    threads = [thread for each in _made if (thread := _let_go(each)) is not None]
    for reports in reporter._reporters.values():
        reports._members.clear()
        reports.finish()
        threads += [] if reports._thread is None else [reports._thread]
    reporter._reporters.clear()
    _made.clear()
    for thread in threads:
        thread.join(10)
    assert [thread for thread in threads if thread.is_alive()] == []


def _let_go(accounts: SpendRedis) -> Any:
    ended, accounts._ended = accounts._ended, SimpleQueue()
    with accounts._lock:
        accounts._held.clear()
        thread = accounts._thread
    ended.put(None)
    accounts._ended.put(None)
    return thread
