"""Faults in the events of a stream, on requests that are no stream; and what the journal says was delivered."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from typing import Any

import anthropic
import httpx2
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.faults import FAULTS

ASKED: Any = {"model": "claude-haiku-4-5", "max_tokens": 99, "messages": [{"role": "user", "content": "Count to 30"}]}


def test_a_stream_error_is_the_error_itself(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """On a plain request a stream's error is the whole reply, with its own status."""
    sim.fail("stream_error", type="rate_limit_error", message="Slow down")
    with pytest.raises(anthropic.RateLimitError, match="Slow down"):
        sdk.messages.create(**ASKED)


def test_the_message_is_changed_as_the_events_would_be(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A new block, a new stop reason and a huge text are in a plain message too."""
    for fault in ("unknown_block", "unknown_stop_reason; value=nap", "huge_event; bytes=70000"):
        sim.fail(fault)
    new, nap, huge = (sdk.messages.with_raw_response.create(**ASKED).http_response.json() for _ in range(3))
    assert new["content"][-1] == {"type": "hologram_2030", "data": {"voxels": [1, 2, 3]}}
    assert nap["stop_reason"] == "nap"
    assert huge["content"][0]["text"] == "x" * 70000


def test_a_broken_event_is_half_a_body(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """On a plain request the JSON is cut in half, in a reply that is whole HTTP."""
    sim.fail("broken_event")
    got = sdk.messages.with_raw_response.create(**ASKED)
    with pytest.raises(json.JSONDecodeError):
        json.loads(got.http_response.content)
    assert settled(sim) == {"bytes": len(got.http_response.content), "events": 0, "end": "complete"}


@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.needs_stream])
def test_a_fault_without_a_plain_form_waits_for_a_stream(sim: Simulator, sdk: anthropic.Anthropic, name: str) -> None:
    """It is not used up by a plain request; the header asks for it in vain, and says so."""
    sim.fail(name)
    sdk.messages.create(**ASKED)
    assert [each["fault"] for each in sim.unused] == [name]
    with pytest.raises(anthropic.BadRequestError, match="needs a stream, and this request wants none"):
        sdk.messages.create(**ASKED, extra_headers={"x-sim-fault": name})
    with sdk.messages.with_streaming_response.create(**ASKED, stream=True) as reply:
        reply.read()
    assert (sim.requests[-1].note["fault"], sim.unused) == (name, [])


def test_a_fault_in_events_strikes_messages_only(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Another path neither gets it nor uses it up, and is refused as its path."""
    sim.fail("stream_error")
    assert sdk.models.list(limit=1).data
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        sdk.messages.create(**ASKED)
    with pytest.raises(ValueError, match="its path is /v1/messages or .*, not '/v1/models'"):
        sim.fail("stream_error", path="/v1/models")
    with pytest.raises(anthropic.BadRequestError, match="and this is /v1/models"):
        sdk.models.list(extra_headers={"x-sim-fault": "stream_error"})
    with pytest.raises(anthropic.BadRequestError, match="`path` and `skip` have no meaning"):
        sdk.models.list(extra_headers={"x-sim-fault": "529; skip=1"})


def test_pings_are_a_silence_on_a_plain_request(sim: Simulator) -> None:
    """No byte breaks the framing: the head comes, then nothing, until the client leaves."""
    sim.fail("pings", interval=0.01)
    with (
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0, timeout=0.3) as sdk,
        pytest.raises(anthropic.APITimeoutError),
    ):
        sdk.messages.create(**ASKED)
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        sdk.messages.create(**ASKED)
    delivered = settled(sim)
    assert (delivered["bytes"], delivered["end"]) == (0, "left")


def test_a_refusal_is_not_struck(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A fault in the events has no effect on a refusal, and the journal says so."""
    sim.fail("unknown_block")
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.create(**{**ASKED, "model": "claude-nope"})
    assert "fault" not in sim.requests[0].note
    assert sim.requests[0].note["fault_without_effect"] == "unknown_block"


def settled(sim: Simulator, number: int = 0) -> dict[str, Any]:
    """Wait until a request's reply has ended, and return what was delivered of it."""
    deadline = time.monotonic() + 20
    while sim.requests[number].delivered is None and time.monotonic() < deadline:
        time.sleep(0.01)
    delivered = sim.requests[number].delivered
    assert delivered is not None
    return delivered


def test_the_journal_says_what_was_delivered(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A stream that ends is complete, with its events and bytes; one that a fault cuts is cut."""
    with sdk.messages.with_streaming_response.create(**ASKED, stream=True) as reply:
        whole = reply.read()
    sim.fail("cut; after_events=2; ending=close")
    with (
        pytest.raises(httpx2.RemoteProtocolError),
        sdk.messages.with_streaming_response.create(**ASKED, stream=True) as cut,
    ):
        cut.read()
    assert settled(sim) == {"bytes": len(whole), "events": whole.count(b"\n\n"), "end": "complete"}
    delivered = settled(sim, 1)
    assert (delivered["events"], delivered["end"]) == (2, "cut")


def test_a_stream_that_the_client_left_is_not_whole() -> None:
    """What was written before the client left is counted, and nothing after it."""
    with Simulator(tokens_per_second=50.0) as sim:
        body = json.dumps({**ASKED, "stream": True}).encode()
        port = int(sim.base_url.rsplit(":", 1)[1])
        with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as client:
            head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {sim.api_key}\r\n"
            head += f"anthropic-version: 2023-06-01\r\ncontent-length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body)
            got = b""
            while got.count(b"event: content_block_delta") < 2:
                got += client.recv(4096)
        delivered = settled(sim)
    assert delivered["end"] == "left"
    assert 4 <= delivered["events"] < 20
