"""The record of a login that several machines share: its steps, as functions from one record to the next.

Strategy: the record is one value. A step takes it and returns the next one, and the store puts that in its place by compare-and-set;
where another machine was first, the step is taken again from what that one wrote. Times are by the clock of the store's server.

    idle ─take─▶ held ─spend─▶ spending ─┬─grant──▶ the next generation
      ▲            │                     ├─settle─▶ held          the endpoint has refused: the token is as it was
      └──release───┘                     └─(ended)▶ in doubt      no result, and its holder is gone: nobody sends the token by itself

A generation is the time of the login and the number of rotations since, so that every login and every rotation is greater than all
before it, also after the server has lost its data.

Contract: pure. A grant is accepted whenever it follows from the record, also after its holder's time is over: a result is worth more
than a mark. Nothing else that a former holder does changes the record.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from msgspec import Struct, structs

__all__ = ["SPEND_LIMIT", "Generation", "Holder", "SealedPair", "SentToken", "SharedLogin"]

HOLD_LIMIT: Final = 10.0
"""How long the login may be held without a request under way, in seconds; then its holder counts as gone."""

SPEND_LIMIT: Final = 85.0
"""How long a request may be under way, in seconds: two at their limits, and the saving. It is less than `LOCK_TIMEOUT`, so that
whoever waits learns what came of it."""


class Generation(NamedTuple):
    """Which pair of tokens it is.

    Attributes:
        login: When its login was made, in milliseconds since the epoch; 0 for none.
        rotation: How often it was refreshed since.
    """

    login: int = 0
    rotation: int = 0

    def __str__(self) -> str:
        return f"{self.login}.{self.rotation}"


class Holder(Struct, frozen=True, kw_only=True):
    """Who may change the login.

    Attributes:
        fence: The number of this holding; each next one is greater.
        by: The process, in words.
        until: When it counts as gone, by the server's clock.
    """

    fence: int
    by: str
    until: float


class SentToken(Struct, frozen=True, kw_only=True):
    """A refresh token that was about to be sent.

    Attributes:
        fence: By which holding.
        by: By which process, in words.
        since: When, by the server's clock.
    """

    fence: int
    by: str
    since: float


class SealedPair(Struct, frozen=True, kw_only=True):
    """A pair of tokens to put in place.

    Attributes:
        generation: Which one it is.
        token_id: Its name; empty for none.
        sealed: The login's text, encrypted; empty for none.
        due: When its access token should be refreshed, in epoch seconds.
        history: The history of the server's data now.
    """

    generation: Generation
    token_id: str = ""
    sealed: str = ""
    due: float | None = None
    history: str = ""


class SharedLogin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A login as a store on another machine keeps it.

    Attributes:
        stamp: A random text that each change has anew, so that no two changes are equal.
        generation: Which pair of tokens it is.
        token_id: The name of the pair, which reveals nothing of it; empty where there is no login.
        sealed: The login's text, encrypted; empty where there is no login.
        due: When its access token should be refreshed, in epoch seconds; None where that is not stated.
        history: The history of the server's data in which this generation was written, or was last known to be the newest.
        fence: The number of the last holding.
        holder: Who holds it.
        spending: The refresh token that was sent, or was about to be, with no result yet.
        notes: The notes beside the login, by name.
    """

    stamp: str = ""
    generation: Generation = Generation()
    token_id: str = ""
    sealed: str = ""
    due: float | None = None
    history: str = ""
    fence: int = 0
    holder: Holder | None = None
    spending: SentToken | None = None
    notes: dict[str, dict[str, Any]] = {}

    # ── judgements ──────────────────────────────────────────────────────────

    def held(self, now: float) -> bool:
        """Return whether somebody may be changing it."""
        return self.holder is not None and now < self.holder.until

    def holds(self, fence: int, now: float) -> bool:
        """Return whether a holding is the current one, and its time is not over."""
        return self.holder is not None and self.holder.fence == fence and now < self.holder.until

    def in_doubt(self, now: float) -> SentToken | None:
        """Return the request of which nobody will say what came of it; None where there is none, or it is still under way."""
        spending = self.spending
        return None if spending is None or self.holds(spending.fence, now) else spending

    def may_be_older(self, history: str, now: float) -> bool:
        """Return whether a newer generation may have been lost with the server's data.

        It cannot where the data is the same as when this generation was written, nor where its token was not due to be refreshed yet.

        Args:
            history: The history of the server's data now.
            now: The time by its clock.
        """
        if not self.sealed or not history or history == self.history:
            return False
        refused = self.notes.get("refused", {}).get("generation") == self.token_id
        return refused or (self.due is not None and now >= self.due)

    # ── steps ───────────────────────────────────────────────────────────────

    def take(self, by: str, now: float) -> SharedLogin | None:
        """Hold it; None while somebody else does."""
        if self.held(now):
            return None
        holder = Holder(fence=self.fence + 1, by=by, until=now + HOLD_LIMIT)
        return structs.replace(self, fence=holder.fence, holder=holder)

    def release(self, fence: int) -> SharedLogin:
        """Hold it no longer."""
        return structs.replace(self, holder=None) if self.holder is not None and self.holder.fence == fence else self

    def spend(self, fence: int, token_id: str, now: float) -> SharedLogin | None:
        """Write down that the refresh token is about to be sent; None where the holder's time is over, or the login is another one."""
        holder = self.holder
        if holder is None or not self.holds(fence, now) or self.token_id != token_id:
            return None
        return structs.replace(
            self,
            holder=structs.replace(holder, until=now + SPEND_LIMIT),
            spending=SentToken(fence=fence, by=holder.by, since=now),
        )

    def settle(self, fence: int) -> SharedLogin:
        """Write down that the refresh token was not spent after all."""
        return (
            structs.replace(self, spending=None) if self.spending is not None and self.spending.fence == fence else self
        )

    def follows(self, before: Generation, token_id: str) -> bool:
        """Return whether a grant for a generation still is the newest: nothing was written since, or what was is lost."""
        return (self.generation, self.token_id) == (before, token_id) or self.generation < before

    def grant(self, pair: SealedPair) -> SharedLogin:
        """Put a granted pair of tokens in place. The notes stay: each names the pair that it is about."""
        return structs.replace(
            self,
            generation=pair.generation,
            token_id=pair.token_id,
            sealed=pair.sealed,
            due=pair.due,
            history=pair.history,
            spending=None,
        )

    def next_login(self, now: float, newest: Generation) -> Generation:
        """Return the generation of a login that is made now: greater than what is here, and than the newest that was ever seen."""
        return Generation(max(self.generation.login + 1, newest.login + 1, int(now * 1000)), 0)

    def replace(self, pair: SealedPair) -> SharedLogin:
        """Put a new login in place; one without a text where it is removed."""
        return structs.replace(self.grant(pair), notes={})

    def witness(self, history: str) -> SharedLogin:
        """Write down that this generation is the newest although the server was restarted or replaced."""
        return structs.replace(self, history=history)

    def note(self, changes: dict[str, dict[str, Any] | None]) -> SharedLogin:
        """Replace notes; None removes one. The record itself where that changes nothing."""
        kept = {name: record for name, record in (self.notes | changes).items() if record is not None}
        return self if kept == self.notes else structs.replace(self, notes=kept)
