"""The other providers of `llm.yaml`, for `on_overload: [provider/model]`: each is made when it is first asked.

Contract: what is asked there has the other provider's address, credential, form and limits, and this client's hooks, ledger and
connections. A provider with another proxy or other certificates is refused, for the connections are this client's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import structs

from keybearer.client.admission import follow_refreshes
from keybearer.errors import ConfigError
from keybearer.wire.request.build import Endpoint

if TYPE_CHECKING:
    from keybearer.client.settings import FromConfig, Settings
    from keybearer.exchange.request import Exchange

__all__ = ["Elsewhere"]

_NOT_ITS_OWN = frozenset({"ledger", "spend_limit"})
"""Options that stay this client's."""


class Elsewhere:
    """The other providers of one client.

    Args:
        configured: Returns what the configuration says of a provider; None where there is none of that name.
        settings: The client's settings.
        resolve: Makes settings of what the configuration says.
    """

    def __init__(
        self,
        configured: Callable[[str], FromConfig | None],
        settings: Settings,
        resolve: Callable[[FromConfig], Settings],
    ) -> None:
        self._configured, self._settings, self._resolve = configured, settings, resolve
        self._made: dict[str, Settings] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str) -> tuple[Endpoint, Exchange] | None:
        """Return where a provider's requests go and what sends them; None where there is no provider of that name.

        Raises:
            ConfigError: It needs other connections than this client has, or its section cannot be used.
            CredentialError: It has no credential.
        """
        with self._lock:
            if name not in self._made:
                found = self._configured(name)
                if found is None:
                    return None
                kept = {key: value for key, value in found.options.items() if key not in _NOT_ITS_OWN}
                made = self._resolve(structs.replace(found, options=kept, elsewhere=None))
                if made.transport != self._settings.transport:
                    made.close()
                    raise ConfigError(
                        f"on_overload names the provider {name!r}, which has another proxy or ca_file than this one.",
                        key="on_overload",
                        hint="Give both providers the same proxy and ca_file.",
                    )
                self._made[name] = made
            made = self._made[name]
        own = self._settings.exchange
        if own.observers is not None:
            follow_refreshes(made.exchange.credentials, own.observers)
        its = structs.replace(made.exchange, hooks=own.hooks, observers=own.observers, usage=own.usage)
        return made.defaults.endpoint, its

    def close(self) -> None:
        """Stop what the other providers' credentials do in the background."""
        for made in self._made.values():
            made.close()
