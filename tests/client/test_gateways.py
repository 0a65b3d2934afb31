"""docs/gateways.md, row by row, against a server that answers as gateways do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from keybearer import Client, Message
from keybearer.errors import APIError, KeybearerError, RateLimited, ServerError, StreamTruncated, UnexpectedResponse
from support.rawserver import Peer, raw_server

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-7",
    "type": "message",
    "role": "assistant",
    "model": "company/fast",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
}
ASKED: dict[str, Any] = {"model": "company/fast", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}


@contextmanager
def gateway(
    answer: Any, *, status: str = "200 OK", headers: str = "content-type: application/json\r\n", **options: Any
) -> Iterator[tuple[Client, list[bytes]]]:
    """Yield a client of a gateway that gives one answer, and the requests that the gateway got."""
    seen: list[bytes] = []
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def script(peer: Peer) -> None:
        while request := peer.request():
            seen.append(request)
            peer.reply(body, status=status, headers=headers)

    with raw_server(script) as server:
        given = {"base_url": server.url, "auth_token": "sk-gateway-key", "max_retries": 0, **options}
        with Client(**given) as client:
            yield client, seen


def said(message: Message) -> str:
    """Return the text of an answer."""
    return "".join(block.text for block in message.content if block.type == "text")


def events(*, end: bool = True, **start: Any) -> bytes:
    """Return a stream as gateways send one: no `event:` lines, comments, `[DONE]`."""
    sent: list[Any] = [
        {"type": "message_start", "message": {**ANSWER, "content": [], "stop_reason": None, **start}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": None},
        *([{"type": "message_stop"}] if end else []),
    ]
    return (
        b": a comment\n\n"
        + b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in sent)
        + b"data: [DONE]\n\n"
    )


SSE = "content-type: text/event-stream\r\n"


def test_the_request_carries_the_gateways_token_headers_and_names() -> None:
    """The path below the address is kept, the token is a bearer's without a beta tag, and the model's name is as it was given."""
    with gateway(ANSWER, default_headers={"x-team": "blue"}) as (client, seen):
        raw = client.messages.with_raw_response.create(**ASKED, extra_headers={"x-trace": "7"})
        head, _, body = seen[0].partition(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        assert raw.parse().id == "chatcmpl-7"
    assert {b"authorization: bearer sk-gateway-key", b"x-team: blue", b"x-trace: 7"} <= set(lines)
    assert not [line for line in lines if line.startswith((b"anthropic-beta", b"x-api-key"))]
    assert json.loads(body)["model"] == "company/fast"


def test_an_address_with_a_path_is_asked_below_it() -> None:
    """`https://gate.example/anthropic` is asked for `/anthropic/v1/messages`."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(json.dumps(ANSWER).encode())

    with raw_server(script) as server, Client(base_url=f"{server.url}/anthropic", api_key="sk-virtual") as client:
        client.messages.create(**ASKED)
    assert seen[0].startswith(b"POST /anthropic/v1/messages HTTP/1.1\r\n")
    assert b"\r\nx-api-key: sk-virtual\r\n" in seen[0]


def test_usage_that_is_missing_is_none() -> None:
    """An answer without figures is an answer; a figure that did not come is None, never 0."""
    with gateway(ANSWER) as (client, _):
        message = client.messages.create(**ASKED)
    assert (said(message), message.model) == ("hello", "company/fast")
    assert message.usage.input_tokens is None


def test_a_stream_without_event_lines_and_with_done_is_read() -> None:
    """Comments and `[DONE]` are read over, and null figures are None."""
    with gateway(events(), headers=SSE) as (client, _), client.messages.stream(**ASKED) as stream:
        assert "".join(stream.text_stream) == "hello"
        assert stream.get_final_message().stop_reason == "end_turn"


def test_a_stream_without_its_last_event_is_taken_only_if_asked() -> None:
    """Strict, it is a `StreamTruncated` that is logically complete; with `strict_streams=False` it is the message."""
    with gateway(events(end=False), headers=SSE) as (client, _):
        with pytest.raises(StreamTruncated) as caught, client.messages.stream(**ASKED) as stream:
            stream.get_final_message()
        assert caught.value.logically_complete
    with gateway(events(end=False), headers=SSE, strict_streams=False) as (client, _):
        with client.messages.stream(**ASKED) as stream:
            assert said(stream.get_final_message()) == "hello"


LITELLM = {
    "error": {"message": "litellm.RateLimitError: slow down", "type": "throttling_error", "param": None, "code": "429"}
}


@pytest.mark.parametrize(
    ("status", "body", "cls", "words"),
    [
        ("429 Too Many Requests", LITELLM, RateLimited, "slow down"),
        ("401 Unauthorized", {"error": {"message": "Authentication Error, no key", "code": "401"}}, APIError, "no key"),
        ("500 Internal Server Error", {"detail": "upstream is down"}, ServerError, "upstream is down"),
        ("502 Bad Gateway", b"<html><h1>Bad Gateway</h1></html>", ServerError, "502"),
        ("503 Service Unavailable", b"", ServerError, "503"),
        ("200 OK", {"error": {"message": "no such deployment", "type": "x"}}, UnexpectedResponse, "no such deployment"),
    ],
)
def test_an_error_in_any_shape_has_the_class_of_its_status(
    status: str, body: Any, cls: type[KeybearerError], words: str
) -> None:
    """LiteLLM's errors are OpenAI's, a web framework's have `detail`, a load balancer's are a page: each says what came."""
    with gateway(body, status=status) as (client, _), pytest.raises(cls) as caught:
        client.messages.create(**ASKED)
    assert words in str(caught.value)
    assert "sk-gateway-key" not in str(caught.value)


def test_a_long_request_that_a_gateway_answers_whole() -> None:
    """With `stream_long_requests=False` no stream is asked for, and a whole answer is the answer either way."""
    for streams in (True, False):
        with gateway(ANSWER, stream_long_requests=streams) as (client, seen):
            assert said(client.messages.create(**{**ASKED, "max_tokens": 120_000})) == "hello"
        assert (b'"stream":true' in seen[0]) is streams
