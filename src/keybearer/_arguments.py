"""Numbers and days on the command line: a value that cannot work is wrong usage, reported at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["count", "day", "port", "positive", "positive_amount", "rate", "seconds", "thinking", "whole_seconds"]

LONGEST: Final = 86400.0 * 365
"""The longest wait, in seconds; a lock of the system cannot wait for much more."""


def count(text: str) -> int:
    """Read a whole number that is not negative.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if text.isdecimal() and text.isascii() and len(text) < 10:
        return int(text)
    raise argparse.ArgumentTypeError(f"it is a whole number, 0 or more, not {text!r}")


def positive(text: str) -> int:
    """Read a whole number above zero.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if number := count(text):
        return number
    raise argparse.ArgumentTypeError("it is a whole number above 0")


def positive_amount(text: str) -> str:
    """Read a number above zero, and return it as it is written: dollars are counted exactly.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if _number(text, what := "a number above 0") > 0:
        return text
    raise argparse.ArgumentTypeError(f"it is {what}, not {text!r}")


def thinking(text: str) -> str | int:
    """Read whether a model thinks: `adaptive`, `disabled`, or for how many tokens.

    Raises:
        argparse.ArgumentTypeError: It is none of them.
    """
    if text in {"adaptive", "disabled"}:
        return text
    try:
        return positive(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"it is adaptive, disabled or a number of tokens, not {text!r}") from None


def day(text: str) -> dt.date:
    """Read a day.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    import datetime as dt

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day is written as 2027-01-22, not {text!r}") from None


def port(text: str) -> int:
    """Read a port.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if text.isdecimal() and text.isascii() and len(text) < 6 and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")


def rate(text: str) -> float:
    """Read a number that is not negative.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return _number(text, "a number that is not negative")


def seconds(text: str) -> float:
    """Read a wait.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return _number(text, "a number of seconds, from 0 to a year")


def whole_seconds(text: str) -> int:
    """Read a lifetime in whole seconds.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    number = _number(text, what := "a whole number of seconds, from 0 to a year")
    if number != int(number):
        raise argparse.ArgumentTypeError(f"it is {what}, not {text!r}")
    return int(number)


def whole_number(text: str) -> int:
    """Read a whole number that is not negative.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if text.isascii() and text.isdecimal():
        return int(text[:18])
    raise argparse.ArgumentTypeError(f"it is a whole number that is not negative, not {text!r}")


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if 0 <= number <= LONGEST:  # false for nan too
        return number
    raise argparse.ArgumentTypeError(f"it is {what}, not {text!r}")
