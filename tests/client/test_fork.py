"""A fork in the middle of a client's work: the child begins anew."""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from keybearer import Client
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]


def in_child(function: Callable[[], str]) -> str:
    """Run a function in a forked child and return what it gives; a child that hangs is ended by its alarm."""
    import signal

    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: that is what is tested
        child = os.fork()
    if child == 0:
        signal.alarm(30)
        with contextlib.suppress(BaseException):
            os.write(write, function().encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    return answer


def test_a_child_does_not_wait_for_what_its_parent_s_threads_hold(sim: Simulator) -> None:
    """With every place taken and every lock held in the parent, a child's call is sent at once."""
    with Client(
        api_key=sim.api_key,
        base_url=sim.base_url,
        model="claude-haiku-4-5",
        concurrency=1,
        requests_per_second=0.01,
        retry=RetryPolicy(min_delay=0.001, max_delay=0.001),
    ) as client:
        admission = client._settings.exchange.admission
        parts: list[Any] = [
            admission.limiter,
            admission.budget,
            admission.concurrency,
            admission.adaptive,
            admission.breaker,
        ]
        stream = client.messages.create(max_tokens=20, messages=MESSAGES, stream=True)
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with contextlib.ExitStack() as stack:
                for part in parts:
                    stack.enter_context(part._lock)
                held.set()
                release.wait(60)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        try:
            answer = in_child(lambda: client.messages.create(max_tokens=20, messages=MESSAGES, timeout=20).text)
        finally:
            release.set()
            thread.join()
        stream.close()
    assert answer == "fine"
