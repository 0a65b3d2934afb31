"""A login that is kept fresh: the provider behind `oauth_bundle` and `profile`.

Strategy: `current()` checks the token against the clock and never refreshes by itself. It asks the scheduler, which runs one refresh
per token id on a thread and returns a future:

    fresh    sign with the token
    stale    (within 60 s of its expiry) start a refresh, do not wait, sign with the token
    expired  start a refresh, or join the running one, and wait for it
    refused  (401) as expired, once; a new token that is refused within a minute is not refreshed again, and the caller gets the error

A refusal is recorded beside the login (`notes`), so every other process refreshes too, or adopts the first one's result.

Contract: the file is checked at most once a second and read when it changed, so that another process's refresh is adopted. A failed
refresh is not tried again before its pause has passed. After `invalid_grant` no refresh is tried until the file changes; other
processes try none for an hour.
"""

from __future__ import annotations

import copy
import logging
import os
from concurrent.futures import Future
from typing import Final

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.credential import Credential
from keybearer.credentials.oauth.failures import retry_advice
from keybearer.credentials.oauth.following import RefreshObservers, followed
from keybearer.credentials.oauth.keeping import Unsaved, save_later
from keybearer.credentials.oauth.refresh import doubt, refresh, spent
from keybearer.credentials.oauth.renewal import renewal_of
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.credentials.oauth.scheduler import Outcome, RefreshScheduler
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.credentials.stores.file import recovered
from keybearer.credentials.stores.notes import Refusal
from keybearer.credentials.stores.protocol import Store
from keybearer.credentials.tokens import TokenState
from keybearer.errors import CredentialError, LoginRequired, RefreshFailed
from keybearer.flow import Blocking, Flow, Wait

__all__ = ["OAuthLogin"]

LOOK_EVERY: Final = 1.0
"""The shortest time between two checks of the file, in seconds."""

PAUSES: Final = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Waits after failed refreshes in a row, in seconds; the last one repeats."""

REFUSALS_EVERY: Final = 60.0
"""The shortest time between two refreshes because of a 401, and how long one that cannot be refreshed is held back (s)."""

_log = logging.getLogger("keybearer")


class OAuthLogin:
    """A login in a store.

    Args:
        store: Where the login is kept.
        scheduler: Runs its refreshes.
        rules: How it is refreshed.
        headers: Further headers of its requests.
        refreshing: False for a login that another program refreshes: it is only read.
    """

    def __init__(
        self,
        store: Store,
        scheduler: RefreshScheduler,
        rules: RefreshRules,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        refreshing: bool = True,
    ) -> None:
        self.store = store
        self._scheduler = scheduler
        self._rules = rules
        self._headers = headers
        self._refreshing = refreshing
        self._held: OAuthBundle | None = None
        self._version: object = None
        self._looked = float("-inf")
        self._refusal: Refusal | None = None
        self._over: tuple[str, CredentialError] | None = None
        self._failures = 0
        self._not_before = float("-inf")
        self._failure: CredentialError | None = None
        self._unsaved: Unsaved | None = None
        self._process = 0
        self._observers: RefreshObservers | None = None

    @property
    def other_hosts(self) -> tuple[str, ...]:
        """Hosts beside Anthropic's and loopback that its token may be sent to."""
        return self._rules.other_hosts

    def __repr__(self) -> str:
        return f"OAuthLogin({self.store.name!r})"

    def follow(self, observers: RefreshObservers) -> None:
        """Let a client's observers hear of each refresh from now on.

        Args:
            observers: The observers; they take the place of another client's.
        """
        self._observers = observers

    # ── for the exchange ────────────────────────────────────────────────────

    def current(self) -> Flow[Credential]:
        """Return the access token, waiting for a refresh only if it has expired or was refused."""
        held = self._held
        if held is None or self._changed():
            held = yield from Blocking(self.read)
        elif self._is_stuck(held):
            yield from Blocking(self.store.look)  # somebody may have logged in, on another machine
            held = held if self.store.version() == self._version else (yield from Blocking(self.read))
        first = self._process != os.getpid()  # in this process: a forked child has no watch yet
        if first:
            self._process, self._unsaved = os.getpid(), None
        state = self._state(held)
        problem = None if state is TokenState.FRESH else self._may_refresh(held)
        waits = state is TokenState.EXPIRED
        running = None if state is TokenState.FRESH or problem else self._start(held, awaited=waits)
        if first:  # after the start: the watch would start the same refresh as one that nobody waits for
            self._scheduler.watch(self)
        if not waits:
            return self._credential(held)
        if running is None:
            raise copy.copy(problem) if problem else RefreshFailed("No refresh was started.")
        outcome = yield from Wait(running)
        if outcome.bundle is None:
            raise copy.copy(outcome.error) if outcome.error else RefreshFailed("The refresh gave nothing.")
        return self._credential(outcome.bundle)

    def rejected(self, credential: Credential) -> None:
        """Record that the service refused this token, so that the next call in any process refreshes it."""
        held, now = self._held, self._rules.clocks.wall()
        if held is None or held.access_token != credential.access_token:
            return
        self._recall()
        if self._refusal is not None and self._refusal.recent(now, REFUSALS_EVERY):
            return
        self._refusal = Refusal(held.token_id, now)
        self.store.notes.refuse(self._refusal)
        self._not_before = float("-inf")

    @property
    def whose(self) -> str:
        """Whom its tokens act as, where the login itself knows."""
        return ""

    def renewable(self) -> bool:
        """Return whether the login that was read last can be refreshed, by whoever does."""
        return self._held is not None and renewal_of(self._rules).possible(self._held)

    def refused(self) -> bool:
        """Return whether the service has refused the token that was read last."""
        return self._held is not None and self._is_refused(self._held)

    def spent(self) -> CredentialError | None:
        """Return the error of a refresh token that is spent, for the login that was read last; None as far as nobody knows so."""
        held = self._held
        return None if held is None or not self._refreshes(held) else spent(self.store, held, self._rules)

    def close(self) -> None:
        """Stop the background refresh. A running refresh is completed."""
        self._scheduler.unwatch(self)

    # ── for the scheduler ───────────────────────────────────────────────────

    def seconds_until_due(self) -> float | None:
        """Return the seconds until `refresh_if_due` has something to do; None for never."""
        held = self._held
        if self._unsaved is not None:
            return 0.0
        if held is None or not self._refreshes(held) or self._ended(held):
            return None
        due = 0.0 if self._is_refused(held) else held.seconds_until_refresh(self._rules.clocks.wall())
        return None if due is None else max(due, self._not_before - self._rules.clocks.monotonic(), 0.0)

    def refresh_if_due(self) -> Future[Outcome] | None:
        """Save what could not be saved, or start a refresh, if either is due."""
        held = self._held
        if not self.save() or held is None or self.seconds_until_due() != 0.0 or self._may_refresh(held) is not None:
            return None
        return self._start(held, awaited=False)

    def save(self) -> bool:
        """Try again to save a refresh that could not be written; return whether nothing is left to save."""
        if self._unsaved is not None and save_later(self._unsaved):
            self._unsaved = None
        return self._unsaved is None

    # ── for the command line ────────────────────────────────────────────────

    def read(self) -> OAuthBundle:
        """Read the login from its store.

        Raises:
            CredentialError: It cannot be used.
        """
        if self._unsaved is not None and self._held is not None:
            return self._held
        version = self.store.version()
        try:
            held = recovered(self.store) if self._held is None else self.store.load()
        except CredentialError:
            if self._held is None or self._held.state(self._rules.clocks.wall()) is TokenState.EXPIRED:
                raise
            return self._held  # removed or half-written by another program: the token in memory still works
        self._held, self._version = held, version
        self._recall()
        return held

    def refresh_now(self) -> Flow[OAuthBundle]:
        """Refresh the token even though it is still good.

        Raises:
            CredentialError: It did not work.
        """
        held = yield from Blocking(self.read)
        outcome = yield from Wait(self._start(held, force=True))
        if outcome.bundle is None:
            raise copy.copy(outcome.error) if outcome.error else RefreshFailed("The refresh gave nothing.")
        return outcome.bundle

    # ── inside ──────────────────────────────────────────────────────────────

    def _credential(self, held: OAuthBundle) -> Credential:
        return Credential(
            BearerSigner(held.access_token, other_hosts=self._rules.other_hosts),
            self.store.name,
            remedy=self._remedy(held),
            headers=self._headers,
        )

    def _remedy(self, held: OAuthBundle) -> str:
        """Return what happens, or what to do, when the service refuses this token."""
        if not self._refreshing:
            return "it is kept fresh by another program: see to that, or log in with `keybearer auth login`."
        if not renewal_of(self._rules).possible(held):
            return f"nothing here can refresh it: log in again with `{self.store.codec.login}`."
        otherwise = renewal_of(self._rules).remedy(self.store)
        refusal = self._refusal
        if refusal is not None and refusal.recent(self._rules.clocks.wall(), REFUSALS_EVERY):
            return (
                f"it is fresh, and the one before it was refused too: check the account and base_url, or {otherwise}."
            )
        return f"the next call refreshes it; if that fails too, {otherwise}."

    def _changed(self) -> bool:
        now = self._rules.clocks.monotonic()
        if now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        self._recall()
        return self.store.version() != self._version

    def _recall(self) -> None:
        """Read the refusal that another process recorded, if it is newer."""
        noted = self.store.notes.refusal(self._rules.clocks.wall())
        if noted is not None and (self._refusal is None or noted.at > self._refusal.at):
            self._refusal = noted

    def _refreshes(self, held: OAuthBundle) -> bool:
        return self._refreshing and renewal_of(self._rules).possible(held)

    def _is_refused(self, held: OAuthBundle) -> bool:
        """Return whether a token must not be sent: it was refused and can be refreshed, or was refused less than a minute ago."""
        refusal = self._refusal
        if refusal is None or refusal.token_id != held.token_id:
            return False
        return self._refreshes(held) or refusal.recent(self._rules.clocks.wall(), REFUSALS_EVERY)

    def _state(self, held: OAuthBundle) -> TokenState:
        return TokenState.EXPIRED if self._is_refused(held) else held.state(self._rules.clocks.wall())

    def _is_stuck(self, held: OAuthBundle) -> bool:
        """Return whether a token can neither be sent nor refreshed."""
        return self._state(held) is TokenState.EXPIRED and self._may_refresh(held) is not None

    def _ended(self, held: OAuthBundle) -> CredentialError | None:
        if (uncertain := doubt(self.store, held, self._rules)) is not None:
            return uncertain
        over = self._over
        return over[1] if over and over[0] == held.token_id and over[1].problem != "outcome_unknown" else None

    def _may_refresh(self, held: OAuthBundle) -> CredentialError | None:
        """Return why no refresh may start now; None when it may."""
        if not self._refreshes(held):
            refused = self._is_refused(held)
            return LoginRequired(
                f"The access token of {self.store.name} {'was refused' if refused else 'has expired'}, "
                "and nothing here can refresh it.",
                source=self.store.name,
                problem="refused" if refused else "expired",
                hint=f"Log in again: `{self.store.codec.login}`.",
            )
        if (over := self._ended(held)) is not None:
            return over
        wait = self._not_before - self._rules.clocks.monotonic()
        if wait > 0 and self._failure is not None:
            error = copy.copy(self._failure)
            if isinstance(error, RefreshFailed):
                advice = "" if error.problem == "busy" else f"{error.hint} "
                error.retry_after, error.hint = wait, advice + retry_advice(wait)
            return error
        return None

    def _start(self, held: OAuthBundle, *, force: bool = False, awaited: bool = True) -> Future[Outcome]:
        key = f"{self.store.name}\0{held.token_id}"
        clock, name = self._rules.clocks.monotonic, self.store.name

        def flow() -> Flow[Outcome]:
            refreshed = self._refresh(held.token_id, force=force, awaited=awaited)
            return followed(refreshed, self._observers, login=name, clock=clock)

        return self._scheduler.run(key, flow)

    def _refresh(self, known: str, *, force: bool, awaited: bool) -> Flow[Outcome]:
        """Refresh and adopt the result; runs on the scheduler's thread."""
        self.save()
        if not force and (newer := self._newer(known)) is not None:
            return Outcome(newer)
        try:
            done = yield from refresh(self.store, known, self._rules, force=force)
        except CredentialError as error:
            self._failed(known, error, awaited=awaited)
            return Outcome(None, error.with_traceback(None))
        if done.unsaved is not None:
            self._unsaved = done.unsaved
            _log.error(
                "%s was refreshed, but cannot be saved; it is tried again until this process ends", self.store.name
            )
        self._version = self.store.version()
        self._held, self._failures, self._failure, self._not_before = done.bundle, 0, None, float("-inf")
        how = "refreshed" if done.requests else "another process had refreshed it"
        _log.debug("%s: %s", self.store.name, how)
        return Outcome(done.bundle)

    def _newer(self, known: str) -> OAuthBundle | None:
        """Return what another client or another process has refreshed meanwhile, if it can be sent; no lock is needed."""
        if self.store.version() == self._version:
            return None
        try:
            held = self.read()
        except CredentialError:
            return None
        return None if held.token_id == known or self._state(held) is TokenState.EXPIRED else held

    def _failed(self, known: str, error: CredentialError, *, awaited: bool) -> None:
        """Record a failure. It is logged as a warning only if nobody waits: a waiting caller gets the error."""
        if isinstance(error, LoginRequired):
            if not (self._over and self._over[0] == known):
                _log.log(logging.INFO if awaited else logging.ERROR, "%s", error)
            self._over = (known, error)
            return
        wait = max(PAUSES[min(self._failures, len(PAUSES) - 1)], getattr(error, "retry_after", 0.0))
        self._failures += 1
        self._failure = error
        self._not_before = self._rules.clocks.monotonic() + wait
        _log.log(logging.INFO if awaited else logging.WARNING, "%s Not tried again for %.0f s.", error.message, wait)
