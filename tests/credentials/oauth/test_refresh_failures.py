"""A refresh without a grant: what each reply leads to, and that the file stays as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import ConnectionFailed, LoginRequired, RefreshFailed, TimedOut
from keybearer.types.secret import Secret
from support.logins import (
    ACCESS,
    NOW,
    REFRESH,
    Endpoint,
    HandClock,
    bundle,
    cut_off,
    granted,
    reply,
    write_private,
)
from support.refreshes import leftovers, spend

STRANGE = [
    reply(200, b"<html>Log in to the hotel's network</html>", content_type="text/html"),
    reply(200, b'{"access_token": "sk-ant-oat01-cut', content_type="application/json"),
    reply(200, b""),
    reply(200, b"x" * (2 << 20)),
    reply(200, json.dumps(granted(filler="x" * (2 << 20))).encode()),
    reply(200, []),
    reply(200, {}),
    reply(200, granted(access_token="")),
    reply(200, granted(access_token="two words")),
    reply(200, granted(access_token=["x"])),
    reply(200, granted(token_type="mac")),
    reply(302, b"", location="https://example.com"),
    reply(204, b""),
]


@pytest.mark.parametrize("answer", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_reply_changes_nothing(path: Path, answer: Any) -> None:
    """HTML, a cut body, 2 MiB, no token, a redirect: one request, an error, and the file as it was."""
    before = path.read_bytes()
    endpoint = Endpoint(answer)
    with pytest.raises(RefreshFailed) as caught:
        spend(path, endpoint)
    assert len(endpoint.requests) == 1
    assert path.read_bytes() == before
    assert leftovers(path) == []
    assert "sk-ant" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (reply(429, {"error": "rate_limited"}, retry_after="7"), 7.0),
        (reply(429, {"type": "error", "error": {"type": "rate_limit_error"}}), 0.0),
        (reply(503, b"<html>", content_type="text/html", retry_after="51811"), 3600.0),
        (reply(500, {}, retry_after="Fri, 15 Jan 2027 08:00:30 GMT"), 30.0),
        (cut_off(), 0.0),
    ],
    ids=range(5),
)
def test_a_busy_endpoint_says_when_to_come_back(path: Path, answer: Any, wait: float) -> None:
    """429, 5xx and a broken connection leave the file as it was; Retry-After is honoured up to an hour."""
    before = path.read_bytes()
    with pytest.raises(RefreshFailed) as caught:
        spend(path, Endpoint(answer))
    assert caught.value.retryable
    assert caught.value.retry_after == wait
    assert path.read_bytes() == before
    assert leftovers(path) == []


@pytest.mark.parametrize(
    ("failed", "words", "advice"),
    [
        (
            ConnectionFailed(
                "TLS with console.anthropic.com failed: unknown CA.", phase="tls", hint="Name it in ca_file."
            ),
            "TLS with console.anthropic.com failed: unknown CA.",
            "Name it in ca_file.",
        ),
        (
            ConnectionFailed(
                "The proxy failed: 407.", phase="proxy", hint="Check its address and its login: proxy=..."
            ),
            "console.anthropic.com: the proxy failed: 407.",
            "Check its address and its login: proxy=...",
        ),
        (
            ConnectionFailed(
                "The address of console.anthropic.com was not found.", phase="dns", hint="Check base_url."
            ),
            "the address of console.anthropic.com was not found.",
            "Check the network, and auth.token_endpoint if it is set.",
        ),
        (
            TimedOut("No reply began within 30 s (timeouts.first_byte).", phase="first_byte"),
            "console.anthropic.com did not answer within 30 s.",
            "Check the network, and the proxy if one is needed.",
        ),
    ],
    ids=["tls", "proxy", "dns", "time"],
)
def test_a_request_without_an_answer_says_why(path: Path, failed: Exception, words: str, advice: str) -> None:
    """The cause, the host and the remedy are those that any request gets, and nothing is said to happen by itself."""
    with pytest.raises(RefreshFailed) as caught:
        spend(path, Endpoint(failed))
    assert caught.value.message.endswith(f"was not refreshed: {words} It is kept as it was.")
    assert caught.value.hint == advice
    assert caught.value.problem == "unanswered"


def test_a_rest_holds_for_every_process(path: Path) -> None:
    """What one process was reported, the next ones keep to, without a request, until it is over."""
    with pytest.raises(RefreshFailed):
        spend(path, Endpoint(reply(429, {"error": "rate_limited"}, retry_after="30")))
    clock, endpoint = HandClock(), Endpoint(granted())
    clock.sleep(10)
    with pytest.raises(RefreshFailed, match="HTTP 429 rate_limited") as caught:
        spend(path, endpoint, clock)
    assert endpoint.requests == []
    assert caught.value.retry_after == pytest.approx(20.0)
    assert caught.value.hint == "It is not asked again for 20 s; a call after that tries again."
    clock.sleep(20)
    assert spend(path, endpoint, clock).requests == 1
    assert leftovers(path) == []
    assert not path.with_name(f".{path.name}.rest").exists()


INVALID_GRANT = [
    {"error": "invalid_grant", "error_description": "Refresh token not found or invalid"},
    {"type": "error", "error": {"type": "invalid_grant", "message": "x"}},
    {"type": "error", "error": {"type": "invalid_request_error", "message": "Refresh token not found or invalid"}},
]


@pytest.mark.parametrize("body", INVALID_GRANT, ids=range(3))
def test_invalid_grant_means_log_in_again(path: Path, body: Any) -> None:
    """Both shapes of the error mean that the login is over; the file stays as it was."""
    before = path.read_bytes()
    endpoint = Endpoint(reply(400, body))
    with pytest.raises(LoginRequired, match="keybearer auth login") as caught:
        spend(path, endpoint)
    assert caught.value.problem == "invalid_grant"
    assert len(endpoint.requests) == 1
    assert path.read_bytes() == before


def test_a_spent_refresh_token_is_known_to_every_process(path: Path) -> None:
    """No process after the first asks with it for an hour, unless a person does, or another endpoint or client is meant."""
    with pytest.raises(LoginRequired) as first:
        spend(path, Endpoint(reply(400, INVALID_GRANT[0])))
    clock, endpoint = HandClock(), Endpoint(*[reply(400, INVALID_GRANT[0])] * 3)
    with pytest.raises(LoginRequired) as next_one:
        spend(path, endpoint, clock)
    assert (str(next_one.value), endpoint.requests) == (str(first.value), [])
    for changes in ({"force": True}, {"rules": {"client_id": "another"}}):
        with pytest.raises(LoginRequired):
            spend(path, endpoint, clock, **changes)
    assert len(endpoint.requests) == 2
    clock.sleep(3600)
    with pytest.raises(LoginRequired):
        spend(path, endpoint, clock)
    assert len(endpoint.requests) == 3
    write_private(path, bundle(access_token="new", refresh_token="new-too", expires_at=NOW - 9))
    assert spend(path, Endpoint(granted()), clock).requests == 1


def test_invalid_grant_reads_the_file_once_more(path: Path) -> None:
    """If somebody who takes no lock refreshed meanwhile, what he wrote is used, without another request."""

    def lose_the_race() -> Any:
        write_private(path, bundle(access_token="theirs", refresh_token="theirs-too"))
        return reply(400, INVALID_GRANT[0])

    endpoint = Endpoint(lose_the_race)
    done = spend(path, endpoint)
    assert done.bundle.access_token == Secret("theirs")
    assert len(endpoint.requests) == 1


def test_invalid_grant_with_another_expired_login_is_tried_once(path: Path) -> None:
    """What the second reading finds is refreshed if it has expired, and that is the last attempt."""

    def lose_the_race() -> Any:
        write_private(path, bundle(access_token="theirs", refresh_token="theirs-too", expires_at=NOW - 9))
        return reply(400, INVALID_GRANT[0])

    endpoint = Endpoint(lose_the_race, lambda: reply(400, INVALID_GRANT[0]))
    with pytest.raises(LoginRequired):
        spend(path, endpoint)
    assert [body["refresh_token"] for body in endpoint.bodies] == [REFRESH, "theirs-too"]


def test_nothing_to_refresh_with_means_log_in(tmp_path: Path) -> None:
    """A bundle without a refresh token that has expired needs a person."""
    path = write_private(tmp_path / "b.json", bundle(refresh_token=None, expires_at=NOW - 1))
    with pytest.raises(LoginRequired, match="no refresh token"):
        spend(path, Endpoint())
    assert ACCESS not in path.name
