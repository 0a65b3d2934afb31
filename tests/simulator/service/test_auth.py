"""Which credentials are accepted, and the errors for the others."""

from __future__ import annotations

import json
import logging

import pytest
import urllib3

from keybearer.simulator import Simulator

BODY = json.dumps({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
VERSION = {"anthropic-version": "2023-06-01", "content-type": "application/json"}
OAUTH = {"anthropic-beta": "interleaved-thinking-2025-05-14,oauth-2025-04-20"}


def post(sim: Simulator, headers: dict[str, str], body: str = BODY) -> tuple[int, dict[str, object]]:
    """Send a request with exactly these headers."""
    with urllib3.PoolManager() as http:
        reply = http.request("POST", sim.base_url + "/v1/messages", headers=headers, body=body, retries=False)
        return reply.status, reply.json()


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"x-api-key": "sk-ant-sim-x"}, 200, ""),
        ({"authorization": "Bearer sk-ant-sim-x"}, 200, ""),
        ({"x-api-key": "sk-ant-sim-x", "authorization": "Bearer nonsense"}, 200, ""),
        ({"authorization": "Bearer sk-ant-oat01-sim-x", **OAUTH}, 200, ""),
        ({"authorization": "Bearer sk-ant-oat01-sim-x"}, 401, "OAuth authentication is currently not supported."),
        ({}, 401, "x-api-key header is required"),
        ({"x-api-key": "wrong"}, 401, "invalid x-api-key"),
        ({"authorization": "Bearer wrong", **OAUTH}, 401, "Invalid bearer token"),
        ({"x-api-key": "sk-ant-api03-abc"}, 401, "the key looks real"),
        ({"authorization": "Bearer sk-ant-oat01-abc", **OAUTH}, 401, "did not issue this OAuth token"),
        ({"x-api-key": "sk-ant-sim-x", "authorization": "Bearer sk-ant-api03-abc"}, 401, "the key looks real"),
    ],
)
def test_keys(sim: Simulator, headers: dict[str, str], status: int, words: str) -> None:
    """Each kind of credential is accepted, or refused with its reason."""
    got, body = post(sim, {**VERSION, **headers})
    assert got == status
    assert words in str(body)


def test_no_key_is_kept(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """A key, real-looking or not, is in no journal and no log."""
    with caplog.at_level(logging.DEBUG):
        post(sim, {**VERSION, "x-api-key": "sk-ant-api03-canary"})
        post(sim, {**VERSION, "authorization": "Bearer sk-ant-sim-canary"})
    assert "canary" not in str([entry.as_dict() for entry in sim.requests]) + caplog.text
    assert sim.requests[0].headers["x-api-key"] == "[real-looking API key]"


@pytest.mark.parametrize(("version", "status"), [("2023-06-01", 200), ("2026-10-21", 200), ("2024-01-01", 400)])
def test_versions(sim: Simulator, version: str, status: int) -> None:
    """Both versions are served, and no other."""
    assert post(sim, {"x-api-key": sim.api_key, "anthropic-version": version})[0] == status


def test_missing_version(sim: Simulator) -> None:
    """A request without a version is refused by the header's name."""
    status, body = post(sim, {"x-api-key": sim.api_key})
    assert (status, body["error"]) == (
        400,
        {"type": "invalid_request_error", "message": "anthropic-version: header is required"},
    )


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 403)]
)
def test_host_header(sim: Simulator, host: str, status: int) -> None:
    """A request that names another host is refused, as one from a page that rebinds DNS."""
    assert post(sim, {**VERSION, "x-api-key": sim.api_key, "host": host})[0] == status


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_garbage_bodies(sim: Simulator, body: str) -> None:
    """A body that is not a JSON object is a 400 in the API's format."""
    status, reply = post(sim, {**VERSION, "x-api-key": sim.api_key}, body)
    assert status == 400
    assert reply["type"] == "error"


def test_unknown_path(sim: Simulator) -> None:
    """A path that the API does not have is a 404 in the API's format."""
    with urllib3.PoolManager() as http:
        reply = http.request("GET", sim.base_url + "/v2/nothing", headers=VERSION)
    assert reply.status == 404
    assert reply.json()["error"]["type"] == "not_found_error"
