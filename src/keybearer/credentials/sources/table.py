"""The table of the sources of credentials.

Strategy: a source is read in two ways. `present` is cheap and says only whether there is something; `open` reads it and returns a
provider, or raises. `keybearer.credentials.chain` asks them in the table's order. What keeps a login fresh is loaded where there is
one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import structs

from keybearer.credentials.credential import CredentialProvider
from keybearer.credentials.folders import own_folder
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.rules import CLIENT_ID
from keybearer.credentials.search import Found, Key, Mode, Search, Source
from keybearer.credentials.signers.bearer import OAUTH_BETA
from keybearer.credentials.sources.claude_code import ClaudeCodeLogin, ClaudeCodePlaces
from keybearer.credentials.sources.environment import AuthTokenVariable, ClaudeCodeTokenVariable
from keybearer.credentials.sources.federation import Federation
from keybearer.credentials.sources.profile import LIFETIME, PROFILE, find_profile, profile_folder
from keybearer.credentials.sources.setup_token import SetupToken, is_setup_token, parse_setup_token, read_setup_token
from keybearer.credentials.sources.static import StaticKey, unquoted
from keybearer.credentials.stores.private_files import read_secret, stat_signature
from keybearer.credentials.tokens import TokenState
from keybearer.errors import CredentialError, LoginRequired
from keybearer.types.secret import MountedSecret, Secret

if TYPE_CHECKING:
    from keybearer.credentials.bundle import OAuthBundle
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.stores.protocol import Store

__all__ = [
    "SOURCES",
    "Found",
    "Key",
    "Mode",
    "Search",
    "Source",
    "bundle_store",
    "from_key",
    "key_provider",
    "look",
    "own_folder",
    "setup_token_file",
]


def setup_token_file(search: Search) -> Path:
    """Return the setup-token file: the configured one, else keybearer's own.

    Raises:
        CredentialError: There is no home for it.
    """
    named = search.auth.setup_token_file
    return Path(named) if named else own_folder(search.environ, search.home, search.platform) / "setup_token"


def bundle_store(search: Search) -> Store:
    """Return the store of the OAuth bundle: the configured file, else keybearer's own; or the OS keyring, or Redis.

    Raises:
        CredentialError: There is no home for it, or no key for what is in Redis.
        ConfigError: The Redis cannot be used.
    """
    if search.auth.store == "redis":
        return search.shared_store(search.auth, BUNDLE)
    path = _bundle_path(search)
    if search.auth.store == "keyring":
        from keybearer.credentials.stores.keyring import KeyringStore

        folder = own_folder(search.environ, search.home, search.platform)
        return KeyringStore(os.fspath(path.absolute()), BUNDLE, folder=folder)
    from keybearer.credentials.stores.file import FileStore

    return FileStore(path, BUNDLE)


def _bundle_path(search: Search) -> Path:
    """Return the path of the OAuth bundle, which is also what names it in a keyring."""
    return Path(search.auth.bundle or own_folder(search.environ, search.home, search.platform) / "oauth.json")


def from_key(key: Key, other_hosts: tuple[str, ...] = ()) -> CredentialProvider:
    """Return the provider of an API key, or of a setup token in its place.

    Raises:
        CredentialError: It is neither.
    """
    if not is_setup_token(key.secret):
        return StaticKey(key.secret.reveal(), source=key.source)
    return SetupToken(parse_setup_token(key.secret, key.source), source=key.source, other_hosts=other_hosts)


def key_provider(key: Key, monotonic: Callable[[], float], other_hosts: tuple[str, ...] = ()) -> CredentialProvider:
    """Return the provider of a key, as `from_key`; one of a mounted file is read anew when the file changes.

    Raises:
        CredentialError: It is no key.
    """
    plain = Key(Secret(unquoted(key.secret.reveal())), key.source)
    if not isinstance(key.secret, MountedSecret):
        return from_key(plain, other_hosts)
    from keybearer.credentials.sources.mounted_key import MountedKey

    return MountedKey(
        plain.secret,
        Path(key.secret.path),
        source=key.source,
        make=lambda text: from_key(Key(Secret(unquoted(text.reveal())), key.source), other_hosts),
        monotonic=monotonic,
    )


def _plain(key: Key | None) -> Key | None:
    """Return a key without the quotes and invisible characters around it."""
    return None if key is None else Key(Secret(unquoted(key.secret.reveal())), key.source)


class _Bundle:
    mode: Mode = "oauth_bundle"
    lenient = False

    def configured(self, search: Search) -> bool:
        return search.auth.bundle is not None or search.auth.store != "file"

    def place(self, search: Search) -> str:
        return _named(lambda: bundle_store(search).name, f"{BUNDLE.what} in keybearer's own folder")

    def present(self, search: Search) -> bool:
        if search.auth.store != "file":
            return _there(lambda: bundle_store(search).version() is not None)
        return _there(lambda: stat_signature(_bundle_path(search)) is not None)

    def open(self, search: Search) -> Found:
        if search.auth.store == "file" and stat_signature(path := _bundle_path(search)) is None:
            read_secret(path, BUNDLE.what, login=BUNDLE.login)  # raises what FileStore would
        from keybearer.credentials.oauth.login import OAuthLogin

        auth, base = search.auth, search.rules
        rules = structs.replace(
            base,
            token_endpoint=auth.token_endpoint,
            token_format=auth.token_format,
            client_id=auth.client_id or CLIENT_ID,
            other_hosts=search.other_hosts,
        )
        login = OAuthLogin(bundle_store(search), search.scheduler, rules)
        return _opened(login, login.read(), search, refreshes=True)


class _ClaudeCode:
    mode: Mode = "cli_import"
    lenient = True

    def configured(self, search: Search) -> bool:
        return bool(search.environ.get("CLAUDE_CONFIG_DIR"))

    def place(self, search: Search) -> str:
        return _named(lambda: f"Claude Code's login in {self._places(search).words}", "Claude Code's login")

    def present(self, search: Search) -> bool:
        return _there(lambda: stat_signature(self._places(search).file, links=True) is not None)

    def open(self, search: Search) -> Found:
        login = ClaudeCodeLogin(self._places(search), wall=search.rules.clocks.wall, other_hosts=search.other_hosts)
        token = login.read()
        if token.expires_at is not None and search.rules.clocks.wall() >= token.expires_at:
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

    def configured(self, search: Search) -> bool:
        return search.auth.setup_token_file is not None

    def place(self, search: Search) -> str:
        return _named(lambda: f"the setup-token file {setup_token_file(search)}", "the setup-token file")

    def present(self, search: Search) -> bool:
        return _there(lambda: stat_signature(setup_token_file(search), links=True) is not None)

    def open(self, search: Search) -> Found:
        key = _plain(search.key)
        if search.auth.mode == "setup_token" and key is not None and search.auth.setup_token_file is None:
            token, source, from_key = parse_setup_token(key.secret, key.source), key.source, True
        else:
            token, source, from_key = read_setup_token(setup_token_file(search)), self.place(search), False
        return Found(provider=SetupToken(token, source=source, other_hosts=search.other_hosts), from_key=from_key)


class _APIKey:
    mode: Mode = "static"
    lenient = False

    def configured(self, search: Search) -> bool:
        return search.key is not None

    def place(self, search: Search) -> str:
        return (
            search.key.source if search.key else "an API key: api_key in the arguments or the config, ANTHROPIC_API_KEY"
        )

    def present(self, search: Search) -> bool:
        return search.key is not None

    def open(self, search: Search) -> Found:
        key = _plain(search.key)
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
        provider = key_provider(search.key or key, search.rules.clocks.monotonic, search.other_hosts)
        return Found(provider=provider, from_key=True)


class _Profile:
    mode: Mode = "profile"
    lenient = False

    def configured(self, search: Search) -> bool:
        return any(search.environ.get(name) for name in ("ANTHROPIC_CONFIG_DIR", "ANTHROPIC_PROFILE"))

    def place(self, search: Search) -> str:
        folder = profile_folder
        name = search.environ.get("ANTHROPIC_PROFILE")
        what = f"the SDK's profile {name!r} (ANTHROPIC_PROFILE)" if name else "an SDK profile"
        return _named(lambda: f"{what} in {folder(search.environ, search.home, search.platform)}", what)

    def present(self, search: Search) -> bool:
        try:
            profile = find_profile(search.environ, search.home, search.platform)
            return profile.federation is not None or stat_signature(profile.tokens) is not None
        except CredentialError as error:
            return error.problem not in {"missing", "no_home", "unseen"}

    def open(self, search: Search) -> Found:
        profile = find_profile(search.environ, search.home, search.platform)
        if profile.federation is not None:
            from keybearer.credentials.sources.federated_login import from_profile

            return from_profile(profile, search)
        rules = structs.replace(
            search.rules,
            token_endpoint=search.auth.token_endpoint or profile.token_endpoint,
            token_format=search.auth.token_format,
            client_id=profile.client_id or CLIENT_ID,
            other_hosts=search.other_hosts,
            headers={"anthropic-beta": OAUTH_BETA},
            default_lifetime=LIFETIME,
        )
        headers = (("anthropic-workspace-id", profile.workspace),) if profile.workspace else ()
        from keybearer.credentials.oauth.login import OAuthLogin
        from keybearer.credentials.stores.file import FileStore

        store = FileStore(profile.tokens, PROFILE)
        refreshing = profile.client_id is not None
        login = OAuthLogin(store, search.scheduler, rules, headers=headers, refreshing=refreshing)
        return _opened(login, login.read(), search, refreshes=refreshing, base_url=profile.base_url)


def _named(words: Callable[[], str], otherwise: str) -> str:
    """Return a place in words, without its folder if there is none."""
    try:
        return words()
    except CredentialError as error:
        return (
            f"{otherwise} ({'there is no home' if error.problem == 'no_home' else f'{error.source} names no folder'})"
        )


def _there(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except CredentialError:
        return False


def _opened(
    login: OAuthLogin, bundle: OAuthBundle, search: Search, *, refreshes: bool, base_url: str | None = None
) -> Found:
    expired = bundle.state(search.rules.clocks.wall()) is TokenState.EXPIRED
    if expired and (bundle.refresh_token is None or not refreshes):
        raise LoginRequired(
            f"The access token of {login.store.name} has expired, and nothing here can refresh it.",
            source=login.store.name,
            problem="expired",
            hint=f"Log in again: `{login.store.codec.login}`.",
        )
    return Found(
        provider=login,
        expires_at=bundle.expires_at,
        refreshes=refreshes,
        base_url=base_url,
        refused=login.refused(),
    )


SOURCES: Final[tuple[Source, ...]] = (
    _Bundle(),
    _ClaudeCode(),
    _SetupToken(),
    _APIKey(),
    AuthTokenVariable(),
    ClaudeCodeTokenVariable(),
    Federation(),
    _Profile(),
)
"""Every source, in the order of `auto`."""


def look(source: Source, search: Search) -> Found:
    """Read a source; an error is returned in the result."""
    try:
        return source.open(search)
    except CredentialError as error:
        return Found(error=error.with_traceback(None))
