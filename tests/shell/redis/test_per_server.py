"""One object for each server in a process, made once whoever asks, ended at the end, and none of them in a forked child."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.per_server import PerServer

ONE, OTHER = RedisServer(host="one.test"), RedisServer(host="other.test")


def slowly(server: RedisServer) -> list[str]:
    """Make an object, so slowly that another thread asks meanwhile."""
    time.sleep(0.01)
    return [server.host]


def test_each_server_has_one() -> None:
    """However many threads ask at once."""
    kept = PerServer(slowly)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(kept.of, [ONE, OTHER] * 8))
    assert {id(each) for each in found} == {id(kept.of(ONE)), id(kept.of(OTHER))}
    assert (kept.of(ONE), kept.of(OTHER)) == (["one.test"], ["other.test"])


def test_each_is_ended_with_the_process() -> None:
    """The function that ends one is called with it."""
    ended: list[list[str]] = []
    kept = PerServer(slowly, ended.append)
    kept.of(ONE)
    kept._finish_all()
    assert ended == [["one.test"]]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_begins_without_any() -> None:
    """Also where a thread that the child lacks was making one."""
    kept = PerServer(slowly)
    first = kept.of(ONE)
    with kept._making:
        child = os.fork()
        if child == 0:
            os._exit(0 if kept.of(ONE) is not first else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert kept.of(ONE) is first
