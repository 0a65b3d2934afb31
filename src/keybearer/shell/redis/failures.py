"""The words of everything that can go wrong with Redis.

Contract: the message says what failed and where; the hint says what to do. No password is in it: a server's own words are shown
only where they are about a permission, shortened and on one line.
"""

from __future__ import annotations

from typing import Final

from keybearer.config.redis_server import RedisServer
from keybearer.errors import RedisUnavailable
from keybearer.errors.sanitize import sanitize
from keybearer.policy.deadline import format_seconds

__all__ = ["redis_failure"]

_WORDS: Final = {
    "unreachable": ("cannot be reached", "Check its address, the network, and TLS where it asks for it (rediss://)."),
    "slow": (
        "did not answer within {timeout}",
        "It is blocked or overloaded; or raise the timeout of its URL, ?timeout=2.",
    ),
    "refused": (
        "refused the login",
        "Check the ACL user and the password; on the server, ACL LIST shows what a user may do.",
    ),
    "full": ("has no memory left", "Give it more memory, or a database of its own with maxmemory-policy noeviction."),
    "read_only": (
        "is a replica, which takes no writes",
        "Name the primary; after a failover its address may be another.",
    ),
    "starting": ("is still loading its data", "It answers when it has read its file."),
    "cluster": (
        "is a cluster that cannot serve the key now",
        "Check CLUSTER INFO; and write ?cluster=true in its URL.",
    ),
    "unconfirmed": (
        "has fewer replicas that answer than were asked for",
        "Check the replicas, or lower ?replicas= in its URL.",
    ),
    "failed": ("could not carry out a command", "The server's own words are above."),
}
"""What is wrong, by `RedisUnavailable.problem`: what happened, and what to do."""

_BY_CLASS: Final = {
    "AuthenticationError": "refused",
    "AuthenticationWrongNumberOfArgsError": "refused",
    "AuthorizationError": "refused",
    "NoPermissionError": "refused",
    "BusyLoadingError": "starting",
    "OutOfMemoryError": "full",
    "ReadOnlyError": "read_only",
    "TimeoutError": "slow",
    "MaxConnectionsError": "unreachable",
    "ClusterDownError": "cluster",
    "ClusterError": "cluster",
    "MovedError": "cluster",
    "AskError": "cluster",
    "TryAgainError": "cluster",
    "RedisClusterException": "cluster",
    "SlotNotCoveredError": "cluster",
    "ConnectionError": "unreachable",
    "ResponseError": "failed",
}
"""redis-py's class, by name, to the problem. An instance is looked up by its class, then by the classes below it."""

_BY_BEGINNING: Final = {
    "NOAUTH": "refused",
    "WRONGPASS": "refused",
    "NOPERM": "refused",
    "OOM": "full",
    "READONLY": "read_only",
    "LOADING": "starting",
    "BUSY": "slow",
    "MASTERDOWN": "starting",
    "NOREPLICAS": "unconfirmed",
    "CLUSTERDOWN": "cluster",
    "MOVED": "cluster",
    "CROSSSLOT": "cluster",
}
"""The first word of a server's error to the problem; a script's error has it too."""

MOST: Final = 200
"""How much of a server's words an error shows, in characters."""


def redis_failure(server: RedisServer, error: BaseException | str) -> RedisUnavailable:
    """Return the error for a failure.

    Args:
        server: Where.
        error: redis-py's exception, or a problem by its name.
    """
    problem = error if isinstance(error, str) else _problem(error)
    what, hint = _WORDS[problem]
    reason = "" if isinstance(error, str) else _reason(error, problem)
    message = f"{server.words} {what.format(timeout=format_seconds(server.timeout))}{reason}."
    return RedisUnavailable(message, hint=hint, server=server.words, problem=problem)


def _problem(error: BaseException) -> str:
    first = str(error).partition(" ")[0].rstrip(":")
    if first in _BY_BEGINNING:
        return _BY_BEGINNING[first]
    return next((_BY_CLASS[each.__name__] for each in type(error).__mro__ if each.__name__ in _BY_CLASS), "failed")


def _reason(error: BaseException, problem: str) -> str:
    """Return the server's or the system's own words, where they say more than ours; they hold no argument of a command."""
    if problem in {"slow", "starting"}:
        return ""
    return f": {sanitize(str(error), MOST).rstrip('.')}"
