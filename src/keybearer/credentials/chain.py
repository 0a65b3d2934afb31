"""Which credential is used: the configured one, or the first that is found.

    auto, or no mode:  OAuth bundle ─▶ Claude Code's login ─▶ setup-token file ─▶ API key
                       ─▶ ANTHROPIC_AUTH_TOKEN ─▶ CLAUDE_CODE_OAUTH_TOKEN ─▶ federation ─▶ SDK profile ─▶ NoCredentials

Contract: an unusable credential ends the search with its name and a remedy, because the next one would bill another account. There
are two exceptions, which are logged as a warning and skipped: Claude Code's login, and a default place that cannot be read. The
choice and the sources that it shadows are one log line. It is a warning where a login is used although a key is set and no mode
says which is meant.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from keybearer.credentials.credential import CredentialProvider
from keybearer.credentials.search import Found, Mode, Search, Source
from keybearer.credentials.sources.table import SOURCES, look
from keybearer.errors import CredentialError, NoCredentials

__all__ = ["CredentialChain", "Resolved"]

LOGINS: Final = frozenset({"oauth_bundle", "cli_import", "setup_token"})
"""The modes that come before an API key in the order."""

_log = logging.getLogger("keybearer")


class Resolved(Struct, frozen=True, kw_only=True):
    """The chosen credential.

    Attributes:
        provider: Its provider.
        mode: Its source's mode.
        place: Where it came from, in words.
        found: The result of reading the source.
        shadowed: The sources that would have been used without it, in words.
    """

    provider: CredentialProvider
    mode: Mode
    place: str
    found: Found
    shadowed: tuple[str, ...] = ()


class CredentialChain:
    """The search for a credential.

    Args:
        search: The input of the search.
    """

    def __init__(self, search: Search) -> None:
        self.search = search

    def resolve(self) -> Resolved:
        """Find the credential to use.

        Raises:
            NoCredentials: There is none; `looked` lists what was looked for and where.
            CredentialError: The credential to use is there, but unusable.
        """
        mode = self.search.auth.mode
        resolved = (
            self._auto() if mode in {None, "auto"} else self._explicit(next(s for s in SOURCES if s.mode == mode))
        )
        if mode in {None, "auto"} and resolved.mode in LOGINS and self.search.key is not None:
            pin = f'Set auth.mode to "static" to use the key, or to "{resolved.mode}" to go on without this warning.'
            _log.warning("%s. %s", describe(resolved), pin)
        else:
            _log.info("%s", describe(resolved))
        return resolved

    def survey(self) -> list[tuple[Source, Found]]:
        """Look at every source, in order."""
        return [(source, look(source, self.search)) for source in SOURCES]

    def _explicit(self, source: Source) -> Resolved:
        found = source.open(self.search)
        key = self.search.key
        shadowed = (key.source,) if key is not None and source.mode != "static" and not found.from_key else ()
        return self._resolved(source, found, shadowed)

    def _auto(self) -> Resolved:
        looked: list[tuple[Source, str]] = []
        unseen: list[str] = []
        for index, source in enumerate(SOURCES):
            found = look(source, self.search)
            if found.provider is not None:
                self._warn(unseen)
                later = SOURCES[index + 1 :]
                shadowed = tuple(each.place(self.search) for each in later if each.present(self.search))
                return self._resolved(source, found, shadowed)
            error = found.error or CredentialError(f"{source.place(self.search)} gave nothing.")
            if found.absent:
                looked.append((source, "not there"))
            elif found.unseen and not source.configured(self.search):
                unseen.append(error.message.rstrip("."))
                looked.append((source, error.message))
            elif source.lenient:
                _log.warning("%s It is skipped. %s", error.message, error.hint)
                looked.append((source, error.message))
            else:
                raise error
        self._warn(unseen)
        raise NoCredentials(
            "No credential was found. Looked for, in this order:",
            looked=tuple(f"{source.place(self.search)}: {words}" for source, words in looked),
            hint="Set ANTHROPIC_API_KEY to a key from the Console, pass Client(api_key=...), or run `keybearer auth login`.",
        )

    def _warn(self, unseen: list[str]) -> None:
        """Log in one line which default places could not be read."""
        if unseen:
            _log.warning(
                "%s. That is skipped: let this user enter the folders there, or set HOME to another.",
                "; ".join(unseen),
            )

    def _resolved(self, source: Source, found: Found, shadowed: tuple[str, ...]) -> Resolved:
        if found.provider is None:
            raise found.error or CredentialError(f"{source.place(self.search)} gave nothing.")
        return Resolved(
            provider=found.provider,
            mode=source.mode,
            place=source.place(self.search),
            found=found,
            shadowed=shadowed,
        )


def describe(resolved: Resolved) -> str:
    """Return the choice as one line, without a secret."""
    expires_at = resolved.found.expires_at
    when = (
        "" if expires_at is None else f", which expires at {datetime.fromtimestamp(expires_at, UTC):%Y-%m-%d %H:%M} UTC"
    )
    fresh = " and is kept fresh" if resolved.found.refreshes else ""
    over = f"; it wins over {', '.join(resolved.shadowed)}" if resolved.shadowed else ""
    return f"credentials: {resolved.place} ({resolved.mode}){when}{fresh}{over}"
