"""A login that machines share: the same steps as in `stores.file`, with the record of `shared_login` in place of files.

Strategy: the lock is the record's holder, with a number and an end. The journal is its mark of a refresh token that is about to be
sent, which is written before the request and confirmed by a replica where there is one. The login's text is encrypted (`sealing`) and
bound to the entry's key, its generation and its token id.

    lock ─▶ read ─▶ mark "spending N", confirmed ─▶ POST ─▶ generation N+1 in place ─▶ unlock
                                                 │ a process that ends here leaves the mark: N is never sent again by itself

Contract:
  - `version`, `notes` and `doubt` answer from the last reading, so that no call waits for a network; `look` reads anew.
  - A generation older than one that this process has seen is never handed out: the server has lost data.
  - While the server cannot be reached, nothing is spent. A token that is in memory goes on until it expires.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from msgspec import structs

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.stores.notes import Notes
from keybearer.credentials.stores.protocol import Codec, RefreshJournal, StoreLock
from keybearer.credentials.stores.register import Register, RegisterError, RegisterState
from keybearer.credentials.stores.sealing import Sealer
from keybearer.credentials.stores.shared_login import Generation, SealedPair, SharedLogin
from keybearer.credentials.stores.shared_record import SharedRecord
from keybearer.errors import CredentialError, LoginRequired
from keybearer.types.secret import Secret

__all__ = ["RegisterStore"]


class RegisterStore:
    """A login in a register.

    Args:
        register: The register.
        sealer: Encrypts the login.
        codec: The login's format.
        holder: Says who holds the login while this process does: the host and the process.
        monotonic: A clock, in seconds.
    """

    def __init__(
        self,
        register: Register,
        sealer: Sealer,
        codec: Codec,
        *,
        holder: Callable[[], str],
        monotonic: Callable[[], float],
    ) -> None:
        self.codec = codec
        self._register, self._sealer, self._holder = register, sealer, holder
        self._record = SharedRecord(register, self.name, monotonic)
        self.notes = Notes(self._record)

    @property
    def name(self) -> str:
        """The kind and the place of the login, in words."""
        return f"{self.codec.what} in {self._register.name}"

    # ── from the last reading ───────────────────────────────────────────────

    def version(self) -> object:
        """Return the generation of the last reading; None when there is no login."""
        if self._record.reading is None:
            self._record.look()
        return self._record.last.generation if self._record.last.sealed else None

    def look(self) -> None:
        """Read the record anew, at most once a second."""
        self._record.look()

    def doubt(self, held: OAuthBundle) -> CredentialError | None:
        """Return why its refresh token must not be sent; None when it may."""
        record, reading = self._record.last, self._record.reading
        if reading is None or record.token_id != held.token_id:
            return None
        if (spending := record.in_doubt(reading.now)) is not None:
            what = f"{spending.by} began to send its refresh token at {_moment(spending.since)}, and saved no result"
        elif record.may_be_older(reading.history, reading.now):
            what = "the server was restarted or replaced after its token was due, and may have lost a newer one"
        else:
            return None
        return LoginRequired(
            f"The outcome of the last refresh of {self.name} is unknown: {what}. "
            "The token may be spent, so it is not sent again by itself.",
            source=self.name,
            problem="outcome_unknown",
            hint=f"Log in: `{self.codec.login}`. Or let it be sent once more, which ends the login if it was spent: "
            "`keybearer auth refresh`.",
        )

    def facts(self) -> str:
        """Return which pair of tokens it is, in words, as of the last reading."""
        generation = self._record.last.generation
        return f"made {_moment(generation.login / 1000)} and refreshed {generation.rotation} times since"

    def newest_key(self) -> bool:
        """Return whether the login is encrypted with the first of the keys, as of the last reading."""
        return self._sealer.sealed_with_first(self._record.last.sealed)

    # ── reading ─────────────────────────────────────────────────────────────

    def load(self, until: str | None = None) -> OAuthBundle:  # noqa: ARG002 - its journal is no login of its own
        """Read the login."""
        newest = self._record.newest  # before the reading: another thread may see a newer one meanwhile
        record = self._fetch()
        if record.generation < newest:
            raise LoginRequired(
                f"{self._register.name} has lost data: generation {newest} of the login was there, and now it is "
                f"{record.generation}. The older token is spent, so it is not used.",
                source=self.name,
                problem="gone_back",
                hint=f"Log in: `{self.codec.login}`. See that the server keeps what it has confirmed.",
            )
        if not record.sealed:
            raise CredentialError(
                f"There is no login in {self._register.name}.",
                source=self.name,
                problem="missing",
                hint=f"Run `{self.codec.login}` to make one.",
            )
        self._record.see(record)
        text = self._sealer.open(record.sealed, self._belongs(record.generation, record.token_id), self.name)
        return self.codec.parse(text, self._register.name)

    def unfinished(self) -> bool:
        """Return False: nothing there can be finished by another process."""
        return False

    def recover(self) -> OAuthBundle:
        """Read the login."""
        return self.load()

    def removable(self) -> bool:
        """Return whether there is a login; the entry's key is keybearer's own."""
        return bool(self._fetch().sealed)

    # ── changing ────────────────────────────────────────────────────────────

    def lock(self) -> StoreLock:
        """Return the lock that excludes every other process on every machine."""
        return _RecordLock(self._record, self._holder())

    def prove_writable(self) -> None:
        """Check that a login can be written, by a change that says nothing."""
        problem: RegisterError | None = None
        try:
            self._record.change(lambda record, _: structs.replace(record))  # which gets a stamp of its own
        except RegisterError as error:
            problem = error.with_traceback(None)
        if problem is not None:
            self._refuse("written", problem)

    def reserve(self, held: OAuthBundle, lock: StoreLock) -> RefreshJournal:
        """Write down that the refresh token is about to be sent, and have a replica confirm it."""

        def step(record: SharedLogin, reading: RegisterState) -> SharedLogin | None:
            return record.spend(lock.fence, held.token_id, reading.now)

        try:
            after = self._record.change(step, confirmed=True)
        except RegisterError:
            self._record.unspent(lock.fence)  # it may have been written, whatever the error says
            raise
        if after is None:
            raise RegisterError("another process has changed it meanwhile", hint="The next call reads it again.")
        return _RecordJournal(self, self._record, after.generation, held.token_id, lock.fence)

    def replace(self, text: Secret) -> None:
        """Put a new login in place."""
        bundle = self.codec.parse(text, self._register.name)

        def step(record: SharedLogin, reading: RegisterState) -> SharedLogin:
            after = record.next_login(reading.now, self._record.newest)
            return record.replace(self._pair(after, text, bundle, reading))

        self._record.change(step)

    def remove(self) -> bool:
        """Remove the login. Its generation stays, by which an older login is known if it comes back."""
        there = self.removable()

        def step(record: SharedLogin, reading: RegisterState) -> SharedLogin:
            after = record.next_login(reading.now, self._record.newest)
            return record.replace(SealedPair(generation=after, history=reading.history))

        self._record.change(step)
        return there

    def granted(self, before: Generation, token_id: str, text: Secret) -> None:
        """Put the pair of tokens that a generation was refreshed to in place, unless a newer one is there.

        Args:
            before: The generation.
            token_id: The name of its pair.
            text: The new login.

        Raises:
            RegisterError: It could not be written.
        """
        bundle = self.codec.parse(text, self._register.name)

        def step(record: SharedLogin, reading: RegisterState) -> SharedLogin | None:
            if not record.follows(before, token_id):
                return None  # it is there already, or somebody has logged in
            after = Generation(before.login, before.rotation + 1)
            return record.grant(self._pair(after, text, bundle, reading))

        self._record.change(step)

    # ── inside ──────────────────────────────────────────────────────────────

    def _pair(self, generation: Generation, text: Secret, bundle: OAuthBundle, reading: RegisterState) -> SealedPair:
        wait = bundle.seconds_until_refresh(reading.now)
        return SealedPair(
            generation=generation,
            token_id=bundle.token_id,
            sealed=self._sealer.seal(text, self._belongs(generation, bundle.token_id)),
            due=None if wait is None else reading.now + wait,
            history=reading.history,
        )

    def _belongs(self, generation: Generation, token_id: str) -> str:
        return "\0".join(("keybearer login", self._register.key, str(generation), token_id))

    def _fetch(self) -> SharedLogin:
        try:
            record, _ = self._record.fetch()
        except RegisterError as error:
            problem = error.with_traceback(None)
        else:
            return record
        return self._refuse("read", problem)

    def _refuse(self, act: str, problem: RegisterError) -> NoReturn:
        raise CredentialError(
            f"{self.name[0].upper()}{self.name[1:]} cannot be {act}: {problem.strerror}.",
            source=self.name,
            problem="unreachable",
            hint=problem.hint,
        )


class _RecordLock:
    """One holding of the record.

    Attributes:
        fence: Its number; 0 while it is not held.
    """

    def __init__(self, record: SharedRecord, by: str) -> None:
        self._record, self._by, self._process = record, by, os.getpid()
        self.fence = 0

    def acquire(self) -> bool:
        """Hold the record, if nobody else does."""
        after = self._record.change(lambda record, reading: record.take(self._by, reading.now))
        self.fence = 0 if after is None else after.fence
        return after is not None

    def release(self) -> None:
        """Hold it no longer. Where the server cannot be reached, its time ends by itself."""
        fence, self.fence = self.fence, 0
        if fence and self._process == os.getpid():  # a forked child holds nothing
            self._record.release(fence)


class _RecordJournal:
    """The mark of one refresh token that is sent."""

    def __init__(
        self, store: RegisterStore, record: SharedRecord, before: Generation, token_id: str, fence: int
    ) -> None:
        self._store, self._record, self._before, self._token_id = store, record, before, token_id
        self._fence, self._granted = fence, False

    def write(self, text: Secret) -> None:
        """Put the result in the login's place, which ends the mark."""
        self._granted = True
        self._store.granted(self._before, self._token_id, text)

    def commit(self) -> None:
        """Do nothing: the result is in place once it is written."""

    def rescue(self, text: Secret) -> None:
        """Try once more to write it: there is no other way."""
        self.write(text)

    def drop(self) -> None:
        """Do nothing: a newer login has ended the mark."""

    def discard(self, *, unspent: bool) -> None:
        """End the mark if the token is as it was; else it stays, and the login is in doubt from here on."""
        if self._granted:
            return  # saved, or still to be saved by this process, which goes on holding the login
        if unspent:
            self._record.unspent(self._fence)
        else:
            self._record.release(self._fence)


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
