"""A login, its file, its token endpoint and its clock, without threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keybearer.credentials.credential import Credential
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.login import OAuthLogin
from keybearer.credentials.stores.file import FileStore
from support.logins import (
    Endpoint,
    HandClock,
    InlineScheduler,
    bundle,
    run,
    token_in,
    write_private,
)


class World:
    """A bundle, its login, and everything around it."""

    def __init__(self, path: Path, *replies: Any, hold: bool = False, **document: Any) -> None:
        self.path = write_private(path / "oauth.json", bundle(**document))
        self.clock, self.endpoint = HandClock(), Endpoint(*replies)
        self.scheduler = InlineScheduler(self.endpoint, self.clock, hold=hold)
        self.login = OAuthLogin(FileStore(self.path, BUNDLE), self.scheduler, self.clock.rules())

    def token(self) -> str:
        """The token that the next request is signed with."""
        return token_in(self.credential())

    def credential(self) -> Credential:
        """The credential of the next request."""
        return run(self.login.current(), self.endpoint, self.clock)

    @property
    def posts(self) -> int:
        """How many token requests were made."""
        return len(self.endpoint.requests)
