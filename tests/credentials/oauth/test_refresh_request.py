"""The request of a refresh: its form, its endpoint, and what leads to another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import CredentialError, RefreshFailed
from support.logins import (
    REFRESH,
    Endpoint,
    bundle,
    granted,
    reply,
    write_private,
)
from support.refreshes import OLD, PLATFORM, spend


def test_the_request_is_honest_json(path: Path) -> None:
    """It is a JSON POST with the three parameters, and a User-Agent that says who asks."""
    endpoint = Endpoint(granted())
    spend(path, endpoint)
    (request,) = endpoint.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("keybearer/")
    assert "claude-c" not in str(request.headers)
    assert endpoint.bodies == [
        {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH,
            "client_id": "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
        }
    ]


def test_without_a_record_the_old_endpoint_is_asked_then_on_404_the_platform(path: Path) -> None:
    """Only an explicit 404 leads to the other endpoint, which is then recorded."""
    endpoint = Endpoint(reply(404, {"error": "not_found"}), granted())
    spend(path, endpoint)
    assert [request.url for request in endpoint.requests] == [OLD, PLATFORM]
    assert json.loads(path.read_text())["token_endpoint"] == PLATFORM


@pytest.mark.parametrize("status", [400, 403, 405, 410, 500, 503])
def test_nothing_but_a_404_leads_to_another_endpoint(path: Path, status: int) -> None:
    """Any other refusal is the answer: the refresh token goes to one place."""
    endpoint = Endpoint(reply(status, {}))
    with pytest.raises(RefreshFailed):
        spend(path, endpoint)
    assert len(endpoint.requests) == 1


def test_a_recorded_endpoint_is_the_only_one(tmp_path: Path) -> None:
    """A bundle that says who issued it is refreshed there, and nowhere else on a 404."""
    path = write_private(tmp_path / "b.json", bundle(token_endpoint=PLATFORM))
    endpoint = Endpoint(reply(404, {}))
    with pytest.raises(RefreshFailed, match="HTTP 404"):
        spend(path, endpoint)
    assert [request.url for request in endpoint.requests] == [PLATFORM]


def test_the_configured_endpoint_wins(path: Path) -> None:
    """`auth.token_endpoint` stands above the record, and is not followed by another."""
    endpoint = Endpoint(granted())
    spend(path, endpoint, rules={"token_endpoint": "http://127.0.0.1:9/token"})
    assert endpoint.requests[0].url == "http://127.0.0.1:9/token"


@pytest.mark.parametrize("where", ["https://evil.example.com/token", "http://platform.claude.com/token", "nonsense"])
def test_a_refresh_token_goes_to_no_other_host(tmp_path: Path, where: str) -> None:
    """An endpoint that a bundle names is asked only if a token may go there."""
    path = write_private(tmp_path / "b.json", bundle(token_endpoint=where))
    endpoint = Endpoint()
    with pytest.raises(CredentialError, match="is not sent"):
        spend(path, endpoint)
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "refusal",
    [
        reply(415, {}),
        reply(400, {"error": "invalid_request", "error_description": "could not parse JSON body"}),
        reply(
            400,
            {
                "error": "invalid_request",
                "error_description": "only application/x-www-form-urlencoded content-type bodies are supported",
            },
        ),
    ],
)
def test_a_parse_error_leads_to_form_encoding_once(path: Path, refusal: Any) -> None:
    """An endpoint that says it cannot read JSON is asked once more, with a form."""
    endpoint = Endpoint(refusal, granted())
    assert spend(path, endpoint).requests == 2
    assert endpoint.requests[1].headers["content-type"] == "application/x-www-form-urlencoded"
    assert endpoint.requests[1].body.startswith(b"grant_type=refresh_token&refresh_token=sk-ant-ort01-")
    again = Endpoint(refusal, refusal)
    with pytest.raises(RefreshFailed):
        spend(path, again, force=True)
    assert len(again.requests) == 2


def test_a_format_that_worked_is_remembered(path: Path) -> None:
    """The next refresh takes one request, in the format of the last one, and back again if the endpoint changes its mind."""
    refusal = reply(415, {})
    spend(path, Endpoint(refusal, granted(2)))
    again = Endpoint(granted(3))
    assert spend(path, again, force=True).requests == 1
    assert again.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert json.loads(path.read_text())["token_format"] == "form"
    back = Endpoint(refusal, granted(4))
    assert spend(path, back, force=True).requests == 2
    assert back.requests[1].headers["content-type"] == "application/json"
    assert "token_format" not in json.loads(path.read_text())


@pytest.mark.parametrize(
    ("token_format", "kind"), [("form", "application/x-www-form-urlencoded"), ("json", "application/json")]
)
def test_a_configured_format_is_the_only_one(path: Path, token_format: Any, kind: str) -> None:
    """`auth.token_format` is how the endpoint is asked, and no other is tried."""
    endpoint = Endpoint(reply(415, {}))
    with pytest.raises(RefreshFailed):
        spend(path, endpoint, rules={"token_format": token_format})
    assert [request.headers["content-type"] for request in endpoint.requests] == [kind]


def test_an_unknown_client_gets_a_hint_at_the_form(path: Path) -> None:
    """An endpoint that reads forms only finds no client in JSON: the error names the setting."""
    with pytest.raises(RefreshFailed, match="invalid_client") as caught:
        spend(path, Endpoint(reply(401, {"error": "invalid_client"})))
    assert "auth.token_format" in caught.value.hint


def test_an_unclear_refusal_does_not_lead_to_form_encoding(path: Path) -> None:
    """A refusal that does not speak of parsing is not answered with a second request."""
    endpoint = Endpoint(reply(400, {"error": "invalid_request", "error_description": "client_id is required"}))
    with pytest.raises(RefreshFailed, match="invalid_request"):
        spend(path, endpoint)
    assert len(endpoint.requests) == 1
