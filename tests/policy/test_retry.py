"""Which errors are worth another attempt, and after how long."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer import errors as e
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.transports.failures import connection_error, timeout_error
from keybearer.wire.response.errors import api_error

random = st.floats(0, 1, exclude_max=True)
URL = "https://api.anthropic.com/v1/messages"


def status(cls: type[e.APIError], number: int, said: str | None = None, **fields: Any) -> e.APIError:
    """Return the error of a reply, with what its `x-should-retry` said."""
    headers = {} if said is None else {"x-should-retry": said}
    return cls("no", status=number, http_status=number, headers=headers, **fields)


CASES: list[tuple[str, e.KeybearerError, int]] = [
    # what came, the error, how often it is tried at the most
    ("429", status(e.RateLimited, 429), 5),
    ("429, x-should-retry: false", status(e.RateLimited, 429, "false"), 1),
    ("429, x-should-retry: true", status(e.RateLimited, 429, "true"), 5),
    ("429 that is a quota", status(e.QuotaExceeded, 429), 1),
    ("429 that is a quota, x-should-retry: true", status(e.QuotaExceeded, 429, "true"), 1),
    ("500", status(e.ServerError, 500), 3),
    ("500, x-should-retry: false", status(e.ServerError, 500, "false"), 1),
    ("529", status(e.Overloaded, 529), 3),
    ("408", status(e.ServerError, 408), 3),
    ("408, x-should-retry: false", status(e.ServerError, 408, "false"), 1),
    ("409", status(e.Conflict, 409), 1),
    ("409, x-should-retry: true", status(e.Conflict, 409, "true"), 3),
    ("400", status(e.InvalidRequest, 400), 1),
    ("400, x-should-retry: true", status(e.InvalidRequest, 400, "true"), 1),
    ("401, x-should-retry: true", status(e.AuthenticationFailed, 401, "true"), 1),
    ("402", status(e.QuotaExceeded, 402), 1),
    ("403", status(e.PermissionDenied, 403), 1),
    ("404", status(e.NotFound, 404), 1),
    ("413", status(e.RequestTooLarge, 413), 1),
    ("501", api_error(501, None, {}), 1),
    ("501, x-should-retry: true", api_error(501, None, {"x-should-retry": "true"}), 3),
    ("524", api_error(524, None, {}), 3),
    ("overloaded inside a stream, before content", e.in_stream(e.Overloaded)("no", status=529, http_status=200), 3),
    ("a rate limit inside a stream, before content", e.in_stream(e.RateLimited)("no", status=429, http_status=200), 5),
    ("an invalid request inside a stream", e.in_stream(e.InvalidRequest)("no", status=400, http_status=200), 1),
    ("a stream that ended before any content", e.StreamTruncated("no"), 1),
    ("a stream that stood still before any content", e.StreamTimedOut("no", phase="idle"), 1),
    ("a stream that broke the protocol", e.StreamProtocolError("no"), 1),
    ("no address", connection_error("dns", URL, "no"), 3),
    ("no connection", connection_error("connect", URL, "no"), 3),
    ("a URL that cannot be used", connection_error("url", URL, "no", retryable=False), 1),
    ("a certificate that is not trusted", connection_error("tls", URL, "no", retryable=False), 1),
    ("no time left to connect", timeout_error("connect", 1.0), 3),
    ("a connection that ended while the request went out", connection_error("send", URL, "no"), 3),
    ("a connection that ended before a reply", connection_error("first_byte", URL, "no"), 3),
    ("a connection that ended inside a reply", connection_error("read", URL, "no"), 1),
    ("no reply in time", timeout_error("first_byte", 1.0), 1),
    ("a reply that stopped", timeout_error("idle", 1.0), 1),
    ("the call's own time", timeout_error("total", 1.0), 1),
    ("an answer that is not the API's", e.UnexpectedResponse("no", status=200), 1),
]


@pytest.mark.parametrize(("error", "attempts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_how_often_each_failure_is_tried(error: e.KeybearerError, attempts: int) -> None:
    """The table of failures: how often a request is sent at the most, the first time included."""
    policy = RetryPolicy()
    assert [policy.allows(error, number) for number in range(1, 6)] == [number < attempts for number in range(1, 6)]


@pytest.mark.parametrize("error", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_an_error_says_of_itself_what_the_policy_does(error: e.KeybearerError) -> None:
    """`error.retryable` is true of what is tried again, unless a header of the reply says otherwise."""
    if not getattr(error, "headers", {}):
        assert error.retryable is RetryPolicy().allows(error, 1)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (e.ConnectionFailed("no", phase="read", delivered=True, retryable=True), False),
        (e.TimedOut("no", phase="first_byte", delivered=True, retryable=True), False),
        (e.ConnectionFailed("no", phase="first_byte", delivered=True, retryable=True), True),
    ],
    ids=["cut inside a reply", "no reply in time", "gone before a reply"],
)
def test_a_transport_s_word_does_not_make_a_delivered_request_safe(error: e.TransportError, again: bool) -> None:
    """A transport of the user's own may call any failure retryable: what the service may have answered is not paid for twice."""
    assert RetryPolicy().allows(error, 1) is again


@given(st.lists(random, min_size=1, max_size=30))
def test_each_wait_is_between_the_one_before_and_twice_that(draws: list[float]) -> None:
    """From 1 s to 60 s, at most double the wait before, and never shorter than it."""
    policy, wait = RetryPolicy(), 0.0
    for draw in draws:
        after = policy.backoff(wait, draw)
        assert max(wait, 1.0) <= after <= min(60.0, 2 * max(wait, 1.0))
        wait = after


def test_it_reaches_the_longest_wait_and_stays() -> None:
    """With the worst luck the waits double up to the longest."""
    policy, waits = RetryPolicy(), [0.0]
    for _ in range(8):
        waits.append(policy.backoff(waits[-1], 0.999999999))
    assert [round(wait) for wait in waits[1:]] == [2, 4, 8, 16, 32, 60, 60, 60]


@given(st.floats(0, 10_000), st.floats(1, 60))
def test_the_service_s_wait_is_the_least(asked: float, backoff: float) -> None:
    """The wait is never shorter than what the service asks for, nor than our own."""
    error = e.RateLimited("no", retry_after=asked)
    assert RetryPolicy().delay(error, backoff) == max(asked, backoff)


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (e.Overloaded("no", retry_after=7.0), 7.0),
        (e.ServerError("no", retry_after=None), 2.0),
        (connection_error("connect", URL, "no"), 2.0),
        (e.RateLimited("no", retry_after=1e12), 30 * 86_400.0),
    ],
    ids=["529 that asks for more", "500 that asks for nothing", "no connection", "429 that asks for 30,000 years"],
)
def test_the_wait_before_the_next_attempt(error: e.KeybearerError, wait: float) -> None:
    """A 5xx is heard as a 429 is, and no wait is longer than thirty days."""
    assert RetryPolicy().delay(error, 2.0) == wait
