"""Keys and tokens of platforms: a key from the configuration, a function's token, or one that a cloud's library fetches and renews.

Strategy: a library's token is kept until five minutes before it expires. Then one caller fetches the next, and the others send the
kept one until it is about to expire. A function's token is asked for before each request: only the function knows how long it lives.

Contract: one fetch at a time in a process; a refused token is not sent again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol

from keybearer.credentials.bundle import token_of
from keybearer.credentials.credential import Credential, FixedCredential
from keybearer.credentials.signers.platform_token import PlatformSigner
from keybearer.errors import CredentialError, KeybearerError, RefreshFailed
from keybearer.errors.sanitize import sanitize
from keybearer.flow import Blocking, Flow, Invoke
from keybearer.types.secret import Secret

__all__ = ["CloudToken", "FetchedToken", "FunctionToken", "platform_key"]

EARLY: Final = 300.0
"""How long before its expiry a token is renewed, in seconds."""

LAST: Final = 10.0
"""How long before its expiry a token is not sent any more, in seconds."""

LONGEST: Final = 60.0
"""How long a function that returns a token may take, in seconds."""


class FetchedToken(NamedTuple):
    """A token from a cloud's library.

    Attributes:
        token: The token.
        expires_at: When it expires, in epoch seconds.
    """

    token: Secret
    expires_at: float


class Lock(AbstractContextManager[Any], Protocol):
    """A lock of the standard library."""

    def locked(self) -> bool:
        """Return whether somebody holds it."""
        ...


def platform_key(text: Secret, source: str, signer: Callable[[Secret], PlatformSigner]) -> FixedCredential:
    """Return the provider of a platform's key.

    Args:
        text: The key.
        source: Where it came from, in words.
        signer: Makes its signer.

    Raises:
        CredentialError: It cannot be a key: a header has only printable ASCII.
    """
    key = token_of(text.reveal())
    if key is None:
        raise CredentialError(
            f"The key from {source} is empty, or has characters that a header cannot have.",
            source=source,
            problem="garbled",
            hint="Copy it again from the platform's console.",
        )
    remedy = "check that it is whole, not revoked, and for this platform and region."
    return FixedCredential(Credential(signer(key), source, remedy))


class FunctionToken:
    """The provider of a caller's function that returns tokens.

    Args:
        function: The function; a coroutine function where the client is awaited.
        signer: Makes a token's signer.

    Attributes:
        source: Where the token comes from, in words.
    """

    source = "token=..."

    def __init__(self, function: Callable[[], Any], signer: Callable[[Secret], PlatformSigner]) -> None:
        self._function, self._signer = _hidden(function), signer

    def current(self) -> Flow[Credential]:
        """Ask the function.

        Raises:
            CredentialError: In the flow, when it returns no token. What it raises is raised as it is.
        """
        token = yield Invoke(self._function, limit=LONGEST)
        if token is None:
            raise CredentialError(
                "The platform's token=... function returned no token: it returns the token as text.",
                source=self.source,
                problem="not_a_token",
            )
        return Credential(self._signer(token), self.source, "see what the function returns.")

    def rejected(self, credential: Credential) -> None:
        """Do nothing: the function is asked before each request."""


def _hidden(function: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function with its token as a secret: whoever calls it keeps the result for a while, in a frame."""

    async def awaited(result: Any) -> Secret | None:
        return token_of(await result)

    if inspect.iscoroutinefunction(function):

        async def called() -> Secret | None:
            return token_of(await function())

        return called

    def asked() -> Any:
        result = function()
        return awaited(result) if inspect.isawaitable(result) else token_of(result)

    return asked


class CloudToken:
    """The provider of tokens that a cloud's library fetches.

    Args:
        fetch: Fetches a token; blocks.
        signer: Makes a token's signer.
        source: Where the tokens come from, in words.
        remedy: What to do when the platform refuses one, in words.
        lock: A lock of the standard library's `threading`.
        now: Returns the time in epoch seconds.

    Attributes:
        source: Where the tokens come from, in words.
    """

    def __init__(
        self,
        fetch: Callable[[], FetchedToken],
        signer: Callable[[Secret], PlatformSigner],
        *,
        source: str,
        remedy: str,
        lock: Lock,
        now: Callable[[], float],
    ) -> None:
        self._fetch, self._signer = fetch, signer
        self.source, self._remedy = source, remedy
        self._lock, self._now = lock, now
        self._kept: tuple[Credential, float] | None = None

    def current(self) -> Flow[Credential]:
        """Return the kept token, or fetch one.

        Raises:
            RefreshFailed: In the flow; the cloud's library has no token.
        """
        left = LAST if self._lock.locked() else EARLY
        if (kept := self._kept_for(left)) is not None:
            return kept
        renewed: Credential = yield Blocking(self._renewed)
        return renewed

    def _kept_for(self, seconds: float) -> Credential | None:
        """Return the kept token if it lives longer than that."""
        kept = self._kept
        return kept[0] if kept is not None and kept[1] - self._now() > seconds else None

    def _renewed(self) -> Credential:
        with self._lock:
            if (kept := self._kept_for(EARLY)) is not None:  # another caller fetched it
                return kept
            try:
                token, expires_at = self._fetch()
            except KeybearerError:
                raise
            except Exception as error:  # noqa: BLE001 - a cloud's library raises whatever it likes
                failure = RefreshFailed(
                    f"{self.source} gave no token: {sanitize(f'{type(error).__name__}: {error}', 300).rstrip('.')}.",
                    source=self.source,
                    problem="no_token",
                    hint=self._remedy,
                )
            else:
                credential = Credential(self._signer(token), self.source, self._remedy)
                self._kept = (credential, expires_at)
                return credential
        raise failure

    def rejected(self, credential: Credential) -> None:
        """Fetch another token for the next request."""
        if self._kept is not None and self._kept[0].token_id == credential.token_id:
            self._kept = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(source={self.source!r})"
