"""`client.request`: any path of the API, with everything that a call has."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.shell.downloads import Download, Rows
from keybearer.shell.event_streams import EventStream
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server


def client_of(sim: Simulator, **options: Any) -> Client:
    """Return a client of the simulator."""
    return Client(api_key=sim.api_key, base_url=sim.base_url, **options)


ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "Hello"}],
}


def test_any_path_is_asked_for(sim: Simulator) -> None:
    """With a query, with a body; in the path a query may stand too, and the URL may be whole."""
    with client_of(sim) as client:
        page = client.request("GET", "/v1/models", query={"limit": 2, "lifecycle": ["active"]})
        assert [type(each).__name__ for each in page.data] == ["Record", "Record"]
        assert client.request("get", "/v1/models?limit=3", query={"limit": 1}).data == page.data[:1]
        assert client.request("GET", f"{sim.base_url}/v1/models/{page.data[0].id}").id == page.data[0].id
        message = client.request("POST", "/v1/messages", json=ASK | {"max_tokens": 5}, extra_body={"max_tokens": 10})
        assert message.usage.output_tokens > 0


def test_what_is_awaited_gives_the_same(sim: Simulator) -> None:
    """Objects and streams."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            assert (await client.request("GET", "/v1/models", query={"limit": 1})).data[0].type == "model"
            stream = await client.request("POST", "/v1/messages", json=ASK | {"stream": True}, stream=True)
            types = [event.type async for event in stream]  # type: ignore[union-attr] # it is an event stream
            assert (types[0], types[-1]) == ("message_start", "message_stop")

    asyncio.run(main())


def test_a_stream_is_what_its_media_type_says(sim: Simulator) -> None:
    """Events, JSON lines, or bytes."""
    with client_of(sim) as client:
        with client.request("POST", "/v1/messages", json=ASK | {"stream": True}, stream=True) as stream:
            assert isinstance(stream, EventStream)
            assert next(stream).message.role == "assistant"

    def serve(peer: Peer) -> None:
        while request := peer.request():
            lines = b"jsonl" in request.partition(b"\r\n")[0]
            media = "application/x-jsonl" if lines else "application/pdf"
            peer.reply(b'{"n":1}\n{"n":2}\n', headers=f"content-type: {media}\r\n")

    with raw_server(serve) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        with client.request("GET", "/jsonl", stream=True) as rows:
            assert isinstance(rows, Rows)
            assert [row.n for row in rows] == [1, 2]
        with client.request("GET", "/pdf", stream=True) as file:
            assert isinstance(file, Download)
            assert file.read() == b'{"n":1}\n{"n":2}\n'


def test_it_is_retried_and_fails_as_every_call(sim: Simulator) -> None:
    """The same policy, the same classes."""
    with client_of(sim, max_retries=1) as client:
        with pytest.raises(e.NotFound) as caught:
            client.request("GET", "/v1/models/none")
        assert caught.value.request_id
    seen: list[bytes] = []

    def serve(peer: Peer) -> None:
        while request := peer.request():
            seen.append(request)
            peer.reply(b"{}", status="529 x" if len(seen) == 1 else "200 OK")

    with raw_server(serve) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        assert client.request("PATCH", "/v9/new", json=[1, {"a": None}], betas=["new-1"]).to_dict() == {}
    assert len(seen) == 2
    head, _, body = seen[1].partition(b"\r\n\r\n")
    assert (b"anthropic-beta: new-1" in head, json.loads(body)) == (True, [1, {"a": None}])


@pytest.mark.parametrize(
    "path",
    [
        "https://example.com/v1/models",
        "//example.com/v1/models",
        "/\\example.com",
        "v1/models",
        "",
        "http://127.0.0.1.example.com/v1/models",
        "/v1/../../x",
        "/v1/%2e%2E/x",
        "/v1/models#x",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    """No other host gets the credential, and no other path is meant."""
    with (
        Client(api_key="sk-ant-test", base_url="http://127.0.0.1:1") as client,
        pytest.raises(e.UsageError, match="begins with one '/'|would lead elsewhere"),
    ):
        client.request("GET", path)


def test_what_cannot_be_sent_is_refused() -> None:
    """A method that is none, a body of a GET, an option that is none."""
    with Client(api_key="sk-ant-test", base_url="http://127.0.0.1:1") as client:
        with pytest.raises(e.UsageError, match="knows no method 'GTE'. Did you mean GET"):
            client.request("GTE", "/v1/models")
        with pytest.raises(e.UsageError, match="A GET sends no body"):
            client.request("GET", "/v1/models", json={})
        with pytest.raises(e.UsageError, match="extra_body adds to a mapping"):
            client.request("POST", "/v1/models", json=[1], extra_body={"a": 1})
        with pytest.raises(TypeError, match="'max_token' is no option of this call"):
            client.request("POST", "/v1/models", json={}, max_token=1)  # type: ignore[call-overload] # the mistake is the test
        with pytest.raises(e.LintError, match="no form"):
            client.request("POST", "/v1/models", json={"a": object()})
