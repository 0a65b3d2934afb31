"""A refresh that the observers of a client follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from keybearer.credentials.oauth.scheduler import Outcome
from keybearer.flow import Flow
from keybearer.types.observing import RefreshEnded, RefreshStarted

__all__ = ["RefreshObservers", "followed"]


class RefreshObservers(Protocol):
    """Those who hear of a login's refreshes."""

    def now(self) -> tuple[Any, ...]:
        """Return those that hear what begins now."""
        ...

    def make_id(self, kind: str) -> str:
        """Return a new id."""
        ...

    def tell(self, event: Any) -> None:
        """Tell each of them."""
        ...


def followed(
    refresh: Flow[Outcome], observers: RefreshObservers | None, *, login: str, clock: Callable[[], float]
) -> Flow[Outcome]:
    """Refresh, and tell of it.

    Args:
        refresh: The refresh.
        observers: Who hears of it; None for nobody.
        login: The login's name.
        clock: Seconds on a clock that never goes back.
    """
    if observers is None or not observers.now():
        return (yield from refresh)
    id_, begun = observers.make_id("refresh"), clock()
    observers.tell(RefreshStarted(refresh_id=id_, login=login))
    try:
        outcome = yield from refresh
    except BaseException as error:
        observers.tell(RefreshEnded(refresh_id=id_, login=login, seconds=clock() - begun, error=error))
        raise
    observers.tell(RefreshEnded(refresh_id=id_, login=login, seconds=clock() - begun, error=outcome.error))
    return outcome
