"""Which Redis, or Valkey, a fleet shares: where it is, how to log in, and how its keys are named.

Strategy: one URL says all of it, or the sections of `llm.yaml` and arguments beside it do. The password is a `Secret` from the moment
that it is read, so that it may stand in a URL without being shown.

Contract: no message and no repr shows any part of a URL but its host, for a password may be in it.

    redis://host:6379/0                a connection in clear text
    rediss://user:password@host:6380   TLS; `ca_file` for a certificate of one's own authority
    unix:///run/redis/redis.sock       a socket of this machine; `?database=1`
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from keybearer.errors import ConfigError
from keybearer.types.secret import ProxyURL, Secret

__all__ = ["REDIS", "RedisServer", "redis_of", "redis_problem"]

REDIS: Final = "redis"
"""The word that stands for the server of a provider's own section, `redis`, in `llm.yaml`."""

SCHEMES: Final = ("redis", "rediss", "unix")
PORT: Final = 6379
PREFIX: Final = "keybearer"
TIMEOUT: Final = 1.0
"""How long a command may take, in seconds, and the making of a connection: a caller may be waiting for it."""

LONGEST: Final = 60.0

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_PREFIX: Final = re.compile(r"[A-Za-z0-9._:/-]{1,100}", re.ASCII)
_FORM: Final = "is not a URL of the form redis://host:6379/0, rediss://... for TLS, or unix:///path/of/the/socket"


class RedisServer(Struct, frozen=True, kw_only=True):
    """A Redis server, or one that speaks as it does (Valkey), and the names of the keys there.

    Attributes:
        host: Its host; empty where it is a socket of this machine.
        port: Its port.
        path: The path of its socket; empty where it has a host.
        database: The number of the database.
        tls: Whether the connection is encrypted.
        ca_file: A PEM file of the certificates to trust; None for the system's.
        user: The ACL user; None for the default one.
        password: Its password; None without one.
        prefix: What every key begins with.
        timeout: How long a command, or making a connection, may take, in seconds.
        cluster: Whether it is a node of a cluster, whose other nodes are found by it.
        replicas: How many replicas must have a booking of a spend limit before a call is sent.
    """

    host: str = ""
    port: int = PORT
    path: str = ""
    database: int = 0
    tls: bool = False
    ca_file: str | None = None
    user: str | None = None
    password: Secret | None = None
    prefix: str = PREFIX
    timeout: float = TIMEOUT
    cluster: bool = False
    replicas: int = 0

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        user: str | None = None,
        password: Secret | str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        prefix: str | None = None,
        timeout: float | None = None,
    ) -> RedisServer:
        """Read a URL; an argument wins over what the URL says.

        Args:
            url: `redis://`, `rediss://` (TLS) or `unix://`. Its query may set `prefix`, `timeout`, `ca_file`, `database`, `cluster`
                and `replicas`.
            user: The ACL user.
            password: Its password.
            ca_file: A PEM file of the certificates to trust instead of the system's.
            prefix: What every key begins with.
            timeout: How long a command may take, in seconds.

        Raises:
            ConfigError: It cannot be used; the message shows no part of the URL.

        Example:
            >>> RedisServer.from_url("rediss://fleet:secret@redis.internal/1?prefix=team")
            <RedisServer redis.internal:6379, database 1, TLS, prefix 'team'>
        """
        url = ProxyURL(url)  # whose repr masks its password
        given = {
            "user": user,
            "password": Secret(password) if isinstance(password, str) else password,
            "ca_file": None if ca_file is None else os.fspath(ca_file),
            "prefix": prefix,
            "timeout": timeout,
        }
        try:
            server = cls(**{**_parts(url), **{name: value for name, value in given.items() if value is not None}})
        except ValueError as error:
            problem: str | None = str(error)
        else:
            problem = server.problem()
        if problem is None:
            return server
        # Raised here, where no frame holds the parts of the URL.
        raise ConfigError(f"The Redis server {problem}.", key="redis")

    def problem(self) -> str | None:
        """Return what is wrong, in words; None when nothing is."""
        if not _PREFIX.fullmatch(self.prefix):
            return "has a prefix that is not 1 to 100 letters, digits and characters of ._:/-"
        if not 0 < self.timeout <= LONGEST:
            return f"has a timeout that is not above 0 and at most {LONGEST:g} s"
        if self.user is not None and self.password is None:
            return "has a user and no password"
        if self.ca_file is not None and not self.tls:
            return "has a ca_file, which only a connection with TLS needs: write rediss://"
        if self.cluster and (self.database or self.path):
            return "is a node of a cluster, which has neither a database by number nor a socket"
        if self.cluster and self.replicas:
            return "is a node of a cluster: there, replicas cannot be waited for"
        return None

    def key(self, tag: str, name: str) -> str:
        """Return the name of a key; keys of one tag are on the same node of a cluster.

        Args:
            tag: What it belongs to: letters, digits and hyphens.
            name: Which of its keys.
        """
        return f"{self.prefix}:{{{tag}}}:{name}"

    @property
    def words(self) -> str:
        """Where it is, for messages."""
        return f"Redis at {self.path or f'{self.host}:{self.port}'}"

    def __repr__(self) -> str:
        more = [
            *([f"database {self.database}"] if self.database else []),
            *(["TLS"] if self.tls else []),
            *(["cluster"] if self.cluster else []),
            *([f"prefix {self.prefix!r}"] if self.prefix != PREFIX else []),
        ]
        return f"<RedisServer {', '.join([self.path or f'{self.host}:{self.port}', *more])}>"

    def __rich_repr__(self) -> Any:
        yield repr(self)[1:-1]


def redis_problem(value: Any) -> str | None:
    """Return what is wrong with a server, or its URL, in words; None when it can be used."""
    if isinstance(value, RedisServer):
        return value.problem()
    if not isinstance(value, str):
        return f"is a {type(value).__name__}; it takes a URL such as redis://host:6379/0, or a RedisServer"
    try:
        RedisServer.from_url(value)
    except ConfigError as error:
        return error.message.removeprefix("The Redis server ").rstrip(".")
    return None


def redis_of(url: RedisServer | str, section: Any = None) -> RedisServer:
    """Return the server that a value of `llm.yaml` or an argument stands for.

    Args:
        url: A server, its URL, or the word `redis` for that of the section.
        section: The provider's section `redis` (`RedisConfig`); None without one.

    Raises:
        ConfigError: It cannot be used, or there is no such section.
    """
    if isinstance(url, RedisServer):
        return url
    if url != REDIS:
        return RedisServer.from_url(url)
    if section is None:
        raise ConfigError("The provider has no section redis that says which server is meant.", key="redis")
    return RedisServer.from_url(
        section.url,
        user=section.user,
        password=section.password,
        ca_file=section.ca_file,
        prefix=section.prefix,
        timeout=section.timeout,
    )


# ── a URL ────────────────────────────────────────────────────────────────────


def _parts(url: str) -> dict[str, Any]:
    """Return what a URL says, by the names of a server's attributes; a ValueError says what is wrong, without its parts."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(
            "has a port that is no number from 1 to 65535; a special character of a password is written as %XX"
        ) from None
    if parts.scheme not in SCHEMES or "://" not in url:
        raise ValueError(_FORM)
    if any(ord(char) <= 0x20 for char in url) or parts.fragment or url.endswith("#"):
        raise ValueError("has white space or a # in its URL; a special character of a password is written as %XX")
    values = _query(parts.query)
    if parts.username:
        values["user"] = unquote(parts.username)
    if parts.password:
        values["password"] = Secret(unquote(parts.password))
    if parts.scheme == "unix":
        if not parts.path.strip("/") or parts.hostname:
            raise ValueError("is a socket without an absolute path: write unix:///path/of/the/socket")
        return {**values, "path": unquote(parts.path)}
    where = parts.netloc.rpartition("@")[2]
    host = where if port is None else where.rpartition(":")[0]
    if not _HOST.fullmatch(host.removesuffix(":")):
        raise ValueError(_FORM if not host else "has a host that is neither a name nor an address")
    database = parts.path.strip("/")
    if database:
        values["database"] = _count(database, "database")
    return {
        **values,
        "host": host.removesuffix(":").strip("[]"),
        "port": PORT if port is None else port,
        "tls": parts.scheme == "rediss",
    }


def _query(query: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if (read := _QUERY.get(name)) is None:
            raise ValueError(f"has a query with another name than {', '.join(_QUERY)}")
        values[name] = read(text, name)
    return values


def _text(text: str, name: str) -> str:
    if not text:
        raise ValueError(f"has an empty {name}")
    return text


def _count(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise ValueError(f"has a {name} that is not a whole number")
    return int(text)


def _seconds(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"has a {name} that is not a number of seconds") from None


def _flag(text: str, name: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"has a {name} that is neither true nor false")
    return text == "true"


_QUERY: Final[dict[str, Callable[[str, str], Any]]] = {
    "prefix": _text,
    "timeout": _seconds,
    "ca_file": _text,
    "database": _count,
    "cluster": _flag,
    "replicas": _count,
}
"""The names of a URL's query, and what reads each."""
