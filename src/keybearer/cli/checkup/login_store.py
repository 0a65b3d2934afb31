"""What `keybearer doctor` finds of a login that machines share in Redis: whether the server keeps it, and how it is encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.cli.checkup.result import CheckResult, failed, good, warning
from keybearer.errors import KeybearerError

if TYPE_CHECKING:
    from keybearer.config.auth_schema import AuthConfig

__all__ = ["shared_login"]


class _Risk(NamedTuple):
    """What of a server may cost the login.

    Attributes:
        is_there: Whether it is so, by the server's `INFO`.
        says: What may happen.
        remedy: What to do.
    """

    is_there: Callable[[dict[str, Any]], bool]
    says: str
    remedy: str


RISKS: Final = (
    _Risk(
        lambda facts: bool(facts.get("maxmemory")) and facts.get("maxmemory_policy") != "noeviction",
        "{server} may drop the login when its memory is full (maxmemory-policy {maxmemory_policy}).",
        "Set maxmemory-policy to noeviction, or give logins a Redis of their own.",
    ),
    _Risk(
        lambda facts: not facts.get("aof_enabled"),
        "{server} may hold an older login after a restart (appendonly no), which is noticed and then asks for a new one.",
        "Set appendonly to yes.",
    ),
    _Risk(
        lambda facts: facts.get("role") == "slave",
        "{server} is a replica, where nothing can be refreshed.",
        "Name the primary in auth.store_url.",
    ),
)
"""The risks, in the order in which they are shown."""


def shared_login(auth: AuthConfig) -> Iterator[CheckResult]:
    """Say where a shared login is, and what may cost it.

    Args:
        auth: The configuration, whose `store` is `redis`.
    """
    from keybearer.config.urls import is_loopback
    from keybearer.credentials.oauth.bundle_codec import BUNDLE
    from keybearer.credentials.stores.register import RegisterError
    from keybearer.errors.sanitize import sanitize
    from keybearer.shell.redis.login_store import RedisRegister, login_server, login_store

    try:
        server = login_server(auth)
        store = login_store(auth, BUNDLE)
        held = store.load()
        register = RedisRegister(server, auth.store_name)
        facts = register.facts()
    except KeybearerError as error:
        yield failed(error)
        return
    except RegisterError as error:
        yield warning(f"What {server.words} may lose is unknown: {error.strerror}.", "Let its ACL user ask: +info.")
        return
    version = sanitize(str(facts.get("valkey_version") or facts.get("redis_version") or "of an unknown version"), 40)
    yield good(f"{server.words} ({version}) has the login {auth.store_name}, {store.facts()}.")
    if (doubt := store.doubt(held)) is not None:
        yield warning(doubt.message, doubt.hint)
    if not store.newest_key():
        remedy = "Run `keybearer auth refresh`, and take the old key out of auth.store_key when every process has the new one."
        yield warning("The login is still encrypted with an older key than the first of auth.store_key.", remedy)
    if not server.tls and server.host and not is_loopback(server.host):
        yield warning(
            f"The connection to {server.words} is in clear text: the login is encrypted in it, the password is not.",
            "Use TLS: rediss://.",
        )
    for risk in RISKS:
        if risk.is_there(facts):
            policy = sanitize(str(facts.get("maxmemory_policy")), 40)
            yield warning(risk.says.format(server=server.words, maxmemory_policy=policy), risk.remedy)
