"""JSON lines on standard output, written by a thread that may fall behind but never holds the server up.

Whoever started the twin may read the first line and no other; a full pipe then costs lines, not answers.
"""

from __future__ import annotations

import os
import queue
import threading
from typing import Any, Final

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.core.reply import encode

__all__ = ["LineWriter", "request_line"]

MOST_WAITING: Final = 1_000


def request_line(entry: RecordedRequest) -> dict[str, Any]:
    """Render an answered request in one line, without its body."""
    credential = entry.headers.get("x-api-key") or entry.headers.get("authorization")
    return {
        "event": "request",
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "seconds": round(entry.seconds, 6),
        "request_id": entry.request_id,
        "credential": credential,
        **{key: value for key, value in entry.note.items() if value is not None},
    }


class LineWriter:
    """Writes JSON lines to a file descriptor.

    Args:
        descriptor: Where to; standard output when omitted.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._queue: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._run, name="keybearer-simulator-lines", daemon=True).start()

    def write(self, value: Any) -> None:
        """Queue a line; it is dropped when nobody has read the last thousand."""
        try:
            self._queue.put_nowait(encode(value) + b"\n")
        except queue.Full:
            return

    def _run(self) -> None:
        while True:
            line = self._queue.get()
            try:
                while line:  # past Python's buffers, whose lock must be free when the interpreter ends
                    line = line[os.write(self._descriptor, line) :]
            except OSError:  # nobody reads any more
                return
