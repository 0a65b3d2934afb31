"""The record of a shared login on its server: read, and changed a step at a time by compare-and-set.

Strategy: a change reads the record, takes its step and puts the result in place if the record still is what was read; where another
machine was first, the step is taken again. Notes, and requests that have spent nothing after all, are kept here until a change takes
them along, so that writing one waits for no network.

Contract: `SharedRecord.last` and the notes are of the last reading. `look` raises nothing. That the server went, and that it is back,
is one line of the log each.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from keybearer.credentials.stores.register import Register, RegisterError, RegisterState
from keybearer.credentials.stores.shared_login import Generation, SharedLogin

__all__ = ["SharedRecord", "Step"]

TRIES: Final = 20
"""How often a change is tried again because another machine was first."""

LOOK_EVERY: Final = 1.0
"""The shortest time between two readings for `look`, in seconds."""

Step: TypeAlias = Callable[[SharedLogin, RegisterState], SharedLogin | None]
"""From the record and its reading to the next record; None for no change."""

_log = logging.getLogger("keybearer")


class SharedRecord:
    """The record in a register.

    Args:
        register: The register.
        name: The login, in words.
        monotonic: A clock, in seconds.

    Attributes:
        last: The record of the last reading.
        reading: The last reading; None before the first.
        newest: The newest generation that this process has seen.
    """

    def __init__(self, register: Register, name: str, monotonic: Callable[[], float]) -> None:
        self._register, self._name, self._monotonic = register, name, monotonic
        self.last = SharedLogin()
        self.reading: RegisterState | None = None
        self.newest = Generation()
        self._looked = float("-inf")
        self._notes: dict[str, dict[str, Any] | None] = {}
        self._unspent: set[int] = set()
        self._problem = ""

    def fetch(self) -> tuple[SharedLogin, RegisterState]:
        """Read the record; an empty one where there is none.

        Raises:
            RegisterError: It cannot be read.
        """
        try:
            reading = self._register.read()
            record = SharedLogin() if reading.text is None else _record(reading.text)
        except RegisterError as error:
            self._report(error.strerror or "")
            raise
        self._report("")
        self.last, self.reading = record, reading
        return record, reading

    def change(self, step: Step, *, confirmed: bool = False) -> SharedLogin | None:
        """Take a step.

        Args:
            step: The step. It may be taken several times.
            confirmed: Whether to wait until a replica has it, where there is one.

        Returns:
            The record now; None where the step gave none.

        Raises:
            RegisterError: It could not be written, or nobody knows, or no replica has it.
        """
        for _ in range(TRIES):
            record, reading = self.fetch()
            after = step(record, reading)
            if after is None:
                return None
            notes, unspent = dict(self._notes), set(self._unspent)
            for fence in unspent:
                after = after.settle(fence)
            after = after.note(notes)
            text = reading.text
            if after is not record:
                after = msgspec.structs.replace(after, stamp=secrets.token_hex(8))
                text = msgspec.json.encode(after).decode()
                if not self._register.compare_and_set(reading.text, text, confirmed=confirmed):
                    continue
            self._notes = {
                name: each for name, each in self._notes.items() if name not in notes or notes[name] is not each
            }
            self._unspent -= unspent
            self.last, self.reading = after, msgspec.structs.replace(reading, text=text)
            self.see(after)
            return after
        raise RegisterError("other processes change it all the time", hint="Try again.")

    def see(self, record: SharedLogin) -> None:
        """Remember its generation, if no newer one is known."""
        self.newest = max(self.newest, record.generation)

    def unspent(self, fence: int) -> None:
        """Write down, now or as soon as the server can be reached, that a request was not sent, or has spent nothing."""
        self._unspent.add(fence)
        self._try(lambda record, _: record)

    def release(self, fence: int) -> None:
        """Hold the login no longer. Where the server cannot be reached, the holder's time ends by itself."""
        self._try(lambda record, _: record.release(fence))

    def look(self) -> None:
        """Read the record, at most once a second, and write what has to be written."""
        now = self._monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._try(_witnessed)

    def _try(self, step: Step) -> None:
        with contextlib.suppress(RegisterError):  # it is reported, and the next change takes along what is left
            self.change(step)

    # ── the records of its notes ────────────────────────────────────────────

    def read(self, name: str) -> dict[str, Any]:
        """Return a note as of the last reading."""
        return (self._notes[name] if name in self._notes else self.last.notes.get(name)) or {}

    def write(self, name: str, record: dict[str, Any] | None) -> None:
        """Replace a note: here at once, on the server with the next change."""
        if record is not None or name in self.last.notes or name in self._notes:
            self._notes[name] = record

    def _report(self, problem: str) -> None:
        """Log once that the server went, and once that it is back."""
        if problem and not self._problem:
            words = "%s cannot be used: %s. A token that is still good stays in use, and none is refreshed meanwhile."
            _log.warning(words, self._name, problem)
        elif self._problem and not problem:
            _log.warning("%s can be used again.", self._name)
        self._problem = problem


def _witnessed(record: SharedLogin, reading: RegisterState) -> SharedLogin:
    """Note that a generation is still the newest after the server was restarted or replaced, while that is certain."""
    moved = record.sealed and reading.history and reading.history != record.history
    return (
        record.witness(reading.history) if moved and not record.may_be_older(reading.history, reading.now) else record
    )


def _record(text: str) -> SharedLogin:
    problem = ""
    try:
        return msgspec.json.decode(text, type=SharedLogin)
    except (msgspec.MsgspecError, ValueError):
        problem = "what is there is no login of keybearer"
    raise RegisterError(problem, hint="Name another login with auth.store_name, or remove that key.")
