"""The official SDK's providers of access tokens: functions that return an `AccessToken`, for a client's `credentials=`.

Strategy: `TokenProvider` makes such a function a provider of keybearer's. Its token is kept until a minute before it
expires, and asked for anew after the service refused it.

Contract: what reads the SDK's own files, or exchanges an identity token, raises at a client's first call: keybearer's logins do that.

Source: `lib/credentials` of the `anthropic` wheel.
"""

from __future__ import annotations

import functools
import inspect
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeAlias, runtime_checkable

from keybearer.compat._exceptions import CredentialsError, IdentityTokenFileError
from keybearer.credentials.credential import Credential
from keybearer.credentials.sources.environment import auth_token
from keybearer.errors import UsageError
from keybearer.flow import Blocking, CallHook, Flow
from keybearer.types.secret import Secret

__all__ = [
    "AccessToken",
    "AccessTokenAuth",
    "AccessTokenProvider",
    "AsyncAccessTokenProvider",
    "BaseURLBoundProvider",
    "CredentialResult",
    "CredentialsFile",
    "EnvToken",
    "IdentityTokenFile",
    "IdentityTokenProvider",
    "InMemoryConfig",
    "StaticToken",
    "TokenCache",
    "TokenProvider",
    "WorkloadIdentityCredentials",
    "WorkloadIdentityError",
    "default_credentials",
    "exchange_federation_assertion",
]

EARLY: Final = 60.0
"""Seconds before its expiry from which on a token is not sent any more."""

LONGEST: Final = 60.0
"""Seconds that a function which is awaited may take."""


@dataclass(frozen=True)
class AccessToken:
    """A token, with the seconds since 1970 at which it expires: None for never, 0 for one that is asked for before each request."""

    token: str = field(repr=False)
    expires_at: int | None = None


class AccessTokenProvider(Protocol):
    """A function that returns a token; `force_refresh` says that the last one was refused."""

    def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Return a token."""
        ...


class AsyncAccessTokenProvider(Protocol):
    """A coroutine function that returns a token, for `AsyncAnthropic`."""

    async def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Return a token."""
        ...


@runtime_checkable
class BaseURLBoundProvider(AccessTokenProvider, Protocol):
    """A provider whose tokens are for one address of the API."""

    def for_base_url(self, base_url: str) -> AccessTokenProvider:
        """Return the provider for an address."""
        ...


IdentityTokenProvider: TypeAlias = Callable[[], str]


@dataclass(frozen=True)
class CredentialResult:
    """A provider, with the headers and the address that go with it."""

    provider: AccessTokenProvider
    extra_headers: dict[str, str] = field(default_factory=dict)
    base_url: str | None = None


class StaticToken:
    """A provider of one token.

    Args:
        token: The token.
    """

    def __init__(self, token: str) -> None:
        self._token = Secret(token)

    def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Return it."""
        del force_refresh
        return AccessToken(self._token.reveal())


class EnvToken:
    """A provider of the token in an environment variable, which is read at each call.

    Args:
        env_var: Its name.
    """

    def __init__(self, env_var: str = "ANTHROPIC_AUTH_TOKEN") -> None:
        self._name = env_var

    def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Return it.

        Raises:
            CredentialsError: The variable is not set.
        """
        del force_refresh
        if not (token := os.environ.get(self._name)):
            raise CredentialsError(f"{self._name} is not set.", source=self._name, problem="missing")
        return AccessToken(token)


class IdentityTokenFile:
    """A provider of the identity token in a file, which is read at each call.

    Args:
        path: The file; `ANTHROPIC_IDENTITY_TOKEN_FILE` names it when this is None.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = path

    def __call__(self) -> str:
        """Return it.

        Raises:
            IdentityTokenFileError: The file is not named, or cannot be read.
        """
        path = self._path or os.environ.get("ANTHROPIC_IDENTITY_TOKEN_FILE")
        if not path:
            raise IdentityTokenFileError("ANTHROPIC_IDENTITY_TOKEN_FILE is not set.", problem="missing")
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            why = f"{path} cannot be read: {error.strerror}."
            raise IdentityTokenFileError(why, source=str(path), problem="unreadable") from None


class TokenProvider:
    """keybearer's provider of the tokens that a function returns.

    Args:
        function: The function; a coroutine function where the client is awaited.
        base_url: Where the client sends its requests: a host that may have the token.
        now: The time in seconds since 1970.
    """

    def __init__(self, function: Any, base_url: str | None, now: Callable[[], float] = time.time) -> None:
        self._function, self._base_url, self._now = function, base_url, now
        self._kept: tuple[Credential, float | None] | None = None
        self._refused = False
        self._lock = threading.Lock()

    def current(self) -> Flow[Credential]:
        """Return the credential of a token that has not expired.

        Raises:
            CredentialError: In the flow, when the function returns no token. What it raises is raised as it is.
        """
        kept = self._kept
        if kept is not None and (kept[1] is None or self._now() < kept[1] - EARLY):
            return kept[0]
        whole = functools.partial(self._function, force_refresh=self._refused)
        token = yield from (_awaited(whole) if _is_awaited(self._function) else self._called(whole))
        if not isinstance(getattr(token, "token", None), str):
            raise CredentialsError("credentials=...: the function returned no AccessToken.", problem="not_a_token")
        made = yield from auth_token(Secret(token.token), "credentials=...", self._base_url).current()
        self._kept, self._refused = (made, token.expires_at), False
        return made

    def _called(self, whole: Callable[[], Any]) -> Flow[Any]:
        def once() -> Any:
            with self._lock:  # one at a time
                return whole()

        return (yield Blocking(once))

    def rejected(self, credential: Credential) -> None:
        """Ask for another token next time."""
        if self._kept is not None and self._kept[0].token_id == credential.token_id:
            self._kept, self._refused = None, True


def _is_awaited(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _awaited(whole: Callable[[], Any]) -> Flow[Any]:
    found: list[Any] = []
    failed: list[Exception] = []

    async def call(_: Any) -> None:
        try:
            found.append(await whole())
        except Exception as error:  # noqa: BLE001 - raised in the flow: a hook's own would only be logged
            failed.append(error)

    yield CallHook(call, None, LONGEST)
    if failed:
        raise failed[0]
    return found[0] if found else None


class WorkloadIdentityError(CredentialsError):
    """An identity token was not exchanged: for programs that catch it."""


def _refuse(name: str) -> NoReturn:
    raise UsageError(
        f"keybearer.compat has no {name}: it finds logins and profiles by itself, or takes a function as credentials=...",
        hint="Keep the official SDK for this part, or give a function that returns an AccessToken.",
    )


class _Refused:
    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse(type(self).__name__)


class _RefusedLater:
    def __init__(self, *_: Any, **__: Any) -> None:
        pass  # a client may be made of it, as of no credential at all

    def __call__(self, **_: Any) -> AccessToken:
        _refuse(type(self).__name__)


class CredentialsFile(_RefusedLater):
    """Raises when it is asked for a token."""


class InMemoryConfig(_RefusedLater):
    """Raises when it is asked for a token."""


class WorkloadIdentityCredentials(_RefusedLater):
    """Raises when it is asked for a token."""


class TokenCache(_Refused):
    """Raises when it is made."""


class AccessTokenAuth(_Refused):
    """Raises when it is made."""


def default_credentials(**_: Any) -> CredentialResult:
    """Raise: a client finds its credential by itself."""
    _refuse("default_credentials")


def exchange_federation_assertion(**_: Any) -> Mapping[str, Any]:
    """Raise: nothing here exchanges identity tokens."""
    _refuse("exchange_federation_assertion")
