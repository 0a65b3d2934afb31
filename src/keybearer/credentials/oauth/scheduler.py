"""Who runs refreshes, where no caller can cancel them, and what comes of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from keybearer.credentials.bundle import OAuthBundle
from keybearer.errors import CredentialError
from keybearer.flow import Flow

if TYPE_CHECKING:
    from keybearer.credentials.oauth.login import OAuthLogin

__all__ = ["Outcome", "RefreshScheduler"]


class Outcome(Struct, frozen=True):
    """The result of a refresh. The error is a value, so that each waiter raises its own copy."""

    bundle: OAuthBundle | None
    error: CredentialError | None = None


class RefreshScheduler(Protocol):
    """Runs refreshes where no caller can cancel them, and starts them in the background before tokens expire."""

    def run(self, key: str, flow: Callable[[], Flow[Outcome]]) -> Future[Outcome]:
        """Run a flow on a thread of its own, or join the running flow with this key."""
        ...

    def watch(self, login: OAuthLogin) -> None:
        """Call the login's `refresh_if_due` when it is due, from now on."""
        ...

    def unwatch(self, login: OAuthLogin) -> None:
        """Stop watching."""
        ...
