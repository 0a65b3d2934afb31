"""The places where credentials are looked for, each with what it takes to tell, in words, what is there.

Strategy: a source is looked at in two ways. `present` is cheap and says only whether there is something; `look` reads it and gives a
provider, or says what is wrong. `keybearer.credentials.chain` puts them in order.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from msgspec import Struct, structs

from keybearer.config.schema import AuthConfig
from keybearer.credentials.base import CredentialProvider
from keybearer.credentials.bundle import BUNDLE, OAuthBundle
from keybearer.credentials.claude_code import ClaudeCodeLogin, ClaudeCodePlaces
from keybearer.credentials.files import fingerprint
from keybearer.credentials.oauth import Keeper, OAuthLogin
from keybearer.credentials.profile import LIFETIME, PROFILE, find_profile, profile_folder
from keybearer.credentials.refresh import RefreshRules
from keybearer.credentials.setup_token import SetupToken, is_setup_token, parse_setup_token, read_setup_token
from keybearer.credentials.static import StaticKey
from keybearer.credentials.store import FileStore, Store
from keybearer.credentials.token_endpoint import CLIENT_ID
from keybearer.credentials.tokens import TokenState
from keybearer.errors import CredentialError, LoginRequired
from keybearer.types.secret import Secret

__all__ = [
    "SOURCES",
    "Found",
    "Key",
    "Mode",
    "Search",
    "Source",
    "bundle_store",
    "from_key",
    "look",
    "own_folder",
    "setup_token_file",
]

Mode: TypeAlias = Literal["static", "setup_token", "oauth_bundle", "cli_import", "profile"]


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
        keeper: Runs refreshes.
        rules: How logins are refreshed, before the configuration's say.
        environ: The environment.
        home: The user's home.
        platform: `sys.platform`.
    """

    auth: AuthConfig
    key: Key | None
    keeper: Keeper
    rules: RefreshRules
    environ: Mapping[str, str]
    home: Path
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
    """

    provider: CredentialProvider | None = None
    error: CredentialError | None = None
    expires_at: float | None = None
    refreshes: bool = False
    base_url: str | None = None
    from_key: bool = False

    @property
    def absent(self) -> bool:
        """Whether there is nothing."""
        return self.error is not None and self.error.problem in {"missing", "keychain_absent", "no_key"}


class Source(Protocol):
    """A place where credentials are looked for."""

    mode: Mode
    lenient: bool

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


def own_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Return keybearer's own folder in the user's configuration."""
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "keybearer"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "keybearer"


def setup_token_file(search: Search) -> Path:
    """Return the setup-token file: the configured one, else keybearer's own."""
    return Path(
        search.auth.setup_token_file or own_folder(search.environ, search.home, search.platform) / "setup_token"
    )


def bundle_store(search: Search) -> Store:
    """Return the store of the OAuth bundle: the configured file, else keybearer's own; or the OS keyring."""
    folder = own_folder(search.environ, search.home, search.platform)
    path = Path(search.auth.bundle or folder / "oauth.json")
    if search.auth.store == "keyring":
        from keybearer.credentials.keyring import KeyringStore

        return KeyringStore(os.fspath(path.absolute()), BUNDLE, folder=folder)
    return FileStore(path, BUNDLE)


def from_key(key: Key, other_hosts: tuple[str, ...] = ()) -> CredentialProvider:
    """Return what gives an API key, or the setup token in its place.

    Raises:
        CredentialError: It is neither.
    """
    if not is_setup_token(key.secret):
        return StaticKey(key.secret.reveal(), source=key.source)
    return SetupToken(parse_setup_token(key.secret, key.source), source=key.source, other_hosts=other_hosts)


class _Bundle:
    mode: Mode = "oauth_bundle"
    lenient = False

    def place(self, search: Search) -> str:
        return bundle_store(search).name

    def present(self, search: Search) -> bool:
        return bundle_store(search).mark() is not None

    def open(self, search: Search) -> Found:
        auth, base = search.auth, search.rules
        rules = structs.replace(
            base,
            token_endpoint=auth.token_endpoint,
            token_format=auth.token_format,
            client_id=auth.client_id or CLIENT_ID,
            other_hosts=search.other_hosts,
        )
        login = OAuthLogin(bundle_store(search), search.keeper, rules)
        return _opened(login, login.read(), search, refreshes=True)


class _ClaudeCode:
    mode: Mode = "cli_import"
    lenient = True

    def place(self, search: Search) -> str:
        return f"Claude Code's login in {self._places(search).words}"

    def present(self, search: Search) -> bool:
        return fingerprint(self._places(search).file) is not None

    def open(self, search: Search) -> Found:
        login = ClaudeCodeLogin(self._places(search), wall=search.rules.ambient.wall, other_hosts=search.other_hosts)
        token = login.read()
        if token.expires_at is not None and search.rules.ambient.wall() >= token.expires_at:
            raise LoginRequired(
                f"Claude Code's login in {token.place} has expired.",
                source=f"Claude Code's login in {token.place}",
                problem="expired",
                hint="Run `claude` so that it refreshes it, or make a login of your own with `keybearer auth login`.",
            )
        return Found(provider=login, expires_at=token.expires_at)

    def _places(self, search: Search) -> ClaudeCodePlaces:
        return ClaudeCodePlaces.find(search.environ, search.home, search.platform)


class _SetupToken:
    mode: Mode = "setup_token"
    lenient = False

    def place(self, search: Search) -> str:
        return f"the setup-token file {setup_token_file(search)}"

    def present(self, search: Search) -> bool:
        return setup_token_file(search).exists()

    def open(self, search: Search) -> Found:
        path, key = setup_token_file(search), search.key
        if search.auth.mode == "setup_token" and key is not None and search.auth.setup_token_file is None:
            token, source, from_key = parse_setup_token(key.secret, key.source), key.source, True
        else:
            token, source, from_key = read_setup_token(path), self.place(search), False
        return Found(provider=SetupToken(token, source=source, other_hosts=search.other_hosts), from_key=from_key)


class _APIKey:
    mode: Mode = "static"
    lenient = False

    def place(self, search: Search) -> str:
        return (
            search.key.source if search.key else "an API key: api_key in the arguments or the config, ANTHROPIC_API_KEY"
        )

    def present(self, search: Search) -> bool:
        return search.key is not None

    def open(self, search: Search) -> Found:
        key = search.key
        if key is None:
            raise CredentialError(
                "There is no API key.",
                source="api_key",
                problem="no_key",
                hint="Set api_key, or ANTHROPIC_API_KEY, to a key from the Console.",
            )
        if search.auth.mode == "static" and is_setup_token(key.secret):
            raise CredentialError(
                f"The API key from {key.source} is a setup token.",
                source=key.source,
                problem="setup_token_as_key",
                hint="Set auth.mode to setup_token, or leave it out.",
            )
        return Found(provider=from_key(key, search.other_hosts), from_key=True)


class _Profile:
    mode: Mode = "profile"
    lenient = False

    def place(self, search: Search) -> str:
        folder = profile_folder(search.environ, search.home, search.platform)
        return f"an SDK profile in {folder}"

    def present(self, search: Search) -> bool:
        try:
            return fingerprint(find_profile(search.environ, search.home, search.platform).tokens) is not None
        except CredentialError as error:
            return error.problem != "missing"

    def open(self, search: Search) -> Found:
        profile = find_profile(search.environ, search.home, search.platform)
        rules = structs.replace(
            search.rules,
            token_endpoint=search.auth.token_endpoint or profile.token_endpoint,
            token_format=search.auth.token_format,
            client_id=profile.client_id or CLIENT_ID,
            other_hosts=search.other_hosts,
            headers={"anthropic-beta": "oauth-2025-04-20"},
            default_lifetime=LIFETIME,
        )
        headers = (("anthropic-workspace-id", profile.workspace),) if profile.workspace else ()
        store = FileStore(profile.tokens, PROFILE)
        refreshing = profile.client_id is not None
        login = OAuthLogin(store, search.keeper, rules, headers=headers, refreshing=refreshing)
        return _opened(login, login.read(), search, refreshes=refreshing, base_url=profile.base_url)


def _opened(
    login: OAuthLogin, bundle: OAuthBundle, search: Search, *, refreshes: bool, base_url: str | None = None
) -> Found:
    expired = bundle.state(search.rules.ambient.wall()) is TokenState.EXPIRED
    if expired and (bundle.refresh_token is None or not refreshes):
        raise LoginRequired(
            f"The access token of {login.store.name} has expired, and nothing here can refresh it.",
            source=login.store.name,
            problem="expired",
            hint="Log in again: `keybearer auth login`.",
        )
    return Found(provider=login, expires_at=bundle.expires_at, refreshes=refreshes, base_url=base_url)


SOURCES: Final[tuple[Source, ...]] = (_Bundle(), _ClaudeCode(), _SetupToken(), _APIKey(), _Profile())
"""Every source, in the order of `auto`."""


def look(source: Source, search: Search) -> Found:
    """Read a source, with what is wrong as a value."""
    try:
        return source.open(search)
    except CredentialError as error:
        return Found(error=error.with_traceback(None))
