"""The findings: each mistake of a client, beside correct behaviour that looks like it."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.control.client_findings import client_findings
from keybearer.simulator.control.journal import RecordedRequest


def entry(at: float, status: int = 200, **more: Any) -> RecordedRequest:
    """Make a request of the journal."""
    note = {key: more.pop(key) for key in ("retry_after", "should_retry", "refresh_reused") if key in more}
    known: dict[str, Any] = {
        "at": at,
        "method": "POST",
        "path": "/v1/messages",
        "query": {},
        "headers": {},
        "body": b"",
        "request_id": f"req_{at}",
        "status": status,
        "error": "some_error" if status >= 400 else None,
        "note": note,
        "digest": "same",
    }
    return RecordedRequest(**{**known, **more})


def kinds(*journal: RecordedRequest) -> list[str]:
    """Return the kinds of the findings."""
    return [finding.kind for finding in client_findings(list(journal))]


@pytest.mark.parametrize(("waited", "found"), [(2.0, []), (1.8, ["retry-after-ignored"])])
def test_retry_after(waited: float, found: list[str]) -> None:
    """A retry after the time in `retry-after` is right, an earlier one is a finding."""
    assert kinds(entry(0, 429, retry_after=2.0), entry(waited)) == found


def test_the_wait_begins_with_the_reply() -> None:
    """The time counts from the end of the refusal, not from its beginning."""
    assert kinds(entry(0, 429, retry_after=2.0, seconds=1.0), entry(2.5)) == ["retry-after-ignored"]


@pytest.mark.parametrize(
    ("status", "hint", "found"),
    [
        *[(status, None, []) for status in (408, 409, 429, 500, 502, 503, 504, 529)],
        *[(status, None, ["retried-in-vain"]) for status in (400, 401, 402, 403, 404, 413, 501)],
        *[(status, "true", []) for status in (400, 403, 413, 501)],
        (529, "false", ["retried-in-vain"]),
    ],
)
def test_retries_in_vain(status: int, hint: str | None, found: list[str]) -> None:
    """A retry after a final refusal is wrong, unless the service asked for it."""
    assert kinds(entry(0, status, should_retry=hint), entry(9)) == found


def test_another_request_is_no_retry() -> None:
    """A request with another body may follow a refusal."""
    assert kinds(entry(0, 400), entry(1, digest="other")) == []


@pytest.mark.parametrize(("count", "found"), [(9, []), (10, ["storm"])])
def test_storms(count: int, found: list[str]) -> None:
    """Ten refusals of the same request within a second are a storm."""
    assert kinds(*(entry(number * 0.1, 529) for number in range(count))) == found


@pytest.mark.parametrize(
    ("headers", "path", "query", "found"),
    [
        ({"x-api-key": "[simulator key]"}, "/v1/messages", {}, []),
        ({"x-api-key": "[real-looking API key]"}, "/v1/messages", {}, ["real-credential"]),
        ({"authorization": "[OAuth token]"}, "/v1/oauth/token", {}, ["misplaced-credential"]),
        ({"authorization": "[OAuth token]", "x-api-key": "[simulator key]"}, "/v1/messages", {}, ["two-credentials"]),
        ({}, "/v1/messages", {"key": "sk-ant-sim-x"}, ["credential-in-url"]),
    ],
)
def test_credentials(headers: dict[str, str], path: str, query: dict[str, str], found: list[str]) -> None:
    """A credential in the wrong place is a finding."""
    assert kinds(entry(0, headers=headers, path=path, query=query)) == found


def test_a_secret_in_a_body_is_found_and_not_kept(sim: Simulator) -> None:
    """A key in a body is a finding, and is removed from the journal."""
    with urllib3.PoolManager() as http:
        url = sim.base_url + "/v1/messages"
        http.request("POST", url, json={"metadata": "sk-ant-api03-canary"}, headers={"x-api-key": sim.api_key})
    assert "canary" not in str(sim.requests[0].as_dict())
    assert [finding.kind for finding in sim.verdict] == ["credential-in-body"]


def test_over_http(sim: Simulator) -> None:
    """The findings and the journal are available over HTTP."""
    with urllib3.PoolManager(headers={"x-sim-token": sim.token}) as http:
        http.request("POST", sim.base_url + "/v1/messages", body=b"{", headers={"x-api-key": "sk-ant-admin01-x"})
        verdict = http.request("GET", sim.base_url + "/_sim/verdict").json()
        journal = http.request("GET", sim.base_url + "/_sim/requests").json()
    assert verdict["ok"] is False
    assert verdict["data"][0]["kind"] == "real-credential"
    assert [each["path"] for each in journal["data"]] == ["/v1/messages"]
