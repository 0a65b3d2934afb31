"""The words of the network's errors."""

from __future__ import annotations

import pytest

from keybearer.shell.transports.failures import connection_error, timeout_error

URL = "https://api.anthropic.com/v1/messages"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 9)"), "Connection refused"),
        (OSError("[Errno None] Can not write request body"), "Can not write request body"),
        ("[SSL: X] bad certificate (_ssl.c:1006)", "[SSL: X] bad certificate"),
        ("<urllib3.connection.HTTPConnection object at 0x7f00>: refused.", "refused"),
        (RuntimeError(), "RuntimeError"),
        ("at http://u:canary@proxy:1\x1b[2J", "at http://***@proxy:1\\x1b[2J"),
    ],
)
def test_a_reason_loses_its_noise(reason: str | BaseException, said: str) -> None:
    """No number of an error, no object's address, no line of C, no password, nothing that steers a terminal."""
    error = connection_error("connect", URL, reason)
    assert error.message == f"No connection to api.anthropic.com could be made: {said}."


def test_an_exception_without_words_gives_those_of_its_cause() -> None:
    """What only says its class was raised from what says more."""
    error = OSError()
    error.__cause__ = ConnectionResetError(104, "x")
    assert (
        connection_error("read", URL, error).message
        == "The connection to api.anthropic.com broke: Connection reset by peer."
    )


@pytest.mark.parametrize(
    ("phase", "delivered", "where"),
    [
        ("dns", False, "dns"),
        ("connect", False, "connect"),
        ("proxy", False, "proxy"),
        ("tls", False, "tls"),
        ("url", False, "connect"),
        ("first_byte", True, "first_byte"),
        ("read", True, "read"),
    ],
)
def test_what_failed_before_the_request_was_sent_delivered_nothing(phase: str, where: str, *, delivered: bool) -> None:
    """Only a connection that broke with the request under way may have delivered it; each has something to do next."""
    error = connection_error(phase, URL, "x")
    assert (error.phase, error.delivered) == (where, delivered)
    assert error.hint


def test_a_wait_that_the_system_cut_short_names_no_limit() -> None:
    """Without a limit of ours there is no setting to name."""
    assert timeout_error("connect", None).message == "No connection was made in the system's own time."
    assert timeout_error("progress", 1.5).message == "Nothing but pings came within 1.5 s (timeouts.progress)."
