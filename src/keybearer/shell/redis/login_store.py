"""A login in Redis: the register of `keybearer.credentials.stores.register_store`, on this process's connection.

Strategy: one key, changed by one script that compares and sets, so that all that decides is in Python and the same on every machine.
A reading brings the server's clock, and its replication id, which a restart or a fail-over changes.

Contract: a process has one store for each login, so its clients share the last reading. No failure shows the URL, the key or a token.
"""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from keybearer.config.redis_server import REDIS, RedisServer, redis_of
from keybearer.config.schema import RedisConfig
from keybearer.credentials.stores.register import RegisterError, RegisterState
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.credentials.stores.sealing import Sealer
from keybearer.errors import ConfigError, RedisUnavailable, UsageError
from keybearer.shell.redis.link import RedisScript, redis_link
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.config.auth_schema import AuthConfig
    from keybearer.credentials.stores.protocol import Codec

__all__ = ["RedisRegister", "login_server", "login_store"]

READ: Final = RedisScript("""\
local time = redis.call('TIME')
local info = redis.pcall('INFO', 'replication')
return {redis.call('GET', KEYS[1]), time[1], time[2], type(info) == 'string' and info or ''}
""")
"""Reads a text, with the time and what the server says of its replication: nothing where the ACL user may not ask."""

SET: Final = RedisScript("""\
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return now == ARGV[2] and 1 or 0
""")
"""Replaces a text that still is what was read. Run twice, it says the second time that it has done so."""


class RedisRegister:
    """A text in Redis.

    Args:
        server: The server.
        login: The login's name.
    """

    def __init__(self, server: RedisServer, login: str) -> None:
        self.name = f"{server.words}, login {login}"
        self.key = server.key(f"login-{login}", "record")
        self._server = server
        self._replicas = 0

    def read(self) -> RegisterState:
        """Read it."""
        text, seconds, micros, info = self._run(READ, (), confirmed=False)
        facts = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
        self._replicas = int(facts.get("connected_slaves", 0))
        return RegisterState(text=text, now=int(seconds) + int(micros) / 1e6, history=facts.get("master_replid", ""))

    def compare_and_set(self, old: str | None, new: str, *, confirmed: bool) -> bool:
        """Replace it if it still is what was read."""
        return bool(self._run(SET, (old or "", new), confirmed=confirmed))

    def _run(self, script: RedisScript, arguments: tuple[str, ...], *, confirmed: bool) -> Any:
        wanted = max(self._server.replicas, 1 if self._replicas else 0) if confirmed else 0
        server = self._server
        try:
            if wanted and not server.cluster:  # in a cluster, replicas cannot be waited for
                link = redis_link(structs.replace(server, replicas=wanted))
                return link.run_confirmed(script, (self.key,), arguments)
            return redis_link(server).run(script, (self.key,), arguments)
        except (RedisUnavailable, UsageError) as error:
            failure = self._failure(error)
        raise failure

    def facts(self) -> dict[str, Any]:
        """Return what the server says of itself, by the names of its `INFO`.

        Raises:
            RegisterError: It does not say.
        """
        try:
            return dict(redis_link(self._server).command("INFO"))
        except (RedisUnavailable, UsageError) as error:
            failure = self._failure(error)
        raise failure

    def _failure(self, error: RedisUnavailable | UsageError) -> RegisterError:
        words = error.message.rstrip(".")
        if words.startswith(self._server.words):
            words = f"the server{words.removeprefix(self._server.words)}"
        return RegisterError(words, hint=error.hint)


_stores: Final[dict[tuple[RedisServer, str, Secret], RegisterStore]] = {}


def login_server(auth: AuthConfig) -> RedisServer:
    """Return the Redis of a configuration.

    Raises:
        ConfigError: There is none, or it cannot be used.
    """
    url: Any = auth.store_url
    section = url if isinstance(url, RedisConfig) else None  # `ProviderConfig.login` has put it there
    if url is None or (isinstance(url, Secret) and url.reveal() == REDIS):
        raise ConfigError(
            "auth.store is redis, and neither auth.store_url nor a section redis says which Redis.",
            key="auth.store_url",
            hint="Set it to redis://host:6379/0, or rediss://... for TLS.",
        )
    try:
        return redis_of(url.reveal() if isinstance(url, Secret) else REDIS, section)
    except ConfigError as error:
        message = error.message
    where = "auth.store_url" if section is None else REDIS
    raise ConfigError(f"{where}: {message}", key=where)


def login_store(auth: AuthConfig, codec: Codec) -> RegisterStore:
    """Return this process's store of a login in Redis.

    Args:
        auth: The configuration.
        codec: The login's format.

    Raises:
        ConfigError: The Redis cannot be used.
        CredentialError: The key cannot.
    """
    server, key = login_server(auth), auth.store_key or Secret("")
    found = _stores.get((server, auth.store_name, key))
    if found is None:
        register = RedisRegister(server, auth.store_name)
        store = RegisterStore(register, Sealer([key]), codec, holder=_this_process, monotonic=time.monotonic)
        found = _stores.setdefault((server, auth.store_name, key), store)
    return found


def _this_process() -> str:
    return f"{socket.gethostname()} (process {os.getpid()})"
