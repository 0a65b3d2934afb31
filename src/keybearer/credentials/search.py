"""What a search for credentials goes by, and what a look at one of its places gives."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from keybearer.config.schema import AuthConfig
from keybearer.credentials.credential import CredentialProvider
from keybearer.credentials.oauth.login import RefreshScheduler
from keybearer.credentials.oauth.refresh import RefreshRules
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["Found", "Key", "Mode", "Search", "Source"]

ABSENT: Final = frozenset({"missing", "keychain_absent", "no_key", "no_home"})
"""Problems that mean that there is nothing."""

Mode: TypeAlias = Literal[
    "static", "setup_token", "oauth_bundle", "cli_import", "profile", "auth_token", "claude_code_token"
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
    """What a search for credentials goes by.

    Attributes:
        auth: The configuration.
        key: The API key of the arguments, the configuration or the environment.
        scheduler: Runs refreshes.
        rules: How logins are refreshed, before the configuration's say.
        environ: The environment.
        home: The user's home; None for a user who has none.
        platform: `sys.platform`.
    """

    auth: AuthConfig
    key: Key | None
    scheduler: RefreshScheduler
    rules: RefreshRules
    environ: Mapping[str, str]
    home: Path | None
    platform: str = sys.platform

    @property
    def other_hosts(self) -> tuple[str, ...]:
        """Hosts beside Anthropic's and loopback that may have an OAuth token."""
        return tuple(host.lower() for host in self.auth.allow_other_hosts or ())


class Found(Struct, frozen=True, kw_only=True):
    """What a look at a source gave.

    Attributes:
        provider: Gives its credential; None when it cannot be used.
        error: Why not.
        expires_at: When its token expires, in epoch seconds; None when nobody told.
        refreshes: Whether keybearer keeps it fresh.
        base_url: The API that it is for, when it says.
        from_key: Whether it is what `api_key` held.
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
        """Whether there is nothing."""
        return self.error is not None and self.error.problem in ABSENT

    @property
    def unseen(self) -> bool:
        """Whether nobody can say if there is something."""
        return self.error is not None and self.error.problem == "unseen"


class Source(Protocol):
    """A place where credentials are looked for.

    Attributes:
        mode: Its name, which chooses it in `auth.mode`.
        lenient: Whether one that cannot be used is passed over with a warning.
    """

    mode: Mode
    lenient: bool

    def configured(self, search: Search) -> bool:
        """Return whether somebody named its place, so that one that cannot be seen is an error."""
        ...

    def place(self, search: Search) -> str:
        """Return what is looked for and where, in words."""
        ...

    def present(self, search: Search) -> bool:
        """Return whether there seems to be something; cheap."""
        ...

    def open(self, search: Search) -> Found:
        """Read it.

        Raises:
            CredentialError: It cannot be used.
        """
        ...
