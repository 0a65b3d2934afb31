"""From a client's arguments, its configuration and the environment to the credential that it signs with.

Strategy: this only collects the search's input; the search itself is `keybearer.credentials.chain`. `ANTHROPIC_API_KEY` stands in
for the configuration's key if that has none.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from keybearer.config.auth_schema import AuthConfig
from keybearer.shell.clocks import CLOCKS
from keybearer.shell.transports.base import TransportOptions
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.credentials.chain import CredentialChain
    from keybearer.credentials.credential import CredentialProvider
    from keybearer.credentials.sources.table import Key
    from keybearer.credentials.stores.protocol import Codec, Store

__all__ = ["chain", "several_keys"]


def chain(
    auth: AuthConfig | None = None,
    key: Key | None = None,
    transport: TransportOptions | None = None,
    *,
    base_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> CredentialChain:
    """Make the search for a credential.

    Args:
        auth: The configuration; None for `auto` with no more said.
        key: The configuration's API key; `ANTHROPIC_API_KEY` when there is none.
        transport: How token requests connect.
        base_url: The API that requests go to; None for the default, or a profile's own.
        environ: The environment; the process's when omitted.
    """
    from keybearer.config.paths import user_home
    from keybearer.credentials.chain import CredentialChain
    from keybearer.credentials.oauth.rules import RefreshRules
    from keybearer.credentials.sources.static import unquoted
    from keybearer.credentials.sources.table import Key, Search
    from keybearer.policy.retry_hints import retry_after
    from keybearer.shell.refresher import ThreadScheduler
    from keybearer.shell.transports.default import DefaultTransport

    environ = os.environ if environ is None else environ
    if key is None and (text := unquoted(environ.get("ANTHROPIC_API_KEY", ""))):
        key = Key(Secret(text), "ANTHROPIC_API_KEY")
    options = transport or TransportOptions()
    return CredentialChain(
        Search(
            auth=auth or AuthConfig(),
            key=key,
            scheduler=ThreadScheduler(lambda: DefaultTransport(options)),
            rules=RefreshRules(clocks=CLOCKS, retry_after=retry_after),
            environ=environ,
            home=user_home(os.environ),
            base_url=base_url,
            shared_store=_shared_store,
        )
    )


def _shared_store(auth: AuthConfig, codec: Codec) -> Store:
    from keybearer.shell.redis.login_store import login_store

    return login_store(auth, codec)


def several_keys(keys: tuple[Secret, ...], source: str, other_hosts: tuple[str, ...]) -> CredentialProvider:
    """Return what signs with several keys in turn.

    Args:
        keys: The keys, or setup tokens.
        source: Where they came from, in words.
        other_hosts: Hosts beside the API's that a setup token may go to.

    Raises:
        CredentialError: One is neither.
    """
    from keybearer.credentials.rotation import KeyRotation
    from keybearer.credentials.sources.several_keys import SeveralKeys
    from keybearer.credentials.sources.table import Key, key_provider

    providers = [
        key_provider(Key(key, f"{source}, number {number}"), CLOCKS.monotonic, other_hosts)
        for number, key in enumerate(keys, 1)
    ]
    return SeveralKeys(providers, KeyRotation(len(providers), lock=threading.Lock()), CLOCKS.wall)
