"""How a refresh keeps what it was granted, whatever the disk or the network does.

Strategy: the grant goes into the journal before the reply, the store or the clock is looked at again, and then into the login's place.
What cannot be written is tried again for a few seconds, and after that stays in memory as `Unsaved`.

Contract: granted tokens are never thrown away. A login that somebody made meanwhile is not overwritten.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from keybearer.credentials.bundle import Grant, OAuthBundle
from keybearer.credentials.stores.protocol import RefreshJournal, Store, StoreLock
from keybearer.errors import CredentialError
from keybearer.flow import Flow, Sleep
from keybearer.types.secret import Secret

__all__ = ["Unsaved", "keep", "reread", "save_later"]

SAVE_DELAYS: Final = (0.05, 0.2, 1.0, 3.0)
"""Waits between attempts to save what was granted, in seconds."""


class Unsaved(Struct, kw_only=True):
    """A grant that could not be written, where it belongs, and the lock that keeps every other process from spending the old token."""

    text: Secret
    journal: RefreshJournal
    lock: StoreLock


def keep(
    store: Store, held: OAuthBundle, grant: Grant, journal: RefreshJournal, now: float
) -> Flow[tuple[OAuthBundle, bool]]:
    """Save a grant.

    Args:
        store: Where the login is kept.
        held: The login that was refreshed.
        grant: What its endpoint granted.
        journal: The room for it.
        now: The time of the grant, in epoch seconds.

    Returns:
        The new login, and whether it was written durably.
    """
    text = store.codec.merge(held.document, grant, now)
    written = yield from _persist(lambda: journal.write(text))
    current = reread(store, held.token_id) or held
    if current.token_id != held.token_id:
        journal.drop()
        return current, True  # another program, which takes no lock, has logged in meanwhile
    if current.document != held.document:  # another program has added keys to the file meanwhile: keep them
        text = store.codec.merge(current.document, grant, now)
        written = yield from _persist(lambda: journal.write(text))
    bundle = _as_bundle(store, text, grant, held, now)
    if written and (yield from _persist(journal.commit, delays=())):
        return bundle, True
    # A written journal is as durable as the file.
    return bundle, (yield from _persist(lambda: journal.rescue(text))) or written


def _as_bundle(store: Store, text: Secret, grant: Grant, held: OAuthBundle, now: float) -> OAuthBundle:
    """Return the granted tokens as a login, even where the file's own rules would refuse them."""
    with contextlib.suppress(CredentialError):
        return store.codec.parse(text, store.name)
    return OAuthBundle(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token or held.refresh_token,
        expires_at=None if grant.expires_in is None else now + grant.expires_in,
        refreshed_at=now,
        token_endpoint=grant.endpoint,
        document=text,
    )


def _persist(act: Callable[[], None], delays: tuple[float, ...] = SAVE_DELAYS) -> Flow[bool]:
    """Try a disk operation until it works; return whether it did."""
    for delay in (*delays, None):
        try:
            act()
        except OSError:
            if delay is not None:
                yield from Sleep(delay)
        else:
            return True
    return False


def save_later(unsaved: Unsaved) -> bool:
    """Try once more to save a grant that could not be written; release its lock on success."""
    try:
        unsaved.journal.rescue(unsaved.text)
    except OSError:
        return False
    unsaved.lock.release()
    return True


def reread(store: Store, until: str | None = None) -> OAuthBundle | None:
    """Return the login as it is now, without the journal of a refresh of `until`; None where it cannot be read."""
    try:
        return store.load(until)
    except CredentialError:
        return None
