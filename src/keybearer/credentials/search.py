"""The search for credentials: its input, its sources, and the result of reading one source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.credential import CredentialProvider
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.credentials.oauth.scheduler import RefreshScheduler
    from keybearer.credentials.stores.protocol import Codec, Store

__all__ = ["Found", "Key", "Mode", "Search", "Source"]

ABSENT: Final = frozenset({"missing", "keychain_absent", "no_key", "no_home"})
"""The problems of an absent credential; any other means that it is there, but unusable."""

Mode: TypeAlias = Literal[
    "static", "setup_token", "oauth_bundle", "cli_import", "profile", "auth_token", "claude_code_token", "federation"
]


class Key(Struct, frozen=True):
    """An API key, or a setup token in its place.

    Attributes:
        secret: The key.
        source: Where it came from, in words.
    """

    secret: Secret
    source: str


class Search(Struct, frozen=True, kw_only=True):
    """The input of a search for credentials.

    Attributes:
        auth: The configuration.
        key: The API key of the arguments, the configuration or the environment.
        scheduler: Runs refreshes.
        rules: How logins are refreshed, where the configuration does not say.
        environ: The environment.
        home: The user's home; None for a user without one.
        shared_store: Makes the store of a login that machines share.
        base_url: The API that requests go to; None for the default, or a profile's own.
        platform: `sys.platform`.
    """

    auth: AuthConfig
    key: Key | None
    scheduler: RefreshScheduler
    rules: RefreshRules
    environ: Mapping[str, str]
    home: Path | None
    shared_store: Callable[[AuthConfig, Codec], Store]
    base_url: str | None = None
    platform: str = sys.platform

    @property
    def other_hosts(self) -> tuple[str, ...]:
        """Hosts that may have an OAuth token, besides Anthropic's and loopback."""
        return tuple(host.lower() for host in self.auth.allow_other_hosts or ())


class Found(Struct, frozen=True, kw_only=True):
    """The result of reading a source.

    Attributes:
        provider: The provider of its credential; None when it cannot be used.
        error: Why not.
        expires_at: When its token expires, in epoch seconds; None when that is not stated.
        refreshes: Whether keybearer refreshes it.
        base_url: The API that it is for, if it says so.
        from_key: Whether it came from `api_key`.
        refused: Whether the service has refused its token (401), as far as any process knows.
    """

    provider: CredentialProvider | None = None
    error: CredentialError | None = None
    expires_at: float | None = None
    refreshes: bool = False
    base_url: str | None = None
    from_key: bool = False
    refused: bool = False

    @property
    def absent(self) -> bool:
        """Whether there is no credential."""
        return self.error is not None and self.error.problem in ABSENT

    @property
    def unseen(self) -> bool:
        """Whether the place could not be read, so that nobody knows."""
        return self.error is not None and self.error.problem == "unseen"


class Source(Protocol):
    """A place to look for a credential.

    Attributes:
        mode: Its name in `auth.mode`.
        lenient: Whether an unusable credential is skipped with a warning, instead of ending the search.
    """

    mode: Mode
    lenient: bool

    def configured(self, search: Search) -> bool:
        """Return whether the place was configured: then a place that cannot be read is an error."""
        ...

    def place(self, search: Search) -> str:
        """Return the place, in words."""
        ...

    def present(self, search: Search) -> bool:
        """Return whether there seems to be a credential; cheap."""
        ...

    def open(self, search: Search) -> Found:
        """Read it.

        Raises:
            CredentialError: It cannot be used.
        """
        ...
