"""Questions to a person: on standard error, answered by lines of standard input.

Contract: a question whose input has ended is an error that says how to go without questions. A secret is not shown while it is typed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NoReturn

from keybearer.cli.output import clean, complain
from keybearer.cli.terminal import is_terminal
from keybearer.errors import UsageError
from keybearer.types.secret import Secret

__all__ = ["Questions"]

MOST_WRONG = 5
"""How many answers to one question may be none of its choices."""


class Questions:
    """Asks, or takes the defaults.

    Args:
        without: How to go without questions, for the error of an input that has ended: a sentence.
        silent: Whether each question has its default at once.
    """

    def __init__(self, without: str, *, silent: bool = False) -> None:
        self._without = without
        self.silent = silent

    def text(self, question: str, default: str = "") -> str:
        """Ask for a text; an empty answer is the default.

        Raises:
            UsageError: The input has ended.
        """
        if self.silent:
            return default
        self._prompt(f"{question} [{default}] " if default else f"{question} ")
        return self._line() or default

    def choice(self, question: str, choices: Mapping[str, str], default: str) -> str:
        """Ask for one of several things, by its number or its name.

        Args:
            question: The question.
            choices: Each name, and its line of words.
            default: The one that an empty answer is.

        Raises:
            UsageError: The input has ended, or was wrong too often.
        """
        if self.silent:
            return default
        names = list(choices)
        complain(question)
        for number, (name, words) in enumerate(choices.items(), 1):
            complain(f"  {number}  {name:12} {words}")
        for _ in range(MOST_WRONG):
            self._prompt(f"Which one? [{names.index(default) + 1}] ")
            answer = self._line() or default
            if answer.isdecimal() and 0 < int(answer) <= len(names):
                return names[int(answer) - 1]
            if answer in choices:
                return answer
            complain(f"There is no {clean(answer)!r}: give a number from 1 to {len(names)}, or a name.")
        raise UsageError(f"No answer was one of: {', '.join(names)}.", hint=self._without)

    def confirm(self, question: str) -> bool:
        """Ask whether to do something; the default is no.

        Raises:
            UsageError: The input has ended.
        """
        if self.silent:
            return False
        self._prompt(f"{question} [y/N] ")
        return self._line().lower() in {"y", "yes"}

    def secret(self, question: str) -> Secret:
        """Ask for a secret, which a terminal does not show; also where other questions are silent.

        Raises:
            UsageError: The input has ended.
        """
        if is_terminal(sys.stdin):
            import getpass

            try:
                return Secret(getpass.getpass(f"{question} ", stream=sys.stderr).strip())
            except EOFError:
                self._ended()
        self._prompt(f"{question} ")
        return Secret(self._line())

    def _line(self) -> str:
        line = "" if sys.stdin is None else sys.stdin.readline()
        if not line:
            self._ended()
        return line.strip()

    def _ended(self) -> NoReturn:
        complain("")
        raise UsageError("Standard input has ended, and a question has no answer.", hint=self._without)

    @staticmethod
    def _prompt(text: str) -> None:
        if sys.stderr is not None:
            print(clean(text), end="", file=sys.stderr, flush=True)
