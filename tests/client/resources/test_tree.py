"""Resources that are served from the table: names, answers, pages, streams and files, sync and async."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.api.methods import methods
from keybearer.client.resources import generated
from keybearer.client.resources.tree import TYPED, Resource, ResourceMethod
from keybearer.types.record import Record
from support.rawserver import Peer, RawServer, Script, raw_server
from tools.wheel import HELPERS

BY_HAND = tuple(f"{each}." for name in TYPED.items() for each in name)


class Served:
    """A script that answers each request with the next reply, and keeps what was asked."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        while request := peer.request():
            self.asked.append(request.split(b" HTTP/")[0].decode())
            answer = self.replies.pop(0)
            if callable(answer):
                answer(peer)
                return
            peer.reply(json.dumps(answer).encode(), headers="content-type: application/json\r\nrequest-id: req_1\r\n")


def of(server: RawServer, **options: Any) -> Client:
    """Return a client of a server."""
    return Client(api_key="sk-ant-test", base_url=server.url, timeout=10, max_retries=0, **options)


def async_of(server: RawServer) -> AsyncClient:
    """Return its counterpart."""
    return AsyncClient(api_key="sk-ant-test", base_url=server.url, timeout=10, max_retries=0)


def stream_of(body: bytes, media: str, *, cut: bool = False) -> Script:
    """Return what sends a body in chunks."""

    def send(peer: Peer) -> None:
        peer.send(f"HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        peer.chunk(body)
        if not cut:
            peer.chunk(b"")

    return send


def test_an_object_comes_as_a_record() -> None:
    """Its nested objects are read as attributes, and the request id is at hand."""
    served = Served({"id": "sesn_1", "agent": {"id": "agent_1"}})
    with raw_server(served) as server, of(server) as client:
        session = client.beta.sessions.create(agent="agent_1", environment_id="env_1", title=None)
    assert isinstance(session, Record)
    assert (session.agent.id, session._request_id) == ("agent_1", "req_1")
    assert served.asked == ["POST /v1/sessions"]


def test_pages_follow_one_another_for_each_kind_of_cursor() -> None:
    """By `next_page`, and by the last id."""
    served = Served(
        {"data": [{"id": "a"}], "next_page": "p 2"},
        {"data": [{"id": "b"}], "next_page": None},
        {"data": [{"id": "u1"}], "has_more": True, "first_id": "u1", "last_id": "u1"},
        {"data": [{"id": "u2"}], "has_more": False, "last_id": "u2"},
    )
    with raw_server(served) as server, of(server) as client:
        assert [each.id for each in client.beta.agents.list(limit=1)] == ["a", "b"]
        assert [each.id for each in client.organization.users.list(limit=1)] == ["u1", "u2"]
    assert served.asked == [
        "GET /v1/agents?limit=1",
        "GET /v1/agents?limit=1&page=p%202",
        "GET /v1/organizations/users?limit=1",
        "GET /v1/organizations/users?limit=1&after_id=u1",
    ]


def test_an_event_stream_is_iterated_over_and_closes() -> None:
    """Each event is a record; a cut is an error, with how many came."""
    events = b'event: session.status_idle\ndata: {"type":"session.status_idle","stop":{"reason":"end"}}\n\n'
    served = Served(*[stream_of(events, "text/event-stream", cut=cut) for cut in (False, True)])
    with raw_server(served) as server, of(server) as client:
        with client.beta.sessions.events.stream("sesn_1") as stream:
            assert [event.stop.reason for event in stream] == ["end"]
        with client.beta.sessions.events.stream("sesn_1") as stream:
            assert next(stream).type == "session.status_idle"
            with pytest.raises(e.StreamTruncated) as caught:
                next(stream)
    assert caught.value.events == 1
    assert "the list of events" in caught.value.hint
    assert served.asked == ["GET /v1/sessions/sesn_1/events/stream"] * 2


def test_what_is_no_event_stream_where_one_was_due_is_an_error() -> None:
    """A gateway that answers JSON is named."""
    served = Served({"data": []}, {"data": []})
    with raw_server(served) as server, of(server, concurrency=1) as client:
        for _ in range(2):  # the permit of the first was released
            with pytest.raises(e.UnexpectedResponse, match="application/json where an event stream was due"):
                client.beta.sessions.events.stream("sesn_1")


def test_files_go_out_as_a_form(tmp_path: Path) -> None:
    """A path, a file object, and bytes with a name."""
    bodies: list[bytes] = []

    def serve(peer: Peer) -> None:
        bodies.append(peer.request())
        peer.reply(b'{"id": "plugin_1"}')

    path = tmp_path / "a.md"
    path.write_bytes(b"AA")
    with raw_server(serve) as server, of(server) as client:
        made = client.beta.organization.plugins.create(
            files=[path, ("b.txt", b"BB", "text/plain"), ("c.bin", io.BytesIO(b"CC"))], release_notes="ü"
        )
    assert made.id == "plugin_1"
    assert bodies[0].count(b'name="files[]"; filename=') == 3
    assert b'filename="a.md"' in bodies[0]
    assert b"BB\r\n" in bodies[0]
    assert b'name="release_notes"\r\n\r\n\xc3\xbc\r\n' in bodies[0]


def test_what_can_be_read_once_is_uploaded_too() -> None:
    """Awaited, from an iterator; a file that cannot be read is refused before anything is sent."""
    bodies: list[bytes] = []

    def serve(peer: Peer) -> None:
        while request := peer.request():
            bodies.append(request)
            peer.reply(b'{"id": "version_1"}')

    async def main(server: RawServer) -> None:
        async with async_of(server) as client:
            made = await client.beta.organization.plugins.versions.create(
                "plugin_1", files=[("a.md", (piece for piece in (b"on", b"ce")))]
            )
            assert made.id == "version_1"
            with pytest.raises(e.UsageError, match="cannot be uploaded"):
                await client.beta.organization.plugins.versions.create("plugin_1", files=[iter([b"x"]), "/none/there"])

    with raw_server(serve) as server:
        asyncio.run(main(server))
    assert len(bodies) == 1
    assert b"once\r\n" in bodies[0]


def test_what_is_awaited_gives_the_same() -> None:
    """Objects, pages, streams; arguments are checked before anything is awaited."""
    events = b'data: {"n":{"m":1}}\n\n'
    served = Served(
        {"id": "a", "nested": {"x": 1}}, {"data": [{"id": "a"}], "next_page": "2"}, {"data": [{"id": "b"}]}, *[
            {"data": [{"id": "c"}]}, stream_of(events, "text/event-stream")
        ]
    )  # fmt: skip

    async def main(url: RawServer) -> None:
        async with async_of(url) as client:
            assert (await client.beta.agents.retrieve("a")).nested.x == 1
            assert [each.id async for each in client.beta.agents.list()] == ["a", "b"]
            page = await client.beta.agents.list()
            assert page.data[0].id == "c"
            async with await client.beta.sessions.events.stream("s") as stream:
                assert [event.n.m async for event in stream] == [1]
            with pytest.raises(TypeError, match="needs agent_id"):
                client.beta.agents.retrieve()  # type: ignore[call-arg, unused-coroutine] # the mistake is the test

    with raw_server(served) as server:
        asyncio.run(main(server))


def test_a_beta_tag_of_the_method_is_joined_with_the_caller_s() -> None:
    """And what a body has says nothing here: `mcp_servers` of an agent are not those of a message."""
    heads: list[bytes] = []

    def serve(peer: Peer) -> None:
        while request := peer.request():
            heads.append(request.partition(b"\r\n\r\n")[0].lower())
            peer.reply(b"{}")

    with raw_server(serve) as server, of(server) as client:
        client.beta.agents.create(name="n", model="claude-haiku-4-5", mcp_servers=[{"type": "url"}], betas=["mine-1"])
    assert b"anthropic-beta: mine-1,managed-agents-2026-04-01" in heads[0]


def test_a_call_of_the_table_has_the_options_of_every_call() -> None:
    """Retries, errors in their class, time-outs and headers; a wrong one is refused."""
    statuses = ["529 x", "404 x"]

    def serve(peer: Peer) -> None:
        while peer.request():
            peer.reply(b"{}", status=statuses.pop(0))

    with raw_server(serve) as server, of(server) as client:
        with pytest.raises(e.NotFound) as caught:
            client.beta.vaults.retrieve("v", max_retries=1)
        assert len(caught.value.attempts) == 2
        with pytest.raises(e.UsageError, match="timeout"):
            client.beta.vaults.retrieve("v", timeout=-1)
        with pytest.raises(e.LintError, match="cannot set x-api-key"):
            client.beta.vaults.retrieve("v", extra_headers={"x-api-key": "k"})


def test_other_defaults_are_those_of_the_table_s_calls_too() -> None:
    """A client made with `with_options` from one that was used already sends its own headers and goes to its own address."""
    heads: list[bytes] = []

    def serve(peer: Peer) -> None:
        while request := peer.request():
            heads.append(request)
            peer.reply(b"{}")

    with raw_server(serve) as server, of(server) as client:
        client.beta.vaults.retrieve("a")
        other = client.with_options(base_url=server.url + "/other", default_headers={"x-team": "b"})
        other.beta.vaults.retrieve("b")
        other.request("GET", "/v1/new")
    assert b"x-team" not in heads[0]
    assert [head.split(b" ")[1] for head in heads] == [b"/v1/vaults/a", b"/other/v1/vaults/b", b"/other/v1/new"]
    assert all(b"x-team: b" in head for head in heads[1:])


def test_every_method_of_the_sdk_has_its_place() -> None:
    """Each of the table's names is a callable of both clients, typed by hand or served from the table."""
    for client in (Client(api_key="sk-ant-test"), AsyncClient(api_key="sk-ant-test")):
        for name in methods():
            found: Any = client
            for part in name.split("."):
                found = getattr(found, part)
            assert callable(found), name
            if not name.startswith(BY_HAND):
                assert isinstance(found, ResourceMethod), name
    assert not HELPERS.keys() & methods().keys()


def test_typed_resources_stand_in_the_tree() -> None:
    """`client.beta.messages` is `client.messages`."""
    client = Client(api_key="sk-ant-test")
    assert client.beta.messages is client.messages
    assert client.beta.models is client.models
    assert client.beta.files is client.files


def test_the_reply_comes_with_the_answer_where_it_is_asked_for() -> None:
    """Of a resource below another too, awaited or not, with its headers and its status."""
    served = Served({"id": "a"}, {"data": [{"id": "b"}]}, {"id": "c"}, {"data": [{"id": "d"}]})

    async def main(server: RawServer) -> None:
        async with async_of(server) as client:
            raw = await client.beta.vaults.with_raw_response.retrieve("c")
            assert (raw.request_id, raw.parse().id) == ("req_1", "c")
            raw = await client.beta.vaults.with_raw_response.list()
            assert (raw.status_code, raw.parse().data[0].id) == (200, "d")

    with raw_server(served) as server:
        with of(server) as client:
            raw = client.beta.vaults.with_raw_response.retrieve("a")
            assert (raw.status_code, raw.request_id, raw.parse().id) == (200, "req_1", "a")
            raw = client.beta.with_raw_response.vaults.credentials.list("v")
            assert (raw.headers["content-type"], [each.id for each in raw.parse()]) == ("application/json", ["b"])
            assert client.beta.with_raw_response.messages.create
        asyncio.run(main(server))


def test_a_name_that_is_not_there_is_an_error_with_the_nearest() -> None:
    """For resources as for methods; `client.request` is named for what is newer."""
    client = Client(api_key="sk-ant-test")
    for resource, name, words in (
        (client.beta, "sesions", "client.beta has no 'sesions'. Did you mean sessions?"),
        (client.beta.sessions, "creat", "Did you mean create?.*client.request"),
    ):
        with pytest.raises(AttributeError, match=words):
            getattr(resource, name)
        assert not hasattr(resource, "__wrapped__")


def test_a_resource_and_a_method_show_what_they_are() -> None:
    """In `dir`, in a repr, as a signature."""
    client = Client(api_key="sk-ant-test")
    assert {"sessions", "messages", "organization"} <= set(dir(client.beta))
    assert repr(client.beta.sessions.events) == "<client.beta.sessions.events: list, send, stream>"
    method: Any = client.beta.sessions.events.send
    shown = "(session_id, *, events, workspace_id=Ellipsis, **options)"
    assert str(inspect.signature(method)) == shown
    assert repr(method) == f"<beta.sessions.events.send{shown}: POST /v1/sessions/{{session_id}}/events>"
    assert method.__doc__ == "POST /v1/sessions/{session_id}/events"
    assert generated.BetaSessions is Resource  # type: ignore[comparison-overlap] # at run time, for annotations
    with pytest.raises(AttributeError):
        generated.__wrapped__  # type: ignore[attr-defined]  # noqa: B018 - the access is the test
