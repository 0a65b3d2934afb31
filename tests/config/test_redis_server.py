"""Which Redis a fleet shares: the forms of its URL, what is refused, and that no password is shown."""

from __future__ import annotations

import contextlib
import traceback
from typing import Any

import pytest

from keybearer.config.redis_server import RedisServer, redis_problem
from keybearer.errors import ConfigError
from keybearer.types.secret import Secret

SECRET = "pa$$word-of-the-fleet"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://redis.internal", {"host": "redis.internal", "port": 6379}),
        ("redis://redis.internal:6380/2", {"host": "redis.internal", "port": 6380, "database": 2}),
        ("redis://[::1]:6380", {"host": "::1", "port": 6380}),
        ("redis://[::1]", {"host": "::1", "port": 6379}),
        ("rediss://h?ca_file=/etc/ca.pem", {"host": "h", "tls": True, "ca_file": "/etc/ca.pem"}),
        ("rediss://app:a%40b%2Fc@h", {"host": "h", "tls": True, "user": "app", "password": Secret("a@b/c")}),
        ("redis://:only@h", {"host": "h", "password": Secret("only")}),
        ("unix:///run/redis.sock?database=3", {"path": "/run/redis.sock", "database": 3}),
        ("unix://:pw@/run/redis.sock", {"path": "/run/redis.sock", "password": Secret("pw")}),
        ("redis://h?prefix=a:b&timeout=0.5", {"host": "h", "prefix": "a:b", "timeout": 0.5}),
        ("redis://h?cluster=true", {"host": "h", "cluster": True}),
        ("redis://h?replicas=2", {"host": "h", "replicas": 2}),
    ],
)
def test_a_url_is_read(url: str, expected: dict[str, Any]) -> None:
    """Each form says where the server is, and its query the rest."""
    assert RedisServer.from_url(url) == RedisServer(**expected)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis.internal:6379", "is not a URL of the form redis://host:6379/0"),
        ("http://h", "is not a URL of the form"),
        ("redis://", "is not a URL of the form"),
        ("redis://h:port", "has a port that is no number"),
        ("redis://h/name", "has a database that is not a whole number"),
        ("redis://a:b#c@h", "has a port that is no number from 1 to 65535; a special character"),
        ("redis://a:1#c@h", "has white space or a # in its URL"),
        ("redis://h o", "has white space"),
        ("redis://h?password=x", "has a query with another name than prefix, timeout, ca_file"),
        ("redis://h?timeout=soon", "has a timeout that is not a number of seconds"),
        ("redis://h?timeout=0", "has a timeout that is not above 0"),
        ("redis://h?timeout=nan", "has a timeout that is not above 0"),
        ("redis://h?cluster=1", "has a cluster that is neither true nor false"),
        ("redis://h?prefix={x}", "has a prefix that is not"),
        ("redis://user@h", "has a user and no password"),
        ("redis://h?ca_file=x", "has a ca_file, which only a connection with TLS needs"),
        ("redis://h/1?cluster=true", "has neither a database by number nor a socket"),
        ("redis://h?cluster=true&replicas=1", "replicas cannot be waited for"),
        ("unix://redis.sock", "is a socket without an absolute path"),
        ("redis://bad_host,other", "has a host that is neither a name nor an address"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_in_words(url: str, problem: str) -> None:
    """Nothing of it is accepted and ignored."""
    with pytest.raises(ConfigError, match="^The Redis server ") as error:
        RedisServer.from_url(url)
    assert problem in error.value.message
    assert error.value.message == f"The Redis server {redis_problem(url)}."


@pytest.mark.parametrize("end", ["h", "h:port", "h/name", "h?x=1", "", "h#"])
def test_a_password_in_a_url_is_not_shown(end: str) -> None:
    """Neither by the server nor by what is wrong with it."""
    url = f"redis://app:{SECRET}@{end}"
    shown = str(redis_problem(url))
    with contextlib.suppress(ConfigError):
        shown += repr(RedisServer.from_url(url)) + str(RedisServer.from_url(url))
    assert SECRET not in shown


def test_no_frame_of_a_refusal_holds_a_password() -> None:
    """A traceback with locals is often logged; only the caller's own frame has what the caller wrote."""
    url = f"redis://app:{SECRET}@h:port"
    with pytest.raises(ConfigError) as refused:
        RedisServer.from_url(url)
    frames = traceback.TracebackException.from_exception(refused.value, capture_locals=True).stack
    assert [each.name for each in frames] == ["test_no_frame_of_a_refusal_holds_a_password", "from_url"]
    assert SECRET not in str(frames[1].locals)
    assert refused.value.__context__ is None


def test_an_argument_wins_over_the_url() -> None:
    """So a password may come from a file, and the URL hold none."""
    server = RedisServer.from_url("redis://a:b@h?prefix=x", user="fleet", password="other", prefix="y", timeout=2.0)
    assert (server.user, server.password, server.prefix, server.timeout) == ("fleet", Secret("other"), "y", 2.0)


def test_keys_of_one_tag_are_on_one_node_of_a_cluster() -> None:
    """What is in braces decides the node."""
    server = RedisServer(host="h", prefix="team")
    assert server.key("abc", "limits") == "team:{abc}:limits"


def test_what_is_no_server_is_refused() -> None:
    """A number, a mapping: nothing that has to be guessed at."""
    assert redis_problem(6379) == "is a int; it takes a URL such as redis://host:6379/0, or a RedisServer"
    assert redis_problem(RedisServer(host="h", timeout=-1)) == "has a timeout that is not above 0 and at most 60 s"
    assert redis_problem("redis://h") is None
