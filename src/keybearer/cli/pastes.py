"""Waits for a login's answer: from the browser, or from lines on standard input.

Strategy: a thread reads lines, and everything that can end the wait comes through one queue, so that one `get` waits for both under
one time limit. A paste may be wrapped over lines: each line is read alone, then joined with the previous ones.

Contract: a wrong paste ends nothing. After `MOST_WRONG` of them, or `MOST_LINES` lines in all, no more is read, so endless input fills
neither the memory nor the screen.
"""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from keybearer.cli.auth_setup import MAX_PASTE
from keybearer.cli.output import complain
from keybearer.credentials.oauth.authorization import LoginAnswer

__all__ = ["Desk"]

MOST_WRONG: Final = 10
"""How many wrong pastes are reported."""
MOST_LINES: Final = 200
"""How many lines are read, the empty ones included."""
WRAPPED: Final = 8
"""Over how many lines a paste may be wrapped."""

_END: Final = ""
"""What the queue has for the end of standard input."""


class _Pastes:
    """What was pasted so far."""

    def __init__(self, read: Callable[[str], LoginAnswer], *, alone: bool) -> None:
        self._read, self._alone = read, alone
        self._lines = deque[str](maxlen=WRAPPED)
        self._wrong = 0
        self.given_up = False

    def take(self, line: str) -> LoginAnswer | None:
        """Read a line; give the answer that ends the login, or None to go on."""
        if self.given_up or not line.strip():
            return None
        self._lines.append(line)
        alone, joined = self._read(line), self._read("".join(self._lines))
        for answer in (alone, joined):
            if not answer.stray:
                return answer
        self._wrong += 1
        if self._wrong < MOST_WRONG:
            complain(f"That is not it: {alone.stray}. Try again:")
            return None
        self.given_up = True
        words = f"{MOST_WRONG} pastes were not this login's answer: {alone.stray}."
        if self._alone:
            return LoginAnswer(refusal=words)
        complain(f"{words} No more are read; the browser's answer still counts.")
        return None

    def end(self) -> LoginAnswer | None:
        """Handle the end of standard input."""
        return LoginAnswer(refusal="Standard input ended before a code was pasted.") if self._alone else None


class Desk:
    """Where a login waits: for the browser's answer, and for what is typed."""

    def __init__(self) -> None:
        self._news: queue.Queue[str | LoginAnswer] = queue.Queue()
        self._listening = False
        self._deaf = threading.Event()

    def put(self, answer: LoginAnswer) -> None:
        """Take the browser's answer."""
        self._news.put(answer)

    def answer(self, read: Callable[[str], LoginAnswer], seconds: float, *, alone: bool) -> LoginAnswer:
        """Wait for the answer that ends the login.

        Args:
            read: Reads a paste.
            seconds: How long to wait.
            alone: Whether nothing but a paste can bring it.
        """
        end, pastes = time.monotonic() + seconds, _Pastes(read, alone=alone)
        self._listen()
        answer = None
        while answer is None:
            try:
                news = self._news.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return LoginAnswer(refusal=f"No answer came within {seconds:g} s.")
            answer = news if isinstance(news, LoginAnswer) else pastes.take(news) if news else pastes.end()
            if pastes.given_up:
                self._deaf.set()
        return answer

    @property
    def attended(self) -> bool:
        """Whether a person is there to be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and not self._deaf.is_set()

    def agrees(self, seconds: float) -> bool:
        """Wait for the answer to a question; anything but a yes is a no."""
        self._listen()
        with contextlib.suppress(queue.Empty):
            while isinstance(news := self._news.get(timeout=seconds), LoginAnswer):
                pass  # the browser's, which came too late
            return news.strip().lower() in {"y", "yes"}
        return False

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            threading.Thread(target=self._read, name="keybearer-paste", daemon=True).start()

    def _read(self) -> None:
        """Hand on the lines of standard input, up to its end."""
        with contextlib.suppress(OSError, ValueError):
            for _ in range(MOST_LINES):
                line = sys.stdin.readline(MAX_PASTE) if sys.stdin is not None else ""
                if not line or self._deaf.is_set():
                    break
                self._news.put(line)
        self._news.put(_END)
