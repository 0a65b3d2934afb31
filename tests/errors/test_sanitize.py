"""Text from elsewhere in a message: one line, printable, short, and without a secret."""

from __future__ import annotations

import pytest

from keybearer.errors.sanitize import excerpt, sanitize, without_keys, without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is: äöü 日本", "as it is: äöü 日本"),
        ("two\r\n\tlines  here ", "two lines here"),
        ("\x1b[31mred\x1b[0m\x07", "\\x1b[31mred\\x1b[0m\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb\ud800", "a\\u202eb\\ud800"),
        ("at http://user:pa@ss@proxy.example:8080/x", "at http://***@proxy.example:8080/x"),
        ("https://a.example/@b", "https://a.example/@b"),
        ("the key sk-ant-api03-abcdefghij is bad", "the key sk-ant-*** is bad"),
        ("", ""),
    ],
)
def test_what_steers_a_terminal_is_escaped_and_secrets_are_hidden(text: str, shown: str) -> None:
    """Control characters and lone surrogates become escapes, white space one space, keys and passwords asterisks."""
    assert sanitize(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    """At most so many characters are shown, with how many there were; a text of any size costs little."""
    assert sanitize("x" * 1000) == "x" * 1000
    assert sanitize("x" * 1001) == "x" * 1000 + "... (cut: it has 1,001 characters)"
    assert sanitize("y" * 50_000_000, 10) == "yyyyyyyyyy... (cut: it has 50,000,000 characters)"
    assert len(sanitize("\x00" * 5000)) < 1100


def test_a_url_without_its_password() -> None:
    """User and password go, host and port stay."""
    assert without_password("socks5://u:p@10.0.0.1:1080") == "socks5://***@10.0.0.1:1080"
    assert without_password("http://proxy:3128") == "http://proxy:3128"


def test_the_beginning_of_a_body() -> None:
    """Bytes of any kind become a short line that can be shown."""
    assert excerpt(b"<html>\r\n <b>\x1b[2J</b>\xff") == "<html> <b>\\x1b[2J</b>\ufffd"
    assert excerpt(b"x" * 5_000_000) == "x" * 200
    assert excerpt("{\x00}", 3) == "{\\x"


def test_a_key_of_any_form_that_the_end_of_a_text_cuts() -> None:
    """Its beginning is no longer than a third, or is hidden; words that only begin alike stay."""
    secret = "gateway-key-0123456789-abcdefghij"
    for size in range(len(secret) + 1):
        shown = without_keys(f"it said: {secret[:size]}", secret)
        assert shown == "it said: ***" if size >= len(secret) // 3 else secret[: len(secret) // 3] not in shown
    assert without_keys("ask gateway-ops", secret) == "ask gateway-ops"
