"""What a run of a batch has sent, beside its output: a run that was ended goes on, and nothing is sent and paid twice.

Contract: `<output>.batch.json` says that requests are being sent before the first is, and names each batch as soon as it is made. A
run that finds it goes on behind the requests that it counts; one that finds it in the middle of sending knows only that something more
may have been made, and sends nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from keybearer.errors import UsageError

__all__ = ["BatchRecord"]


class BatchRecord:
    """The record of a run.

    Args:
        output: The file of the results; None for standard output, where nothing is recorded.
        digest: The digest of the requests.

    Attributes:
        batches: The ids of the batches that were made.
        sent: How many requests are in them, in their order.

    Raises:
        UsageError: An earlier run may have made some that it does not know, or was of other requests.
    """

    def __init__(self, output: str | None, digest: str) -> None:
        self._path = None if output is None else Path(f"{output}.batch.json")
        self._digest = digest
        self.batches: list[str] = []
        self.sent = 0
        if self._path is not None and self._path.exists():
            self._read(self._path)

    def _read(self, path: Path) -> None:
        held: dict[str, Any] = {}
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            self.batches, self.sent, sending = list(map(str, held["batches"])), int(held["sent"]), bool(held["sending"])
            same = held["requests"] == self._digest
        except (ValueError, KeyError, TypeError):
            same = sending = False
        if not same:
            raise UsageError(
                f"{path} is of a run with other requests, or is damaged.",
                hint="Write to another file with -o; or remove it, if that run's results are not wanted.",
            )
        if sending:
            raise UsageError(
                f"An earlier run ended while it sent these requests ({path}): more may be under way, and would be paid twice.",
                hint="`keybearer batch status` shows what there is. Remove the file to send them all again.",
            )

    def begin(self) -> None:
        """Write that requests are being sent.

        Raises:
            OSError: It cannot be written.
        """
        self._write(sending=True)

    def made(self, batch: str, requests: int) -> None:
        """Write that a batch was made of so many more requests."""
        self.batches.append(batch)
        self.sent += requests
        self._write(sending=True)

    def end(self) -> None:
        """Write that nothing more is under way; what was not sent can be."""
        if self.batches:
            self._write(sending=False)
        else:
            self.done()

    def done(self) -> None:
        """Remove it: the results are written, or nothing was sent."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _write(self, *, sending: bool) -> None:
        if self._path is None:
            return
        text = {"version": 1, "requests": self._digest, "sending": sending, "sent": self.sent, "batches": self.batches}
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(text, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
