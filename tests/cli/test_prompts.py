"""The text that a command is given."""

from __future__ import annotations

import pytest

from keybearer.cli.prompts import as_text, decoded
from keybearer.errors import UsageError


def test_text_of_a_file_and_of_an_argument() -> None:
    """A byte order mark and carriage returns are left out; half of a character in an argument is replaced."""
    assert decoded(b"\xef\xbb\xbfa\r\nb", "a.txt") == "a\nb"
    assert as_text("a\udcffb") == "a\ufffdb"


def test_what_is_no_text_or_too_long_is_named() -> None:
    """The error has the name of the file."""
    with pytest.raises(UsageError, match=r"a\.bin is not UTF-8 text"):
        decoded(b"\xff", "a.bin")
    with pytest.raises(UsageError, match=r"a\.txt is longer than 1 MiB"):
        decoded(b"a" * ((1 << 20) + 1), "a.txt", 1 << 20)
