"""The authorization server: consent, exchange, rotation, reuse, failpoints, and the official SDK's profile."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import anthropic
import pytest
import urllib3

from keybearer.simulator import Simulator

CLIENT_ID = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
REDIRECT = "http://localhost:54545/callback"
HOSTED = "https://platform.claude.com/oauth/code/callback"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
STATE = secrets.token_hex(16)
ASK = {
    "code": "true",
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": REDIRECT,
    "scope": "org:create_api_key user:profile user:inference",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": STATE,
}


def get(sim: Simulator, path: str) -> urllib3.BaseHTTPResponse:
    """Fetch a page without following redirects."""
    with urllib3.PoolManager() as http:
        return http.request("GET", sim.base_url + path, redirect=False, retries=False)


def consent(sim: Simulator, decision: str = "allow", **changes: str) -> tuple[int, dict[str, str]]:
    """Open the consent page, answer it, and return where the browser is sent."""
    page = get(sim, "/oauth/authorize?" + urlencode({**ASK, **changes}))
    if page.status == 303:
        return 303, query(page.headers["location"])
    ticket = re.search(rb'name="ticket" value="([^"]+)"', page.data)
    if ticket is None:
        return page.status, {}
    with urllib3.PoolManager() as http:
        answer = http.request(
            "POST",
            sim.base_url + "/oauth/authorize",
            body=urlencode({"ticket": ticket[1].decode(), "decision": decision}),
            headers={"content-type": "application/x-www-form-urlencoded"},
            redirect=False,
            retries=False,
        )
    return answer.status, query(answer.headers["location"])


def query(location: str) -> dict[str, str]:
    """Read the query of a URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def token(sim: Simulator, fields: dict[str, str], *, form: bool = False) -> tuple[int, dict[str, Any]]:
    """Ask the token endpoint."""
    with urllib3.PoolManager() as http:
        url = sim.base_url + "/v1/oauth/token"
        if form:
            reply = http.request("POST", url, fields=fields, encode_multipart=False, retries=False)
        else:
            reply = http.request("POST", url, json=fields, retries=False)
        return reply.status, reply.json()


def exchange(code: str, **changes: str) -> dict[str, str]:
    """Make the fields that exchange a code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": CLIENT_ID,
        "code_verifier": VERIFIER,
        "state": STATE,
        **changes,
    }


def refresh(refresh_token: str) -> dict[str, str]:
    """Make the fields that spend a refresh token."""
    return {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": CLIENT_ID}


def usable(sim: Simulator, access: str) -> int:
    """Ask a question with an access token, and return the status."""
    with urllib3.PoolManager() as http:
        return http.request(
            "POST",
            sim.base_url + "/v1/messages",
            json={"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]},
            headers={
                "authorization": f"Bearer {access}",
                "anthropic-beta": "oauth-2025-04-20",
                "anthropic-version": "2023-06-01",
            },
            retries=False,
        ).status


@pytest.mark.parametrize("form", [False, True])
def test_login(sim: Simulator, form: bool) -> None:
    """Consent gives a code, the code gives tokens, and the access token answers a question."""
    status, sent = consent(sim)
    assert (status, sent["state"]) == (303, STATE)
    status, reply = token(sim, exchange(sent["code"]), form=form)
    assert status == 200
    assert reply["access_token"].startswith("sk-ant-oat01-")
    assert reply["refresh_token"].startswith("sk-ant-ort01-")
    assert (reply["token_type"], reply["expires_in"], reply["scope"]) == ("Bearer", 28800, ASK["scope"])
    assert usable(sim, reply["access_token"]) == 200


def test_the_consent_page_is_readable(sim: Simulator) -> None:
    """The page shows the scopes, the client, and that this is a simulator."""
    page = get(sim, "/oauth/authorize?" + urlencode(ASK)).data.decode()
    assert "ask Claude questions on your behalf" in page
    assert "answers to http://localhost:54545/callback" in page
    assert "This is the keybearer simulator" in page


def test_the_consent_page_holds_the_browser_back(sim: Simulator) -> None:
    """The page may not be framed, scripted, cached or named in a referrer; its form leads here and to the client alone."""
    headers = get(sim, "/oauth/authorize?" + urlencode(ASK)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == {
        "default-src": "'none'",
        "form-action": "'self' http://localhost:54545",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    "redirect", ["http://evil.com\\@127.0.0.1/cb", "http://127.0.0.1/\r\nset-cookie: a=b", "http://u@127.0.0.1/"]
)
@pytest.mark.parametrize("approve", [False, True])
def test_a_redirect_that_parsers_read_differently_is_refused(redirect: str, approve: bool) -> None:
    """A page says so, and no header is split, whether a person or the simulator itself approves."""
    with Simulator(auto_approve=approve) as sim:
        page = get(sim, "/oauth/authorize?" + urlencode({**ASK, "redirect_uri": redirect}))
    assert page.status == 400
    assert b"neither loopback nor the hosted code page" in page.data
    assert {"location", "set-cookie"}.isdisjoint(name.lower() for name in page.headers)


def test_denied(sim: Simulator) -> None:
    """A denied consent comes back as access_denied with the state."""
    status, sent = consent(sim, "deny")
    assert (status, sent["error"], sent["state"]) == (303, "access_denied", STATE)


def test_hosted_redirect_shows_the_code_to_paste(sim: Simulator) -> None:
    """The hosted redirect ends on a page with `code#state`."""
    page = get(sim, "/oauth/authorize?" + urlencode({**ASK, "redirect_uri": HOSTED}))
    ticket = re.search(rb'name="ticket" value="([^"]+)"', page.data)
    assert ticket is not None
    with urllib3.PoolManager() as http:
        shown = http.request(
            "POST", sim.base_url + "/oauth/authorize", fields={"ticket": ticket[1].decode(), "decision": "allow"},
            encode_multipart=False,
        )  # fmt: skip
    pasted = re.search(r'<code id="code">([^#<]+)#([^<]+)</code>', shown.data.decode())
    assert pasted is not None
    assert pasted[2] == STATE
    assert token(sim, exchange(pasted[1], redirect_uri=HOSTED))[0] == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_wrong_requests_go_back_to_the_client(sim: Simulator, changes: dict[str, str], error: str) -> None:
    """A client's mistake is reported by redirect."""
    assert consent(sim, **changes)[1]["error"] == error


@pytest.mark.parametrize(
    "changes", [{"client_id": "other"}, {"redirect_uri": "https://evil.example/callback"}, {"state": "short"}]
)
def test_requests_that_cannot_be_answered_by_redirect(sim: Simulator, changes: dict[str, str]) -> None:
    """An unknown client, a foreign redirect and a missing state end on a page."""
    assert consent(sim, **changes) == (400, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"redirect_uri": "http://localhost:1/callback"},
        {"client_id": "other"},
        {"state": "0" * 32},
        {"code": "nonsense"},
    ],
)
def test_wrong_exchanges(sim: Simulator, changes: dict[str, str]) -> None:
    """A code is valid only with the parameters of its authorization."""
    _, sent = consent(sim)
    status, reply = token(sim, exchange(sent["code"]) | changes)
    assert (status, reply["error"]) == (400, "invalid_grant")


def test_a_code_is_good_once(sim: Simulator) -> None:
    """A code that is used twice revokes the tokens of its first use."""
    _, sent = consent(sim)
    _, reply = token(sim, exchange(sent["code"]))
    assert token(sim, exchange(sent["code"]))[1]["error"] == "invalid_grant"
    assert usable(sim, reply["access_token"]) == 403


def test_a_code_expires(sim: Simulator) -> None:
    """A code is valid for ten minutes."""
    _, sent = consent(sim)
    sim.clock.advance(601)
    assert token(sim, exchange(sent["code"]))[0] == 400


def test_an_access_token_expires(sim: Simulator) -> None:
    """An access token is valid until its last second, and a 401 after that."""
    access = sim.login(expires_in=100)["access_token"]
    sim.clock.advance(98)
    assert usable(sim, access) == 200
    sim.clock.advance(3)
    assert usable(sim, access) == 401


def test_rotation_and_reuse(sim: Simulator) -> None:
    """Each refresh gives a new pair; an old refresh token that is spent again revokes the whole family."""
    first = sim.login()
    _, second = token(sim, refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert usable(sim, second["access_token"]) == 200
    assert token(sim, refresh(first["refresh_token"])) == (
        400,
        {
            "error": "invalid_grant",
            "error_description": "The refresh token was spent before; every token of this login is revoked",
        },
    )
    assert usable(sim, second["access_token"]) == 403
    assert token(sim, refresh(second["refresh_token"]))[0] == 400
    assert [finding.kind for finding in sim.verdict if finding.kind.startswith("refresh")] == ["refresh-token-reused"]


def test_grace() -> None:
    """Within the grace a spent refresh token gives its first reply again, and after it revokes."""
    with Simulator(refresh_grace_seconds=30) as sim:
        first = sim.login()["refresh_token"]
        _, second = token(sim, refresh(first))
        sim.clock.advance(29)
        assert token(sim, refresh(first)) == (200, second)
        sim.clock.advance(2)
        assert token(sim, refresh(first))[0] == 400


def test_failpoint_before_rotating(sim: Simulator) -> None:
    """A connection cut before the rotation leaves the old token valid."""
    old = sim.login()["refresh_token"]
    sim.fail("oauth_before_rotation", path="/v1/oauth/token")
    with pytest.raises(urllib3.exceptions.HTTPError):
        token(sim, refresh(old))
    assert token(sim, refresh(old))[0] == 200


@pytest.mark.parametrize("fault", ["oauth_after_rotation", "oauth_truncated"])
def test_failpoint_after_rotating(sim: Simulator, fault: str) -> None:
    """A reply lost after the rotation leaves the client with a dead token."""
    old = sim.login()["refresh_token"]
    sim.fail(fault, path="/v1/oauth/token")
    with pytest.raises((urllib3.exceptions.HTTPError, json.JSONDecodeError)):
        token(sim, refresh(old))
    assert token(sim, refresh(old))[1]["error"] == "invalid_grant"


def test_refusals_in_the_api_shape() -> None:
    """The token endpoint can refuse with the API's error body, which clients have seen too."""
    with Simulator(oauth_errors="api") as sim:
        status, reply = token(sim, refresh("nonsense"))
        assert (status, reply["error"]["type"]) == (400, "invalid_request_error")


def test_auto_approve() -> None:
    """A simulator can consent by itself, for tests without a browser."""
    with Simulator(auto_approve=True) as sim:
        status, sent = consent(sim)
        assert status == 303
        assert token(sim, exchange(sent["code"]))[0] == 200


def test_no_token_is_kept(sim: Simulator) -> None:
    """No token, code or verifier is in the journal."""
    _, sent = consent(sim)
    get(sim, "/oauth/code/callback?" + urlencode(sent))
    _, reply = token(sim, exchange(sent["code"]))
    token(sim, refresh(reply["refresh_token"]))
    journal = str([entry.as_dict() for entry in sim.requests])
    for secret in (reply["access_token"], reply["refresh_token"], VERIFIER, sent["code"]):
        assert secret not in journal


def test_the_sdk_refreshes_its_profile(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The official SDK refreshes an expired profile, and its request is answered."""
    bundle = sim.login(expires_in=0)
    (tmp_path / "configs").mkdir()
    (tmp_path / "credentials").mkdir()
    config = {"authentication": {"type": "user_oauth", "client_id": CLIENT_ID}, "base_url": sim.base_url}
    (tmp_path / "configs/default.json").write_text(json.dumps(config))
    stored = tmp_path / "credentials/default.json"
    stored.write_text(
        json.dumps(
            {
                "version": "1.0",
                "type": "oauth_token",
                "access_token": bundle["access_token"],
                "refresh_token": bundle["refresh_token"],
                "expires_at": 1,
            }
        )
    )
    stored.chmod(0o600)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    with anthropic.Anthropic(base_url=sim.base_url) as client:
        message = client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Say 'hello'"}]
        )
    assert message.content[0].type == "text"
    assert [entry.path for entry in sim.requests] == ["/v1/oauth/token", "/v1/messages"]
    assert json.loads(stored.read_text())["refresh_token"] != bundle["refresh_token"]
    assert sim.verdict == []
