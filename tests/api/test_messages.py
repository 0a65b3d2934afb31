"""The calls of both clients against what is no proper service: gateways that answer JSON, streams that end early, odd counts."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import keybearer
from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.types.hooks import UsageReported
from keybearer.types.messages import Message
from support.rawserver import Peer, RawServer, raw_server, streaming
from support.sse import START, block_start, delta, frames, message_delta, text_message

MODEL = "claude-haiku-4-5"
HELLO: Any = [{"role": "user", "content": "hi"}]
LONG = 64_000
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 2},
}

Create = Callable[..., Message]


class Bodies(list[dict[str, Any]]):
    """The bodies that a server was sent."""


def answering(body: Any, bodies: Bodies | None = None) -> Callable[[Peer], None]:
    """Return a script that answers every request with this JSON."""

    def script(peer: Peer) -> None:
        while data := peer.request():
            if bodies is not None:
                bodies.append(json.loads(data.partition(b"\r\n\r\n")[2]))
            peer.reply(json.dumps(body).encode())

    return script


def sync_create(server: RawServer, params: dict[str, Any], options: dict[str, Any]) -> Message:
    """Ask with the client that blocks."""
    with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, max_retries=0, **options) as client:
        message: Message = client.messages.create(messages=HELLO, **params)
        return message


def async_create(server: RawServer, params: dict[str, Any], options: dict[str, Any]) -> Message:
    """Ask with the client that is awaited."""

    async def main() -> Message:
        async with AsyncClient(
            api_key="sk-ant-test", base_url=server.url, model=MODEL, max_retries=0, **options
        ) as client:
            message: Message = await client.messages.create(messages=HELLO, **params)
            return message

    return asyncio.run(main())


@pytest.fixture(params=[sync_create, async_create], ids=["sync", "async"])
def create(request: pytest.FixtureRequest) -> Any:
    """Ask with each kind of client: `create(server, params, options)`."""
    return request.param


def test_a_long_answer_that_comes_as_json_is_taken(create: Create) -> None:
    """A gateway that answers JSON whatever was asked for gives the message, and its usage is reported once."""
    reported: list[UsageReported] = []
    bodies = Bodies()
    with raw_server(answering(MESSAGE, bodies)) as server:
        message = create(server, {"max_tokens": LONG}, {"on_usage": reported.append})
    assert (message.text, bodies[0]["stream"]) == ("hi", True)
    assert [(each.usage.output_tokens, each.complete) for each in reported] == [(2, True)]


def test_an_answer_without_a_body_is_no_message(create: Create) -> None:
    """A 204 is no answer to a question."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(script) as server, pytest.raises(e.UnexpectedResponse, match="HTTP 204"):
        create(server, {"max_tokens": 5}, {})


def test_a_client_can_be_kept_from_streaming_underneath(create: Create) -> None:
    """With stream_long_requests=False a long request goes out as any other."""
    bodies = Bodies()
    with raw_server(answering(MESSAGE, bodies)) as server:
        assert create(server, {"max_tokens": LONG}, {"stream_long_requests": False}).text == "hi"
    assert "stream" not in bodies[0]


def test_json_for_a_stream_is_reported() -> None:
    """Only create() takes a whole reply: a stream that does not come is an error with what came."""
    with (
        raw_server(answering(MESSAGE)) as server,
        Client(api_key="sk-ant-test", base_url=server.url, model=MODEL) as client,
    ):
        for ask in (
            lambda: client.messages.create(max_tokens=5, messages=HELLO, stream=True),
            client.messages.stream(max_tokens=5, messages=HELLO).__enter__,
        ):
            with pytest.raises(e.UnexpectedResponse, match="application/json where an event stream was due.*msg_1"):
                ask()


@pytest.mark.parametrize(
    ("body", "cls", "says"),
    [
        ({"error": {"message": "Provider returned error", "code": 502}}, e.UnexpectedResponse, r"error \(code 502\)"),
        ({"detail": "worker died"}, e.UnexpectedResponse, "its body is an error: worker died"),
        ({"error": "no credits"}, e.UnexpectedResponse, "its body is an error: no credits"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}, e.Overloaded, "Busy"),
        ({"choices": [{"text": "hi"}]}, e.UnexpectedResponse, "its body is not a message.*choices"),
        (MESSAGE | {"content": None, "stop_reason": None}, e.UnexpectedResponse, "its content is not a list"),
    ],
)
@pytest.mark.parametrize("max_tokens", [5, LONG])
def test_an_error_under_status_200_has_its_words(
    create: Create, body: Any, cls: type[e.KeybearerError], says: str, max_tokens: int
) -> None:
    """An error body is never an answer, whatever its status, and what it says is in the error."""
    with raw_server(answering(body)) as server, pytest.raises(cls, match=says) as caught:
        create(server, {"max_tokens": max_tokens}, {})
    assert getattr(caught.value, "http_status", 200) == 200


def test_an_answer_without_content_that_says_why_is_one(create: Create) -> None:
    """A refusal whose content is null, without usage, is a message; what was not said is not known."""
    body = {"type": "message", "content": None, "stop_reason": "refusal"}
    with raw_server(answering(body)) as server:
        message = create(server, {"max_tokens": 5}, {})
    assert (message.content, message.stop_reason, message.usage.input_tokens) == ([], "refusal", None)


CUT = [
    START,
    block_start(0, type="tool_use", id="t", name="n", input={}),
    delta(0, "input_json_delta", partial_json='{"a":"x'),
    {"type": "content_block_stop", "index": 0},
    message_delta("max_tokens"),
    {"type": "message_stop"},
]


def test_a_tool_call_that_max_tokens_cut_is_returned_streamed_or_not(create: Create) -> None:
    """create() gives the message with its last call marked, whichever way it asked."""
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"a": "x"}}
    plain = MESSAGE | {"stop_reason": "max_tokens", "content": [call]}
    for script, max_tokens in ((streaming(frames(*CUT)), LONG), (answering(plain), 1000)):
        with raw_server(script) as server:
            message = create(server, {"max_tokens": max_tokens}, {})
        block: Any = message.content[-1]
        assert (message.stop_reason, block.incomplete, block.input, message.tool_calls) == (
            "max_tokens",
            True,
            {"a": "x"},
            [],
        )
        assert block.to_param() == call


# ── the settings of llm.yaml, end to end ─────────────────────────────────────


def from_file(tmp_path: Path, server: RawServer, lines: str) -> Client:
    """Make a client from a file with these lines."""
    path = tmp_path / "llm.yaml"
    path.write_text(
        f"providers:\n  p:\n    api_key: sk-ant-test\n    auth: {{mode: static}}\n    base_url: {server.url}\n"
        f"    model: {MODEL}\n    max_retries: 0\n{lines}"
    )
    return Client.from_config(path)


def large(characters: int) -> bytes:
    """Return a stream with one large event."""
    block = block_start(0, type="web_fetch_tool_result", tool_use_id="s", content={"data": "A" * characters})
    return frames(START, block, *text_message()[-3:])


def test_an_event_of_some_megabytes_comes_through(create: Create) -> None:
    """A result of 3 MB in one event is part of the message, by default."""
    with raw_server(streaming(large(3_000_000))) as server:
        message = create(server, {"max_tokens": LONG}, {})
    assert len(message.to_dict()["content"][0]["content"]["data"]) == 3_000_000


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("    stream_limits: {event_bytes: 2000}\n", "larger than 2000 bytes"),
        ("    stream_limits: {text_bytes: 2000}\n", "longer than 2000 characters"),
        ("    stream_limits:\n      blocks: 1\n", "more than 1 blocks"),
    ],
)
def test_the_limits_of_a_stream_are_set_in_the_file(tmp_path: Path, lines: str, says: str) -> None:
    """Each key of stream_limits has its effect; the error says which limit it was."""
    two = [
        block_start(0, type="text", text="x" * 3000),
        {"type": "content_block_stop", "index": 0},
        block_start(1, type="text"),
    ]
    with raw_server(streaming(frames(START, *two))) as server, from_file(tmp_path, server, lines) as client:
        with pytest.raises(e.StreamProtocolError, match=says):
            client.messages.create(max_tokens=LONG, messages=HELLO)


def test_streaming_underneath_is_turned_off_in_the_file(tmp_path: Path) -> None:
    """stream_long_requests: false has its effect."""
    bodies = Bodies()
    with raw_server(answering(MESSAGE, bodies)) as server:
        with from_file(tmp_path, server, "    stream_long_requests: false\n") as client:
            client.messages.create(max_tokens=LONG, messages=HELLO)
    assert "stream" not in bodies[0]


def test_a_limit_that_is_too_large_is_reported_with_its_line(tmp_path: Path) -> None:
    """What no stream may have is a mistake of the file."""
    with raw_server(answering(MESSAGE)) as server, pytest.raises(keybearer.ConfigError) as caught:
        from_file(tmp_path, server, "    stream_limits:\n      event_bytes: 2000000000\n")
    assert (caught.value.line, caught.value.key) == (9, "providers.p.stream_limits.event_bytes")
    assert "it takes at most 1073741824" in str(caught.value)


# ── count_tokens ─────────────────────────────────────────────────────────────


def png(width: int, height: int) -> bytes:
    """Return an image's bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def counting() -> Iterator[tuple[Client, Bodies]]:
    """Return a client that counts, and what it sends."""
    bodies = Bodies()
    with raw_server(answering({"input_tokens": 7}, bodies)) as server:
        with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL) as client:
            yield client, bodies


def test_every_option_of_a_call_works_for_a_count_too(counting: tuple[Client, Bodies]) -> None:
    """media="fit" fits, cache= places breakpoints, and what is sure to be refused is, unless validate=False."""
    client, bodies = counting
    turns: Any = [{"role": "user", "content": [keybearer.image(png(9000, 10))]}]
    assert client.messages.count_tokens(messages=turns, media="fit", cache="auto").input_tokens == 7
    [block] = bodies[0]["messages"][0]["content"]
    assert Image.open(io.BytesIO(base64.b64decode(block["source"]["data"]))).size == (8000, 9)
    assert block["cache_control"] == {"type": "ephemeral"}
    with pytest.raises(e.LintError, match="9000 x 10"):
        client.messages.count_tokens(messages=turns)
    client.messages.count_tokens(messages=turns, validate=False)
    assert len(bodies) == 2


@pytest.mark.parametrize("body", [{}, {"input_tokens": None}, {"input_tokens": "7"}, {"error": "no"}])
def test_a_count_without_a_number_is_no_count(body: dict[str, Any]) -> None:
    """Unknown is not 0: a reply that does not count is not the API's."""
    with (
        raw_server(answering(body)) as server,
        Client(api_key="sk-ant-test", base_url=server.url, model=MODEL) as client,
    ):
        with pytest.raises(e.UnexpectedResponse, match="it has no number of input_tokens|its body is an error: no"):
            client.messages.count_tokens(messages=HELLO)


def test_an_awaited_client_is_closed_by_either_name() -> None:
    """`aclose()` closes a client, as `contextlib.aclosing` asks for it."""

    async def main() -> None:
        client = AsyncClient(api_key="sk-ant-test", model=MODEL)
        await client.aclose()
        with pytest.raises(e.UsageError, match="closed"):
            await client.messages.create(max_tokens=5, messages=HELLO)

    asyncio.run(main())
