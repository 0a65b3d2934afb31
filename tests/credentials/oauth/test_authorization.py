"""The login as values: its URL, every form of answer, and the exchange."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from keybearer.credentials.oauth.authorization import HOSTED_REDIRECT, LoginAttempt, exchange
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import ConnectionFailed, CredentialError, LoginRequired, RefreshFailed
from keybearer.types.secret import Secret
from support.logins import NOW, Endpoint, HandClock, cut_off, granted, reply, run, write_private
from support.odd import ODD, with_odd

REDIRECT = "http://localhost:5000/callback"


def attempt(**changes: Any) -> LoginAttempt:
    """A login whose random bytes are known."""
    numbers = itertools.count(1)
    return LoginAttempt.begin(REDIRECT, lambda size: bytes([next(numbers)]) * size, **changes)


STATE = "02" * 32


def test_the_url_asks_for_what_the_service_wants() -> None:
    """Every parameter is there, S256, scopes joined by +, and the verifier is not."""
    one = attempt()
    parts = urlsplit(one.url)
    assert parts._replace(query="").geturl() == "https://claude.ai/oauth/authorize"
    assert "scope=org%3Acreate_api_key+user%3Aprofile+user%3Ainference" in parts.query
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
        "code": "true",
        "client_id": "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "org:create_api_key user:profile user:inference",
        "code_challenge": one.pkce.challenge,
        "code_challenge_method": "S256",
        "state": STATE,
    }
    assert one.pkce.verifier.reveal() + "" not in one.url
    assert STATE not in repr(one)


def test_the_state_is_random_and_apart_from_the_verifier() -> None:
    """They are made of different random bytes."""
    one = attempt()
    assert one.state != one.pkce.verifier
    assert one.state == Secret(STATE)


@pytest.mark.parametrize(
    "query",
    [
        f"code=abc&state={STATE}",
        f"state={STATE}&code=abc",
        f"scope=x&state={STATE}&other=1&code=abc",
        f"code=abc&state={STATE}&iss=https%3A%2F%2Fclaude.ai",
    ],
)
def test_a_callback_is_read_in_any_order(query: str) -> None:
    """The parameters' order and unknown ones do not matter; nor does a paste of the whole URL, or of its query."""
    one = attempt()
    for answer in (
        one.read_callback(query),
        one.read_paste(f"{REDIRECT}?{query}"),
        one.read_paste(f"  {HOSTED_REDIRECT}?{query}\n"),
        one.read_paste("?" + query),
        one.read_paste(query),
    ):
        assert answer.code == Secret("abc")


@pytest.mark.parametrize(
    "paste",
    [
        f"abc#{STATE}",
        f"  abc#{STATE}\r\n",
        f"abc#{STATE[:30]}\n{STATE[30:]}",
        f"\ufeffabc#{STATE}",
        f"Code: abc#{STATE}",
        f'"abc#{STATE}"',
        f"<abc#{STATE}>",
        f"\x1b[200~abc#{STATE}\x1b[201~\n",
        f"<http://localhost:5000/callback?code=abc&state={STATE}>",
        f"http://localhost:5000/callback?code=abc&amp;state={STATE}",
        f"http://localhost:5000/callback?code=a\n  bc&sta\nte={STATE[:9]}\n{STATE[9:]}",
    ],
)
def test_a_pasted_code_is_read(paste: str) -> None:
    """`code#state` as the hosted page shows it, or the address, whatever copying put around and into it."""
    assert attempt().read_paste(paste).code == Secret("abc")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=abc",
        "code=abc&state=" + "03" * 32,
        f"code=abc&state={STATE}&state={STATE}",
        f"state={STATE}",
        f"code=&state={STATE}",
        f"code=abc&state={STATE}x",
        f"code=abc&state={quote('é' * 64)}",
        "error=access_denied",
        "error=access_denied&state=other",
        f"code=abc&state={STATE}&iss=https%3A%2F%2Fevil.example",
        f"code=abc&state={STATE}&x={'x' * 9000}",
    ],
)
def test_what_is_not_this_logins_answer_is_stray(query: str) -> None:
    """A stray, foreign, doubled or mismatched callback neither grants nor ends anything."""
    answer = attempt().read_callback(query)
    assert answer.stray
    assert answer.code is None
    assert not answer.refusal


@pytest.mark.parametrize("paste", ["abc", "#", "abc#", f"#{STATE}", "abc#wrong", "http://[bad", "x" * 9000, "a#\udc80"])
def test_a_wrong_paste_is_reported(paste: str) -> None:
    """A paste that is cut off or another's is stray, with the reason, and never an exception."""
    answer = attempt().read_paste(paste)
    assert answer.stray
    assert answer.code is None


def test_the_address_to_log_in_at_is_no_answer() -> None:
    """The authorize URL has this login's state and a `code=true`; pasted, it is distinguished, and ends nothing."""
    one = attempt()
    assert one.read_paste(one.url).stray.startswith("it is the address to log in at")
    assert one.read_paste(one.url).code is None


def test_a_denied_consent_is_reported_in_words() -> None:
    """`access_denied` with the right state ends the login."""
    assert (
        attempt().read_callback(f"error=access_denied&state={STATE}").refusal == "Nothing was granted: you denied it."
    )
    other = attempt().read_callback(f"error=invalid_scope&state={STATE}").refusal
    assert other == "Nothing was granted: the server says invalid_scope."
    odd = attempt().read_callback(f"error={quote('<script>')}&state={STATE}").refusal
    assert "<" not in odd


def spend(*replies: Any, **rules: Any) -> tuple[Secret, Endpoint, LoginAttempt]:
    """Exchange a code."""
    one, endpoint, clock = attempt(), Endpoint(*replies), HandClock()
    return run(exchange(one, Secret("the-code"), clock.rules(**rules)), endpoint, clock), endpoint, one


def test_the_exchange_gives_a_bundle() -> None:
    """Code, verifier, state and the same redirect go to the platform; its answer becomes a bundle that records it."""
    text, endpoint, one = spend(granted(account={"uuid": "u"}))
    assert endpoint.requests[0].url == "https://platform.claude.com/v1/oauth/token"
    assert endpoint.bodies == [
        {
            "grant_type": "authorization_code",
            "code": "the-code",
            "redirect_uri": REDIRECT,
            "client_id": "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
            "code_verifier": one.pkce.verifier.reveal(),
            "state": STATE,
        }
    ]
    assert json.loads(text.reveal()) == {
        "access_token": "sk-ant-oat01-access-2",
        "refresh_token": "sk-ant-ort01-refresh-2",
        "expires_at": "2027-01-15T16:00:00.000Z",
        "refreshed_at": "2027-01-15T08:00:00.000Z",
        "scope": "user:inference",
        "token_endpoint": "https://platform.claude.com/v1/oauth/token",
        "account": {"uuid": "u"},
    }
    assert NOW


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(400, {"error": "invalid_grant"}), LoginRequired),
        (reply(200, b"<html>", content_type="text/html"), RefreshFailed),
        (reply(500, {}), RefreshFailed),
        (cut_off(), RefreshFailed),
    ],
    ids=range(4),
)
def test_an_exchange_that_fails_says_to_begin_again(answer: Any, kind: type[CredentialError]) -> None:
    """A code is good once, so nothing is tried again; the error holds no code."""
    with pytest.raises(kind, match="keybearer auth login") as caught:
        spend(answer)
    assert "the-code" not in str(caught.value)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_costs_no_new_login(odd: bytes, tmp_path: Path) -> None:
    """A code is good once: what it brought is kept, whatever else is in the reply."""
    text, _, _ = spend(reply(200, with_odd(odd, **granted()).reveal().encode()))
    held = FileStore(write_private(tmp_path / "b.json", text.reveal().encode()), BUNDLE).load()
    assert held.access_token == Secret("sk-ant-oat01-access-2")
    assert held.expires_at == NOW + 28_800


def test_a_format_that_worked_is_in_the_bundle() -> None:
    """A login over an endpoint that reads forms only is refreshed with a form from the beginning."""
    text, endpoint, _ = spend(reply(415, {}), granted())
    assert [request.headers["content-type"] for request in endpoint.requests] == [
        "application/json",
        "application/x-www-form-urlencoded",
    ]
    assert json.loads(text.reveal())["token_format"] == "form"
    text, endpoint, _ = spend(granted(), token_format="form")
    assert endpoint.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_an_exchange_without_an_answer_says_why() -> None:
    """The cause and its remedy come with the error."""
    failed = ConnectionFailed(
        "TLS with platform.claude.com failed: unknown CA.", phase="tls", hint="Name it in ca_file."
    )
    with pytest.raises(RefreshFailed) as caught:
        spend(failed)
    assert (
        caught.value.message
        == "The login's code could not be exchanged: TLS with platform.claude.com failed: unknown CA."
    )
    assert caught.value.hint == "Name it in ca_file. Nothing was saved: run `keybearer auth login` again."


def test_a_code_goes_to_no_other_host() -> None:
    """The token endpoint of the configuration is held to the same hosts."""
    with pytest.raises(CredentialError, match="is not sent"):
        spend(token_endpoint="https://evil.example.com/token")
