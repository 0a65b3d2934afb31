"""`error.request` and `error.response`: beside the official SDK's, and without any credential."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import anthropic
import pytest

from keybearer import Client, MessageStream
from keybearer import errors as e
from keybearer.types.http import Headers
from keybearer.types.seen import masked_headers
from support.rawserver import Peer, raw_server

KEY = "canary-0123456789"  # not of Anthropic's form, as a gateway's
ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 5,
    "messages": [{"role": "user", "content": "Hello"}],
}
BODY = f'{{"type":"error","error":{{"type":"rate_limit_error","message":"slow down, {KEY}"}},"request_id":"req_1"}}'
HEADERS = f"content-type: application/json\r\nrequest-id: req_1\r\nset-cookie: session=abc\r\nx-echo: {KEY}\r\n"


def refuse(peer: Peer) -> None:
    """Answer 429 with a body, a header and a cookie that hold the key."""
    while peer.request():
        peer.reply(BODY.encode(), status="429 Too Many Requests", headers=HEADERS)


def shown(error: Any) -> list[Any]:
    """Return what a program reads of an error."""
    request, response = error.request, error.response
    return [
        error.status_code,
        request.method,
        str(request.url).partition("/v1")[2],
        request.headers["anthropic-version"],
        response.status_code,
        response.headers["request-id"],
        response.headers.get("content-type"),
        response.json()["error"]["type"],
        response.request.method,
        len(response.content) > 0,
        "rate_limit_error" in response.text,
    ]


def test_they_are_read_as_the_official_sdk_s() -> None:
    """The same lines give the same values."""
    with raw_server(refuse) as server:
        with Client(api_key=KEY, base_url=server.url, max_retries=0) as ours, pytest.raises(e.RateLimited) as failed:
            ours.messages.create(**ASK)
        with anthropic.Anthropic(api_key=KEY, base_url=server.url, max_retries=0) as official:
            with pytest.raises(anthropic.RateLimitError) as theirs:
                official.messages.create(**ASK)
    assert shown(failed.value) == shown(theirs.value)


def test_no_credential_is_in_them() -> None:
    """Neither in what was sent nor in what the service repeats; nor in a repr, a copy or a pickle."""
    own = {"x-gateway-token": "canary-gateway"}
    with raw_server(refuse) as server:
        with Client(api_key=KEY, base_url=server.url, max_retries=0, default_headers=own) as client:
            with pytest.raises(e.RateLimited) as failed:
                client.messages.create(**ASK)
    error = failed.value
    assert (error.request.headers["x-api-key"], error.request.headers["x-gateway-token"]) == ("***", "***")
    assert "set-cookie" not in error.response.headers
    assert error.response.headers["x-echo"] == "***"
    pickled = pickle.dumps([error.request, error.response])
    texts = f"{error.request!r} {error.response!r} {error.response.text} {dict(error.response.headers)} {pickled!r}"
    assert "canary" not in texts
    assert "Hello" not in texts
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301 - our own bytes
        assert (other.request, other.response) == (error.request, error.response)


@pytest.mark.parametrize(
    "status", ["200 OK", "302 Found", "400 Bad Request", "401 No", "403 No", "404 No", "500 No", "529 No"]
)
@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/event-stream"])
def test_no_error_keeps_a_credential_of_any_form_that_the_service_repeats(status: str, kind: str) -> None:
    """Whatever its class: not in its message, its body, its headers, nor in a pickle of it."""
    said = {
        "text/html": f"<p>no {KEY}",
        "text/event-stream": f'event: error\ndata: {{"message":"no {KEY}","{KEY}":1}}\n\n',
    }
    body = said.get(kind, f'{{"error":{{"message":"no {KEY}"}},"{KEY}":["{KEY}"]}}').encode()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(body, status=status, headers=f"content-type: {kind}\r\nx-echo: {KEY}\r\nlocation: /{KEY}\r\n")

    with raw_server(script) as server, Client(api_key=KEY, base_url=server.url, max_retries=0) as client:
        with pytest.raises(e.KeybearerError) as failed, client.messages.stream(**ASK) as stream:
            stream.get_final_message()
    error = failed.value
    assert KEY not in f"{error} {error!r} {vars(error)!r} {dict(getattr(error, 'headers', {}))}"
    assert KEY.encode() not in pickle.dumps(error)
    assert "***" in str(error)
    assert error.request is not None
    assert error.response is not None


def test_an_error_in_a_stream_has_them_too() -> None:
    """The reply's body is the stream itself, so there is none."""

    def script(peer: Peer) -> None:
        if peer.request():
            peer.stream_head()
            start = b'{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"x"}}'
            peer.chunk(b"event: message_start\ndata: " + start + b"\n\n")
            block = b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
            peer.chunk(b"event: content_block_start\ndata: " + block + b"\n\n")
            peer.chunk(b"")

    with raw_server(script) as server, Client(api_key=KEY, base_url=server.url, max_retries=0) as client:
        with client.messages.stream(**ASK) as stream:
            assert isinstance(stream, MessageStream)
            with pytest.raises(e.StreamTruncated) as failed:
                stream.get_final_message()
    error = failed.value
    assert error.request is not None
    assert error.response is not None
    assert (error.request.url, error.request.headers["x-api-key"]) == (server.url + "/v1/messages", "***")
    assert (error.response.status_code, error.response.content) == (200, b"")


def test_where_nothing_came_or_nothing_was_sent_there_is_none() -> None:
    """A failure of the network has a request alone; what is refused before it is sent has neither."""
    with Client(api_key=KEY, base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(e.ConnectionFailed) as failed:
            client.messages.create(**ASK)
        with pytest.raises(e.LintError) as refused:
            client.messages.create(**{**ASK, "messages": [{"role": "robot", "content": "Hello"}]})
    assert failed.value.request is not None
    assert (failed.value.request.method, failed.value.response) == ("POST", None)
    assert getattr(refused.value, "response", "?") is None


def test_headers_that_may_carry_a_credential_are_masked_by_their_names() -> None:
    """Also those that gateways invent."""
    masked = masked_headers(Headers([("X-Portkey-Api-Key", "s"), ("cf-access-client-secret", "s"), ("x-trace", "1")]))
    assert dict(masked) == {"x-portkey-api-key": "***", "cf-access-client-secret": "***", "x-trace": "1"}
