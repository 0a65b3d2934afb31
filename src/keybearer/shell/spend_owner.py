"""A process that holds reservations in a ledger's file: whether it still lives, and what it did with them.

Strategy: each process appends lines to a file of its own, which it keeps locked for as long as it lives: that the request of a
reservation is sent now, and what it came to, or the batch that it stands for. A line is one write, so a process that is killed has
left every line that it wrote. Whoever finds the file unlocked knows that its process is dead, and settles what it held.

Contract: what a dead process held is given back only where it is certain that nothing was sent: its file is there, of this boot of the
machine, without such a line. Everything else counts as spent.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final, Self

from keybearer.credentials.stores.lock import FileLock
from keybearer.policy.spend_amounts import NOTHING, Amount

__all__ = ["DeadOwner", "Owner"]

_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_LARGE: Final = 1 << 20
"""How large the file may grow before it is emptied, when nothing is held."""


def _boot() -> str:
    """Return this boot of the machine, of which nothing is lost that was written; `0` where the system does not say."""
    try:
        return _BOOT.read_text(encoding="ascii").strip().replace("-", "")[:16]
    except OSError:
        return "0"


class Owner:
    """This process.

    Args:
        folder: Where the files are.

    Attributes:
        name: Its name, which no other process has.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.name = f"{_boot()}-{secrets.token_hex(8)}"
        self._file = folder / f"{self.name}.held"
        # Locked under a name that nobody looks for, so that it is never taken for one whose process has died.
        new = self._file.with_suffix(".new")
        self._lock = FileLock(new)
        if not self._lock.acquire():  # pragma: no cover - a name of 64 random bits was taken
            raise BlockingIOError
        self._descriptor = os.open(new, _FLAGS, 0o600)
        new.rename(self._file)

    def mark_sent(self, number: int) -> None:
        """Record that the request of a reservation is sent now.

        Raises:
            OSError: It cannot be recorded, as on a full disk.
        """
        self._write(f"\nsent {number} .\n")

    def mark_ended(self, number: int, amount: Amount) -> None:
        """Record what a reservation came to.

        Raises:
            OSError: It cannot be recorded.
        """
        self._write(f"\nended {number} {amount.nano} {amount.tokens} .\n")

    def mark_batch(self, number: int, batch: str) -> None:
        """Record that a reservation stands for a batch.

        Raises:
            OSError: It cannot be recorded.
        """
        self._write(f"\nbatch {number} {batch} .\n")

    def trim(self) -> None:
        """Empty the file if it is large; nothing may be held."""
        if os.fstat(self._descriptor).st_size > _LARGE:
            os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Remove the file; nothing may be held."""
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._lock.release()

    def _write(self, line: str) -> None:
        data = line.encode()
        if os.write(self._descriptor, data) < len(data):
            raise OSError(28, os.strerror(28))  # what was written is no line, for it has no end


class DeadOwner:
    """A process that has died, as its file says; the file is locked while this is open.

    Args:
        lock: The lock of its file, which is held; None where there is no file.
        file: The file.
    """

    def __init__(self, lock: FileLock | None, file: Path) -> None:
        self._lock, self._file = lock, file
        self._certain = lock is not None and file.name.startswith(f"{_boot()}-")
        self._sent: set[int] = set()
        self._ended: dict[int, Amount] = {}
        self._batches: dict[int, str] = {}
        for line in file.read_text(encoding="ascii", errors="replace").splitlines() if lock is not None else ():
            match line.split(" "):
                case ["sent", number, "."]:
                    self._sent.add(int(number))
                case ["ended", number, nano, tokens, "."]:
                    self._ended.setdefault(int(number), Amount(int(nano), int(tokens)))
                case ["batch", number, batch, "."]:
                    self._batches[int(number)] = batch
                case _:  # a line that was cut, by a full disk
                    pass

    @classmethod
    def find(cls, folder: Path, name: str) -> Self | None:
        """Return a process that has died; None for one that lives."""
        file = folder / f"{name}.held"
        if not file.exists():
            return cls(None, file)
        lock = FileLock(file)
        return cls(lock, file) if lock.acquire() else None

    def batch(self, number: int) -> str | None:
        """Return the batch that a reservation of it stands for; None for another call's."""
        return self._batches.get(number)

    def amount(self, number: int, reserved: Amount) -> Amount:
        """Return what a reservation of it is to be booked with."""
        if number in self._ended:
            return self._ended[number]
        return reserved if number in self._sent or not self._certain else NOTHING

    def close(self, *, remove: bool) -> None:
        """Let the file go; remove it once all that its process held is settled."""
        if self._lock is not None:
            if remove:
                self._file.unlink(missing_ok=True)
            self._lock.release()
