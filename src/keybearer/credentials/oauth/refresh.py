"""One refresh of a login, from the lock to the published token: the flow that must not lose a token.

Strategy: the steps of `stores.file`, in order, as one flow. Its disk work blocks, so the sync driver runs it on a thread of its own
(`keybearer.shell.refresher`), where no caller can cancel it: callers wait for a future.

    lock ─▶ recover and read ─┬▶ newer than the known token, and usable: adopt it, no request
                              └▶ reserve ─▶ POST ─┬▶ granted ─▶ journal ─▶ rename ─▶ unlock
                                                  ├▶ invalid_grant ─▶ read once more: changed? begin again, once; else note it, log in
                                                  ├▶ 404 and no recorded endpoint ─▶ the platform's, once
                                                  ├▶ cannot parse the body ─▶ the other format, once
                                                  ├▶ busy ─▶ record the wait for every process; try later
                                                  └▶ strange, no reply ─▶ the file stays as it was; try later

Contract:
  - The POST is sent only when its result can be saved, and at most once for a grant that may have been spent.
  - The granted tokens are in the journal before the reply, the file or the clock is looked at again.
  - Granted tokens are never thrown away. If the disk fails after all, they are returned as `unsaved` with the lock still held, so that
    no other process spends the old token, and are saved later.
  - Only `CredentialError`s are raised. None holds a token, nor any text of a reply.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from keybearer.credentials.bundle import Grant, OAuthBundle
from keybearer.credentials.oauth.failures import failure
from keybearer.credentials.oauth.keeping import Unsaved, keep, reread
from keybearer.credentials.oauth.renewal import renewal_of
from keybearer.credentials.oauth.rules import RefreshRules
from keybearer.credentials.oauth.token_endpoint import Verdict
from keybearer.credentials.stores.notes import Spent
from keybearer.credentials.stores.protocol import RefreshJournal, Store, StoreLock
from keybearer.credentials.tokens import TokenState
from keybearer.errors import CredentialError, LoginRequired, RefreshFailed
from keybearer.flow import Clocks, Flow, Sleep

__all__ = ["Refreshed", "doubt", "hold", "refresh", "spent"]

LOCK_TIMEOUT: Final = 90.0
"""How long to wait for another process's refresh, in seconds: two requests at their limits."""

LOCK_POLL: Final = 0.02
"""The first pause between two tries of a held lock, in seconds. Each next pause is half as long again, up to `LOCK_POLL_MOST`."""

LOCK_POLL_MOST: Final = 0.25


class Refreshed(Struct, frozen=True, kw_only=True):
    """The outcome of a refresh.

    Attributes:
        bundle: The login now.
        requests: How many requests were sent; 0 when another process had refreshed.
        unsaved: What must still be saved, if the disk failed.
    """

    bundle: OAuthBundle
    requests: int = 0
    unsaved: Unsaved | None = None


def hold(lock: StoreLock, name: str, clocks: Clocks, *, unless: Callable[[], bool] = lambda: False) -> Flow[bool]:
    """Take a lock, waiting for it.

    Args:
        lock: The lock.
        name: What it is the lock of, in words.
        clocks: Clocks and randomness.
        unless: Asked between two tries; a true answer ends the wait.

    Returns:
        Whether it is held now.

    Raises:
        RefreshFailed: It cannot be made, or is held for longer than any refresh takes.
    """
    end, pause = clocks.monotonic() + LOCK_TIMEOUT, LOCK_POLL
    while True:
        try:
            held = lock.acquire()
        except OSError as error:
            reason, hint = error.strerror, _advice(error)
        else:
            if held or unless():
                return held
            if clocks.monotonic() < end:
                yield from Sleep(pause * (0.5 + clocks.random()))
                pause = min(pause * 1.5, LOCK_POLL_MOST)
                continue
            raise RefreshFailed(
                f"Another process has been refreshing {name} for over {LOCK_TIMEOUT:g} s.",
                source=name,
                problem="locked",
                hint="If it hangs, end it: its lock goes with it.",
            )
        raise RefreshFailed(
            f"The lock of {name} cannot be taken: {reason}. No request was made.",
            source=name,
            problem="unwritable",
            hint=hint,
        )


def _advice(error: OSError) -> str:
    """Return what to do about a lock that cannot be taken."""
    if hint := getattr(error, "hint", ""):
        return str(hint)
    if error.errno in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}:
        return "Its file system has no locks, as some network drives: keep the login on a local disk, with auth.bundle."
    return "Its folder must be writable: a refreshed token has to be kept."


def refresh(store: Store, known: str | None, rules: RefreshRules, *, force: bool = False) -> Flow[Refreshed]:
    """Refresh a login, or adopt the result of another process.

    Args:
        store: Where the login is kept.
        known: The token id to replace; None if the caller knows none.
        rules: How it is done.
        force: Refresh even a token that is still good, and ask even where it is noted as spent.

    Raises:
        LoginRequired: Only a new login can help.
        RefreshFailed: It did not work this time.
        CredentialError: The store cannot be read.
    """
    before, lock = store.version(), store.lock()
    adopted: list[OAuthBundle] = []

    def moved() -> bool:
        """Look whether another process has refreshed it meanwhile; who only wants its result needs no lock."""
        if force or store.version() == before or (held := reread(store)) is None:
            return False
        if held.token_id == known or not _usable(store, held, rules.clocks.wall()):
            return False
        adopted.append(held)
        return True

    if not (yield from hold(lock, store.name, rules.clocks, unless=moved)):
        return Refreshed(bundle=adopted[-1])
    outcome: Refreshed | None = None
    try:
        outcome = yield from _locked(store, known, rules, lock, force=force)
        return outcome
    finally:
        if outcome is None or outcome.unsaved is None:
            lock.release()


def _locked(store: Store, known: str | None, rules: RefreshRules, lock: StoreLock, *, force: bool) -> Flow[Refreshed]:
    held = store.recover()
    requests = 0
    for last in (False, True):
        if held.token_id != known and not force and _usable(store, held, rules.clocks.wall()):
            return Refreshed(bundle=held, requests=requests)
        if not renewal_of(rules).possible(held):
            raise LoginRequired(
                f"The access token of {store.name} is spent, and there is no refresh token with it.",
                source=store.name,
                problem="no_refresh_token",
                hint=f"Log in again: `{store.codec.login}`.",
            )
        if not force and (over := spent(store, held, rules)) is not None:
            raise over
        journal, unspent = _reserve(store, held, lock), not renewal_of(rules).spends
        try:
            try:
                verdict, asked = yield from renewal_of(rules).ask(held, store, rules)
            except CredentialError:
                unspent = True  # nothing was asked
                raise
            requests += asked
            if verdict.grant is not None:
                store.notes.clear_backoff()
                bundle, saved = yield from keep(
                    store, held, _with_lifetime(verdict.grant, rules), journal, rules.clocks.wall()
                )
                unsaved = None if saved else Unsaved(text=bundle.document, journal=journal, lock=lock)
                return Refreshed(bundle=bundle, requests=requests, unsaved=unsaved)
            unspent = unspent or not verdict.in_doubt
        finally:
            journal.discard(unspent=unspent)
        again = reread(store, held.token_id)
        if verdict.outcome != "invalid_grant" or last or again is None or again.token_id == held.token_id:
            if verdict.outcome == "invalid_grant":
                store.notes.spend(Spent(held.token_id, _asked(held, rules), verdict.words), rules.clocks.wall())
            raise doubt(store, held, rules) or failure(verdict, store)
        held, known, force = again, None, False
    raise AssertionError("unreachable")  # the second round returns or raises


def _usable(store: Store, held: OAuthBundle, now: float) -> bool:
    refusal = store.notes.refusal(now)
    refused = refusal is not None and refusal.token_id == held.token_id
    return not refused and held.state(now) is not TokenState.EXPIRED


def spent(store: Store, held: OAuthBundle, rules: RefreshRules) -> CredentialError | None:
    """Return the error of a login whose refresh token is or may be spent, as far as any process knows; None for another."""
    if (uncertain := doubt(store, held, rules)) is not None:
        return uncertain
    noted = store.notes.spent(rules.clocks.wall())
    if noted is None or (noted.token_id, noted.asked) != (held.token_id, _asked(held, rules)):
        return None
    return failure(Verdict(outcome="invalid_grant", words=noted.words or "as its endpoint said"), store)


def doubt(store: Store, held: OAuthBundle, rules: RefreshRules) -> CredentialError | None:
    """Return why a login must not be refreshed by itself, because what it would send may be spent; None when it may."""
    return store.doubt(held) if renewal_of(rules).spends else None


def _asked(held: OAuthBundle, rules: RefreshRules) -> str:
    return f"{rules.token_endpoint or held.token_endpoint or 'the default'} for {rules.client_id}"


def _with_lifetime(grant: Grant, rules: RefreshRules) -> Grant:
    if grant.expires_in is None and rules.default_lifetime is not None:
        return structs.replace(grant, expires_in=rules.default_lifetime)
    return grant


def _reserve(store: Store, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:
    try:
        return store.reserve(held, lock)
    except OSError as error:
        reason, hint = error.strerror, getattr(error, "hint", "Make room, or make its folder writable.")
    raise RefreshFailed(
        f"{store.name[0].upper()}{store.name[1:]} was not refreshed, because the new token could not be kept: {reason}. "
        "No request was made, and the login is as it was.",
        source=store.name,
        problem="unwritable",
        hint=hint,
    )
