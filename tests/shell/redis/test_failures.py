"""The words of what can go wrong with Redis."""

from __future__ import annotations

import pytest

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.failures import redis_failure


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "full"),
        ("READONLY You can't write against a read only replica.", "read_only"),
        ("LOADING Redis is loading the dataset in memory", "starting"),
        ("BUSY Redis is busy running a script.", "slow"),
        ("NOAUTH Authentication required.", "refused"),
        ("CLUSTERDOWN Hash slot not served", "cluster"),
        ("ERR unknown command", "failed"),
    ],
)
def test_a_servers_own_error_is_understood_by_its_first_word(words: str, problem: str) -> None:
    """Inside a script it comes as any other error does."""
    error = redis_failure(RedisServer(host="h"), Exception(words))
    assert error.problem == problem
    assert error.hint


def test_a_class_of_redis_py_is_understood_by_its_bases() -> None:
    """A class that it adds below one that is known means the same."""

    class ConnectionError(Exception):  # noqa: A001 - named as redis-py names its own
        pass

    class NewerError(ConnectionError):
        pass

    error = redis_failure(RedisServer(host="h", port=1), NewerError("gone\nat once."))
    assert str(error) == (
        "Redis at h:1 cannot be reached: gone at once. "
        "Check its address, the network, and TLS where it asks for it (rediss://)."
    )
