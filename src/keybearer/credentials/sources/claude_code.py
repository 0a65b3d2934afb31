"""Claude Code's own login, used live and read-only.

Strategy: the file (and on macOS the Keychain item) is read again whenever it changes, so a token that Claude Code refreshes is used at
once.

Contract: the login is never written, and its refresh token is never even kept: whoever spends it logs Claude Code out. A link is
followed, as Claude Code does; its target must be this user's own and private. The problems of an unusable login are `missing` and
the others of `private_files`, the Keychain's, `not_logged_in` (no `claudeAiOauth`: only MCP logins), `no_token` (empty tokens),
`absurd_expiry` and `expired`. A missing `expiresAt` or `scopes`, or `scopes` that are not a list, do no harm.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from keybearer.credentials.bundle import token_of
from keybearer.credentials.credential import Credential
from keybearer.credentials.folders import configured_folder, home_folder
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.credentials.sources.keychain import KEYCHAIN_TIMEOUT, read_keychain
from keybearer.credentials.stores.documents import inner_object, parse_object
from keybearer.credentials.stores.private_files import read_secret, stat_signature
from keybearer.credentials.tokens import parse_expiry
from keybearer.errors import CredentialError, LoginRequired
from keybearer.flow import Blocking, Flow
from keybearer.types.secret import Secret

__all__ = ["ClaudeCodeLogin", "ClaudeCodePlaces", "ClaudeCodeToken"]

SERVICE: Final = "Claude Code-credentials"
WHAT: Final = "Claude Code's login"
REREAD_KEYCHAIN: Final = 60.0
"""How often the Keychain is read again, in seconds; it does not report changes."""

_HINT: Final = "Run `claude` so that it logs in anew, or make a login of your own with `keybearer auth login`."
_WORDS: Final = {
    "not_json": "is not JSON",
    "not_object": "is JSON, but not an object",
    "not_logged_in": "has no claudeAiOauth: Claude Code is not logged in with a subscription",
    "no_token": "has an empty access token: Claude Code has logged out",
    "absurd_expiry": "has an expiresAt that cannot be true",
}


class ClaudeCodeToken(Struct, frozen=True, kw_only=True):
    """The access token that Claude Code holds.

    Attributes:
        access_token: The token.
        expires_at: When it expires, in epoch seconds; None when that is not stated.
        place: Where it was found, in words.
    """

    access_token: Secret
    expires_at: float | None
    place: str


class ClaudeCodePlaces(Struct, frozen=True, kw_only=True):
    """Where Claude Code keeps its login.

    Attributes:
        file: The file.
        service: The Keychain item's service name; None where there is no Keychain.
        environ: The environment for the Keychain command.
        timeout: The Keychain's time limit, in seconds.
    """

    file: Path
    service: str | None
    environ: Mapping[str, str]
    timeout: float = KEYCHAIN_TIMEOUT

    @classmethod
    def find(cls, environ: Mapping[str, str], home: Path | None, platform: str = sys.platform) -> ClaudeCodePlaces:
        """Return the places of this user: `CLAUDE_CONFIG_DIR`, else `~/.claude`.

        Raises:
            CredentialError: There is no home, or the variable names no folder.
        """
        folder = environ.get("CLAUDE_CONFIG_DIR")
        file = configured_folder("CLAUDE_CONFIG_DIR", environ, home, WHAT) or home_folder(home, WHAT) / ".claude"
        file /= ".credentials.json"
        if platform != "darwin":
            return cls(file=file, service=None, environ=environ)
        import hashlib

        suffix = f"-{hashlib.sha256(folder.encode()).hexdigest()[:8]}" if folder else ""
        return cls(file=file, service=SERVICE + suffix, environ=environ)

    @property
    def words(self) -> str:
        """The places, in words."""
        return f"{self.file}" + (f" and the Keychain item {self.service!r}" if self.service else "")

    def read(self) -> ClaudeCodeToken:
        """Read the login; of two, the one that expires later.

        Raises:
            CredentialError: There is none that can be read.
        """
        readers: list[Callable[[], ClaudeCodeToken]] = [self._from_file]
        if self.service is not None:
            readers.append(self._from_keychain)
        found: list[ClaudeCodeToken] = []
        errors: list[CredentialError] = []
        for read in readers:
            try:
                found.append(read())
            except CredentialError as error:
                errors.append(error)
        if found:
            return max(found, key=lambda token: float("inf") if token.expires_at is None else token.expires_at)
        # An unusable login in one place says more than an absent one in the other.
        raise next((e for e in errors if e.problem not in {"missing", "keychain_absent"}), errors[0])

    def _from_file(self) -> ClaudeCodeToken:
        return _parse(read_secret(self.file, WHAT, login="claude", links=True), str(self.file))

    def _from_keychain(self) -> ClaudeCodeToken:
        service = self.service or SERVICE
        return _parse(read_keychain(service, self.environ, timeout=self.timeout), f"the Keychain item {service!r}")


def _parse(text: Secret, place: str) -> ClaudeCodeToken:
    token, problem = _tokens(text, place)
    if token is None:
        raise CredentialError(
            f"{WHAT} in {place} {_WORDS[problem]}.", source=f"{WHAT} in {place}", problem=problem, hint=_HINT
        )
    return token


def _tokens(text: Secret, place: str) -> tuple[ClaudeCodeToken | None, str]:
    problem, document = parse_object(text)
    if problem:
        return None, problem
    login = inner_object(document, "claudeAiOauth")
    if login is None:
        return None, "not_logged_in"
    access = token_of(login.get("accessToken"))
    if access is None:
        return None, "no_token"
    try:
        expires_at = parse_expiry(login.get("expiresAt"))
    except ValueError:
        return None, "absurd_expiry"
    return ClaudeCodeToken(access_token=access, expires_at=expires_at, place=place), ""


class ClaudeCodeLogin:
    """Claude Code's login as a provider.

    Args:
        places: Where it is.
        wall: The time in epoch seconds.
        other_hosts: Hosts beside Anthropic's and loopback that it may be sent to.
    """

    def __init__(
        self, places: ClaudeCodePlaces, *, wall: Callable[[], float], other_hosts: tuple[str, ...] = ()
    ) -> None:
        self._places = places
        self._wall = wall
        self.other_hosts = other_hosts
        self._held: ClaudeCodeToken | None = None
        self._version: tuple[int, ...] | None = None
        self._read_at = float("-inf")
        self._refused: Secret | None = None

    def __repr__(self) -> str:
        return f"ClaudeCodeLogin({os.fspath(self._places.file)!r})"

    def current(self) -> Flow[Credential]:
        """Return the token that Claude Code holds now."""
        held = self._held
        if held is None or self._changed(held):
            held = yield from Blocking(self.read)
        if held.expires_at is not None and self._wall() >= held.expires_at:
            raise LoginRequired(
                f"{WHAT} in {held.place} has expired.", source=f"{WHAT} in {held.place}", problem="expired", hint=_HINT
            )
        return Credential(
            BearerSigner(held.access_token, other_hosts=self.other_hosts),
            f"{WHAT} in {held.place}",
            remedy="keybearer never refreshes it: run `claude` so that it does, or log in with `keybearer auth login`.",
        )

    def rejected(self, credential: Credential) -> None:
        """Read the login again at the next call: Claude Code may have refreshed it."""
        self._refused = credential.access_token

    def read(self) -> ClaudeCodeToken:
        """Read the login.

        Raises:
            CredentialError: It cannot be used.
        """
        version = stat_signature(self._places.file, links=True)
        held = self._places.read()
        self._held, self._version, self._read_at = held, version, self._wall()
        return held

    def _changed(self, held: ClaudeCodeToken) -> bool:
        if stat_signature(self._places.file, links=True) != self._version:
            return True
        if self._places.service is None:
            return False
        now = self._wall()
        doubtful = self._refused == held.access_token or (held.expires_at is not None and now >= held.expires_at)
        return abs(now - self._read_at) >= (1.0 if doubtful else REREAD_KEYCHAIN)
