"""A connection to Redis for all of a process, on redis-py: scripts and commands, each under a short time limit.

Strategy: what is shared is changed by scripts only, each one atomic. A script is sent by its digest, and in full where the server does
not have it (after a restart). redis-py is imported when the first connection is made; it is the extra `fleet`.

A flow reaches it by an effect, so that it waits as its caller does:

    answer = yield from Blocking(lambda: link.run(SCRIPT, keys, arguments))

Contract: a command takes `RedisServer.timeout` at the most, and making a connection as long again. A command whose connection broke is
sent once more, so a script must come to the same when it is run twice. Every failure is a `RedisUnavailable`, which holds no argument.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from keybearer.config.redis_server import RedisServer
from keybearer.errors import RedisUnavailable, UsageError
from keybearer.shell.redis.failures import redis_failure
from keybearer.shell.redis.per_server import PerServer

__all__ = ["RedisLink", "RedisScript", "redis_link"]


class RedisScript:
    """A Lua script.

    Args:
        text: Its text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @classmethod
    def of_file(cls, package: str, name: str) -> RedisScript:
        """Return the script in a file of a package."""
        return cls(files(package).joinpath(name).read_text("utf-8"))


class RedisLink:
    """The connections of this process to one server.

    Args:
        server: The server.
    """

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self._making = threading.Lock()
        self._client: Any = None

    def check(self) -> None:
        """Refuse to go on where redis-py is not installed; it is loaded here, and not where somebody waits for an answer.

        Raises:
            UsageError: It is not installed.
        """
        with self._making:
            _redis_py()

    def run(self, script: RedisScript, keys: Sequence[str], arguments: Sequence[str | float] = ()) -> Any:
        """Run a script and return its answer: whole numbers, texts, and lists of them.

        Args:
            script: The script. It must come to the same when it is run twice.
            keys: The keys that it uses; all with one tag (`RedisServer.key`).
            arguments: Its arguments.

        Raises:
            RedisUnavailable: It was not carried out, or nobody knows.
            UsageError: redis-py is not installed.
        """
        count = len(keys)
        try:
            return self.command("EVALSHA", script.digest, count, *keys, *arguments)
        except _ScriptMissing:
            return self.command("EVAL", script.text, count, *keys, *arguments)

    def run_confirmed(self, script: RedisScript, keys: Sequence[str], arguments: Sequence[str | float] = ()) -> Any:
        """Run a script, and wait until so many replicas have what it wrote as the server's `replicas` says.

        Raises:
            RedisUnavailable: As of `run`; or fewer replicas have it in time. The script was carried out nevertheless.
            UsageError: redis-py is not installed.
        """
        if not self.server.replicas:
            return self.run(script, keys, arguments)
        wait = ("WAIT", self.server.replicas, int(self.server.timeout * 500))
        count = len(keys)
        try:
            answer, confirmed = self._together(("EVALSHA", script.digest, count, *keys, *arguments), wait)
        except _ScriptMissing:
            answer, confirmed = self._together(("EVAL", script.text, count, *keys, *arguments), wait)
        if confirmed < self.server.replicas:
            raise redis_failure(self.server, "unconfirmed")
        return answer

    def command(self, *words: str | float) -> Any:
        """Send a command and return its answer, with texts decoded.

        Raises:
            RedisUnavailable: It was not carried out, or nobody knows.
            UsageError: redis-py is not installed.
        """
        client = self._connected()
        try:
            return client.execute_command(*words)
        except Exception as error:  # noqa: BLE001 - redis-py's, and what the system raises below it
            failure = _failure(self.server, error)
        raise failure  # outside of the except: its context would show the arguments

    def close(self) -> None:
        """Close the connections; another command makes new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _together(self, *commands: tuple[str | float, ...]) -> list[Any]:
        """Send commands on one connection, and return their answers."""
        pipeline = self._connected().pipeline(transaction=False)
        try:
            for each in commands:
                pipeline.execute_command(*each)
            answers: list[Any] = pipeline.execute()
        except Exception as error:  # noqa: BLE001 - redis-py's, and what the system raises below it
            failure = _failure(self.server, error)
        else:
            return answers
        raise failure

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> Any:
        redis, cluster, Retry, NoBackoff, Broken = _redis_py()  # noqa: N806 - classes
        server = self.server
        options: dict[str, Any] = {
            "username": server.user,
            "password": None if server.password is None else str.__str__(server.password.reveal()),
            "socket_timeout": server.timeout,
            "socket_connect_timeout": server.timeout,
            "decode_responses": True,
            "protocol": 2,
            # One more attempt: an idle connection that the server has closed is noticed when it is used.
            "retry": Retry(NoBackoff(), 1, supported_errors=(Broken,)),
        }
        if server.tls:
            options |= {"ssl": True, "ssl_ca_certs": server.ca_file}
        try:
            if server.cluster:
                return cluster(host=server.host, port=server.port, **options)
            if server.path:
                return redis(unix_socket_path=server.path, db=server.database, **options)
            return redis(host=server.host, port=server.port, db=server.database, **options)
        except Exception as error:  # noqa: BLE001 - a cluster is asked for its nodes at once
            failure = redis_failure(server, error)
        raise failure


def _redis_py() -> tuple[Any, ...]:
    """Return what is used of redis-py."""
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.cluster import RedisCluster
        from redis.exceptions import ConnectionError as Broken
        from redis.retry import Retry
    except ImportError as missing:
        name = missing.name
    else:
        return Redis, RedisCluster, Retry, NoBackoff, Broken
    raise UsageError(
        f"What is shared in Redis needs {name}, which is not installed.",
        hint="Install keybearer with its extra: 'keybearer[fleet]'",
    )


class _ScriptMissing(Exception):  # noqa: N818 - what happened; it never leaves this module
    """The server does not have a script."""


def _failure(server: RedisServer, error: Exception) -> RedisUnavailable | _ScriptMissing:
    if type(error).__name__ == "NoScriptError" or str(error).startswith("NOSCRIPT"):
        return _ScriptMissing()
    return redis_failure(server, error)


_links: Final = PerServer(RedisLink)


def redis_link(server: RedisServer) -> RedisLink:
    """Return this process's connection to a server: one for all that share it."""
    return _links.of(server)
