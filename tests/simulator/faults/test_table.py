"""Every fault, as a client sees it."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

import anthropic
import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.faults import FAULTS, parse_fault

PLAIN = {"model": "claude-haiku-4-5", "max_tokens": 99, "messages": [{"role": "user", "content": "Count to 30"}]}
STREAM = {**PLAIN, "stream": True}


class Got(NamedTuple):
    """What arrived: all of it, or what there was before the connection ended."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    missing: int | None = None  # bytes that were promised and did not come; -1 for an unknown number


def post(sim: Simulator, body: dict[str, Any] = PLAIN, *, fault: str = "", most: int | None = None) -> Got:
    """Send a message request over a bare connection, which hides nothing."""
    port = int(sim.base_url.rsplit(":", 1)[1])
    headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01", "content-type": "application/json"}
    if fault:
        headers["x-sim-fault"] = fault
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/v1/messages", json.dumps(body), headers)
        with connection.getresponse() as reply:
            try:
                return Got(reply.status, dict(reply.headers), reply.read(most))
            except http.client.IncompleteRead as error:
                missing = -1 if error.expected is None else error.expected
                return Got(reply.status, dict(reply.headers), error.partial, missing)


def events(body: bytes) -> list[tuple[str, Any]]:
    """Split a stream into its events."""
    parsed = []
    for block in body.decode().split("\n\n"):
        if block.startswith("event: "):
            name, _, data = block.removeprefix("event: ").partition("\ndata: ")
            parsed.append((name, data))
    return parsed


def names(body: bytes) -> list[str]:
    """List the names of a stream's events."""
    return [name for name, _ in events(body)]


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"pings"}))  # pings never end by themselves
def test_every_fault_leaves_the_simulator_healthy(sim: Simulator, name: str) -> None:
    """After any fault, with its defaults, the next request is answered."""
    spec = {"stall": "stall; seconds=0", "slow": "slow; seconds=0", "oauth_delay": "oauth_delay; seconds=0"}.get(
        name, name
    )
    with contextlib.suppress(http.client.HTTPException, OSError):
        post(sim, STREAM, fault=spec)
    assert post(sim).status == 200


@pytest.mark.parametrize(
    ("spec", "status", "kind"),
    [
        ("529", 529, "overloaded_error"),
        ("overloaded", 529, "overloaded_error"),
        ("rate_limit", 429, "rate_limit_error"),
        ("error; status=418", 418, "invalid_request_error"),
        ("error; status=503; type=api_error", 503, "api_error"),
        ("billing_error", 402, "billing_error"),
        ("conflict-error", 409, "conflict_error"),
    ],
)
def test_errors_of_any_status_and_type(sim: Simulator, spec: str, status: int, kind: str) -> None:
    """A fault gives the status and the error type that were asked for."""
    reply = post(sim, fault=spec)
    assert reply.status == status
    assert json.loads(reply.body)["error"]["type"] == kind


def test_retry_after_in_every_form(sim: Simulator) -> None:
    """Seconds, milliseconds, a date and the service's own header."""
    assert post(sim, fault="429; retry_after=7").headers.get("retry-after") == "7"
    assert post(sim, fault="429; retry_after_ms=250").headers.get("retry-after-ms") == "250"
    assert str(post(sim, fault="429; retry_after_date=60").headers.get("retry-after")).endswith("GMT")
    assert post(sim, fault="429; should_retry=false").headers.get("x-should-retry") == "false"


def test_an_error_in_the_stream(sim: Simulator) -> None:
    """After N events there is an `error` event under HTTP 200, and nothing more."""
    reply = post(sim, STREAM, fault="stream_error; after_events=4")
    body = reply.body
    assert reply.status == 200
    assert names(body) == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "error",
    ]
    assert json.loads(events(body)[-1][1]) == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
    }


def test_a_clean_cut_after_events(sim: Simulator) -> None:
    """The connection closes after N whole events, in the middle of the chunked body."""
    got = post(sim, STREAM, fault="cut; after_events=5")
    assert (len(events(got.body)), got.missing) == (5, -1)


def test_a_cut_after_bytes(sim: Simulator) -> None:
    """The connection closes after exactly N bytes."""
    got = post(sim, STREAM, fault="cut; after_bytes=100")
    assert (len(got.body), got.missing) == (100, -1)


def test_a_cut_of_a_plain_reply_keeps_its_length(sim: Simulator) -> None:
    """A plain reply promises its whole length and gives half."""
    got = post(sim, fault="cut")
    assert got.missing in {len(got.body), len(got.body) + 1}


@pytest.mark.parametrize("spec", ["cut; after_events=2; ending=reset", "drop", "drop_after"])
def test_resets(sim: Simulator, spec: str) -> None:
    """A reset is a TCP reset, not a normal close."""
    with pytest.raises(ConnectionResetError):
        post(sim, STREAM, fault=spec)


def test_drop_after_has_done_the_work(sim: Simulator) -> None:
    """A request dropped before is not carried out, one dropped after is."""
    for spec in ("drop", "drop_after"):
        with pytest.raises(ConnectionResetError):
            post(sim, fault=spec)
    assert ["message_id" in entry.note for entry in sim.requests] == [False, True]


@pytest.mark.parametrize("spec", ["stall; after_events=3; seconds=500", "slow; seconds=500"])
def test_a_silence_ends_when_the_clock_is_turned(sim: Simulator, spec: str) -> None:
    """A stall and a slow first byte last as long as the simulator's clock says, however long that is."""
    port = int(sim.base_url.rsplit(":", 1)[1])
    body = json.dumps(STREAM).encode()
    head = (
        f"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: {sim.api_key}\r\n"
        "anthropic-version: 2023-06-01\r\n"
        f"x-sim-fault: {spec}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(head.encode() + body)
        received = b""
        while b"message_stop" not in received:
            sim.clock.advance(100)
            raw.settimeout(0.05)
            try:
                received += raw.recv(65536)
            except TimeoutError:
                continue


def test_pings_for_ever(sim: Simulator) -> None:
    """Pings go on until the client leaves."""
    reply = post(sim, STREAM, fault="pings; after_events=1; interval=0.001", most=2000)
    assert names(reply.body).count("ping") > 20


@pytest.mark.parametrize(
    ("spec", "change"),
    [
        ("duplicate_event", ("content_block_delta", +1)),
        ("missing_event", ("message_stop", -1)),
        ("missing_event; name=content_block_stop", ("content_block_stop", -1)),
        ("unknown_event", ("weather_report", +1)),
        ("unknown_block", ("content_block_start", +1)),
        ("unknown_delta", ("content_block_delta", +1)),
        ("huge_event; bytes=300000", ("content_block_delta", +1)),
    ],
)
def test_wrong_events(sim: Simulator, spec: str, change: tuple[str, int]) -> None:
    """Events are doubled, left out and added, and the others stay as they were."""
    usual = names(post(sim, STREAM).body)
    changed = names(post(sim, STREAM, fault=spec).body)
    name, by = change
    assert changed.count(name) == usual.count(name) + by
    assert [each for each in changed if each != name] == [
        each for each in usual if each != name or by == 0
    ] or spec == "unknown_block"


def test_unknown_stop_reason(sim: Simulator) -> None:
    """A stop reason from the future arrives in `message_delta`."""
    body = post(sim, STREAM, fault="unknown_stop_reason").body
    assert b'"stop_reason":"tea_time"' in body


def test_broken_event(sim: Simulator) -> None:
    """One event's data is no JSON, and the stream goes on."""
    broken = 0
    for _, data in events(post(sim, STREAM, fault="broken_event").body):
        try:
            json.loads(data)
        except ValueError:
            broken += 1
    assert broken == 1


def test_wrong_bodies(sim: Simulator) -> None:
    """Truncated JSON, garbage, a wrong content type, a gateway's page, and no body at all."""
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(post(sim, fault="truncated_json").body)
    assert len(post(sim, fault="garbage").body) == 512
    assert post(sim, fault="content_type; value=text/csv").headers.get("content-type") == "text/csv"
    assert b"<h1>502" in post(sim, fault="html").body
    assert post(sim, fault="empty").body == b""


def test_gzip(sim: Simulator) -> None:
    """A compressed body has its `content-encoding`."""
    reply = post(sim, fault="gzip")
    assert reply.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(reply.body))["type"] == "message"


def test_redirect(sim: Simulator) -> None:
    """A redirect points elsewhere."""
    reply = post(sim, fault="redirect; status=308; location=http://127.0.0.1:9/x")
    assert (reply.status, reply.headers.get("location")) == (308, "http://127.0.0.1:9/x")


def test_not_http(sim: Simulator) -> None:
    """Bytes that are not HTTP arrive in place of the status line."""
    with pytest.raises(http.client.BadStatusLine):
        post(sim, fault="not_http")


def test_times_of_a_header_count_the_retries(sim: Simulator) -> None:
    """With `times=2` the same header fails twice and then lets the request through."""
    statuses = [post(sim, fault="529; times=2").status for _ in range(3)]
    assert statuses == [529, 529, 200]


def test_faults_wait_in_order(sim: Simulator) -> None:
    """Faults strike in order, each as often as asked, on its path."""
    sim.fail("overloaded", times=2, skip=1)
    sim.fail("rate_limit", path="/v1/messages")
    assert [post(sim).status for _ in range(5)] == [200, 529, 529, 429, 200]


def test_the_sdk_retries_through(sim: Simulator) -> None:
    """The official SDK gets its answer after two refusals, and there are no findings."""
    sim.fail("overloaded", times=2, retry_after_ms="1")
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=2) as client:
        message = client.messages.create(
            model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        )
    assert message.stop_reason == "max_tokens"
    assert [entry.status for entry in sim.requests] == [529, 529, 200]
    assert sim.verdict == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("overlaoded", "did you mean 'overloaded'"),
        ("cut; after_event=3", "has no 'after_event'; it has after_events, after_bytes, ending"),
        ("cut; after_events=many", "should be of type int"),
        ("slow; seconds=nan", "is no number"),
        ("error; status=1", "status='1' should be from 200 to 599"),
        ("600", "status='600' should be from 200 to 599"),
        ("overloaded; times=0", "times='0' should be 1 or more, or always"),
        ("overloaded; times=often", "times='often' should be of type int"),
    ],
)
def test_wrong_specs(sim: Simulator, spec: str, words: str) -> None:
    """An invalid spec is refused with the nearest one, in Python and over HTTP."""
    with pytest.raises(ValueError, match=words):
        parse_fault(spec)
    reply = post(sim, fault=spec)
    assert reply.status == 400
    assert words in json.loads(reply.body)["error"]["message"]


def test_journal_names_the_fault(sim: Simulator) -> None:
    """The journal names the fault that struck."""
    post(sim, STREAM, fault="missing_event")
    assert sim.requests[0].note["fault"] == "missing_event"


def test_admin_faults(sim: Simulator) -> None:
    """A fault can be asked for over HTTP, with the token and not without."""
    with urllib3.PoolManager() as http_client:
        url = sim.base_url + "/_sim/faults"
        body = {"fault": "cut", "after_events": 2}
        assert http_client.request("POST", url, json=body).status == 401
        reply = http_client.request("POST", url, json=body, headers={"x-sim-token": sim.token})
        assert reply.json()["params"] == {"after_events": 2}
    assert post(sim, STREAM).missing == -1
