"""What the subcommands of `keybearer auth` share: reading the configuration, the terms, and the lock of the login."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from keybearer.cli.found import config_file
from keybearer.errors.sanitize import sanitize

if TYPE_CHECKING:
    from pathlib import Path

    from keybearer.config.auth_schema import AuthConfig
    from keybearer.config.files import ConfigFiles
    from keybearer.config.schema import Config
    from keybearer.credentials.chain import CredentialChain
    from keybearer.credentials.credential import CredentialProvider
    from keybearer.credentials.sources.table import Key, Search
    from keybearer.credentials.stores.protocol import Store
    from keybearer.shell.transports.base import TransportOptions

__all__ = [
    "MAX_PASTE",
    "TERMS",
    "accept_terms",
    "chain_of",
    "locked",
    "remember_terms",
    "setup_of",
    "show_terms",
    "terms_known",
]

T = TypeVar("T")

MAX_PASTE: Final = 64 << 10
"""The most that is read from standard input, in characters."""

TERMS: Final = """\
Before you go on: Anthropic's terms reserve logins with a Claude subscription for Claude Code and Anthropic's other
applications, and ask developers to use API keys from the Console (code.claude.com/docs/en/legal-and-compliance).
keybearer is neither Anthropic's nor Claude Code, and says so in each request; such use may be refused or end your access.
"""


class Setup(NamedTuple):
    """The result of the flags and the configuration.

    Attributes:
        chain: The search for a credential.
        transport: How token requests connect.
        base_url: The API's address; None when neither the configuration nor the environment sets it.
        base_url_source: Where that is set, in words.
        platform: The provider of a platform's credentials; None for Anthropic's own API, whose credential `chain` finds.
        keys: The keys of `api_keys`, of which `chain` knows the first.
    """

    chain: CredentialChain
    transport: TransportOptions
    base_url: str | None = None
    base_url_source: str = ""
    platform: CredentialProvider | None = None
    keys: tuple[Key, ...] = ()


def chain_of(args: argparse.Namespace) -> CredentialChain:
    """Return the search for a credential, as `setup_of`."""
    return setup_of(args).chain


def setup_of(args: argparse.Namespace, *, ask: bool = False) -> Setup:
    """Read the flags and the configuration.

    Args:
        args: The parsed flags: `config` and `provider`; also `agent`, `bundle`, `store` and `base_url` where the command has them.
        ask: Whether to ask a person to trust a configuration that was found.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    from keybearer.client.credentials import chain
    from keybearer.config.auth_schema import AuthConfig
    from keybearer.config.loader import read_config
    from keybearer.config.urls import url_problem
    from keybearer.credentials.sources.table import Key
    from keybearer.errors import ConfigError
    from keybearer.shell.transports.base import TransportOptions

    auth, key, options = AuthConfig(), None, TransportOptions()
    keys: tuple[Key, ...] = ()
    base_url = os.environ.get("ANTHROPIC_BASE_URL") or None
    base_url_source = "ANTHROPIC_BASE_URL" if base_url else ""
    path = config_file(args.config, ask=ask)
    if path is not None:
        config, lines = read_config(path)
        providers = config.providers
        name = (
            args.provider or _provider_of_agent(args, path, config) or (min(providers) if len(providers) == 1 else "")
        )
        if name not in providers:
            raise ConfigError(
                f"{path}: there is no provider {name!r}." if name else f"{path}: say which provider.",
                file=str(path),
                key="providers",
                hint=f"--provider is one of: {', '.join(providers)}.",
            )
        section = providers[name]
        auth = section.login
        options = TransportOptions(proxy=section.proxy, ca_file=section.ca_file)
        if section.is_platform:
            from keybearer.cli.platform_setup import platform_access

            where = f"providers.{name}.kind"
            platform, to = platform_access(section, name, options)
            source = f"{to.row.title}, {where} in {path}:{lines.get(where, 0)}"
            return Setup(chain(AuthConfig(), None, options), options, to.root, source, platform)
        if section.api_keys:
            place = f"providers.{name}.api_keys in {path}"
            key = Key(section.api_keys[0], f"{place} ({len(section.api_keys)} of them)")
            keys = tuple(Key(each, f"{place}, number {number}") for number, each in enumerate(section.api_keys, 1))
        elif section.api_key:
            key = Key(section.api_key, f"providers.{name}.api_key in {path}")
        if section.base_url:
            where = f"providers.{name}.base_url"
            base_url, base_url_source = section.base_url, f"{where} in {path}:{lines.get(where, 0)}"
    auth = _by_flags(args, auth)
    if getattr(args, "base_url", None):
        base_url, base_url_source = args.base_url, "--base-url"
    if base_url and (problem := url_problem(base_url)):
        raise ConfigError(
            f"The environment's ANTHROPIC_BASE_URL is {sanitize(repr(base_url), 60)}: it {problem}.",
            key="ANTHROPIC_BASE_URL",
        )
    return Setup(chain(auth, key, options, base_url=base_url), options, base_url, base_url_source, keys=keys)


def _by_flags(args: argparse.Namespace, auth: AuthConfig) -> AuthConfig:
    """Return the configuration with the place of the login that flags name."""
    from msgspec import structs

    from keybearer.config.paths import expanded, user_home
    from keybearer.errors import ConfigError

    if getattr(args, "bundle", None):
        try:
            bundle = expanded(args.bundle, user_home(os.environ))
        except ValueError as error:
            raise ConfigError(f"--bundle: {error}.", key="--bundle") from None
        if not bundle.name:
            raise ConfigError(f"--bundle: {args.bundle!r} is a folder.", key="--bundle", hint="Name the login's file.")
        auth = structs.replace(auth, bundle=str(bundle), mode="oauth_bundle")
    if getattr(args, "store", None):
        auth = structs.replace(auth, store=args.store, mode="oauth_bundle")
    return auth


def _provider_of_agent(args: argparse.Namespace, path: ConfigFiles, config: Config) -> str:
    """Return the provider of `--agent`; an empty text without that."""
    if not getattr(args, "agent", None):
        return ""
    from keybearer.client.from_config import agent_file
    from keybearer.config.loader import load_agent

    return load_agent(agent_file(path, args.agent), config, files=path).provider


def locked(store: Store, act: Callable[[], T]) -> T:
    """Change a store while no refresh is running.

    Raises:
        CredentialError: It could not be done; the message says why.
    """
    from keybearer.credentials.oauth.refresh import hold
    from keybearer.credentials.stores.file import FileStore
    from keybearer.credentials.stores.private_files import private_folder
    from keybearer.errors import CredentialError
    from keybearer.shell.clocks import CLOCKS
    from keybearer.shell.drivers import SyncDriver
    from keybearer.shell.transports.base import TransportOptions
    from keybearer.shell.transports.default import DefaultTransport

    try:
        if isinstance(store, FileStore):
            private_folder(store.path.parent)
        lock = store.lock()
        SyncDriver(DefaultTransport(TransportOptions())).run(hold(lock, store.name, CLOCKS))
        try:
            return act()
        finally:
            lock.release()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = getattr(error, "hint", "") or "Make room, or make its folder writable, and try again."
    raise CredentialError(
        f"{store.name[0].upper()}{store.name[1:]} could not be changed: {reason}.",
        source=store.name,
        problem="unwritable",
        hint=hint,
    )


def show_terms() -> None:
    """Show what Anthropic's terms say.

    Raises:
        OSError: They could not be shown.
    """
    print(TERMS, file=sys.stderr, flush=True)


def terms_known(search: Search) -> bool:
    """Return whether the terms were shown on this machine before, and accepted."""
    from keybearer.credentials.stores.private_files import stat_signature
    from keybearer.errors import CredentialError

    try:
        return stat_signature(_marker(search)) is not None
    except CredentialError:
        return False  # there is no home to remember it in


def remember_terms(search: Search) -> None:
    """Record that the terms were shown and accepted."""
    from keybearer.credentials.stores.private_files import private_folder
    from keybearer.errors import CredentialError

    try:
        marker = _marker(search)
        private_folder(marker.parent)
        marker.touch(mode=0o600)
    except (OSError, CredentialError):
        pass  # they are shown again


def accept_terms(search: Search, *, accepted: bool) -> bool:
    """Show the terms and ask, once on this machine; return whether to go on. With `accepted` they are shown, and nobody is asked."""
    if accepted:
        show_terms()
    elif terms_known(search):
        return True
    else:
        show_terms()
        print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin is None or sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            return False
    remember_terms(search)
    return True


def _marker(search: Search) -> Path:
    from keybearer.credentials.folders import own_folder

    return own_folder(search.environ, search.home, search.platform) / "terms-shown"
