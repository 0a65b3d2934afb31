"""Each method of the table sends what the official SDK sends for the same arguments.

The SDK runs here, against a server on loopback that keeps what came. The arguments are made from the SDK's own annotations.
"""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import json
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

import anthropic
import pytest

from keybearer import Client
from keybearer.api.methods import methods
from keybearer.client.resources.tree import ResourceMethod
from keybearer.errors import UnexpectedResponse
from support.whole import sampled
from tools.samples import arguments
from tools.wheel import Row, read_wheel


@cache
def rows() -> list[Row]:
    """Return the SDK's methods. They are read here and not when this module is: every process of a run does that."""
    return read_wheel(Path(anthropic.__file__).parent)[0]


def resource_of(name: str) -> str:
    """Return the first two names of a method's resource."""
    return ".".join(name.split(".")[:-1][:2])


RESOURCES = sorted(set(map(resource_of, methods())))


def test_every_resource_of_the_sdk_is_tried() -> None:
    """The table's resources, of which each is tried below, are the SDK's."""
    assert sorted({resource_of(row.name) for row in rows()}) == RESOURCES


class Sent(NamedTuple):
    """A request, as far as the two clients must agree."""

    line: str
    query: list[tuple[str, str]]
    betas: list[str]
    ids: list[str | None]
    body: Any


class Recorder:
    """A server that keeps what came and answers what the method's reply takes.

    Attributes:
        requests: What came.
        kind: The kind of the replies.
        url: Where it listens.
    """

    def __init__(self) -> None:
        self.requests: list[Sent] = []
        self.kind = "object"
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # a reply in two writes waits 40 ms for the acknowledgement of the first

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                recorder.requests.append(sent(f"{self.command} {self.path}", dict(self.headers.items()), body))
                media, text = recorder.reply(self.path)
                self.send_response(200)
                self.send_header("content-type", media)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, path: str) -> tuple[str, bytes]:
        """Return the media type and the body of a reply."""
        if self.kind == "events":
            return "text/event-stream", b"event: ping\ndata: {}\n\n"
        if self.kind == "binary" or path.endswith("/results"):
            return "application/binary", b""
        return "application/json", json.dumps({"data": [], "id": "x", "results_url": path + "/results"}).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def sent(line: str, headers: dict[str, str], body: bytes) -> Sent:
    """Read a request."""
    path, _, query = line.partition("?")
    headers = {name.lower(): value for name, value in headers.items()}
    kind = headers.get("content-type", "")
    return Sent(
        line=path,
        query=sorted(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))),
        betas=sorted(filter(None, headers.get("anthropic-beta", "").split(","))),
        ids=[headers.get(f"anthropic-{name}-id") for name in ("workspace", "user-profile", "worker")],
        body=form(kind, body) if kind.startswith("multipart/") else json.loads(body) if body else None,
    )


def form(kind: str, body: bytes) -> list[Any]:
    """Return a form's parts: name, file name, type and content."""
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body)
    parts: list[Any] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        parts.append((name, part.get_filename(), part.get_content_type() if part.get_filename() else "", content))
    return sorted(parts)


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    """Serve for all rows."""
    with Recorder() as recorder:
        yield recorder


@pytest.fixture(scope="module")
def official(server: Recorder) -> Iterator[anthropic.Anthropic]:
    """The official client."""
    with anthropic.Anthropic(api_key="sk-ant-test", base_url=server.url, max_retries=0, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def ours(server: Recorder) -> Iterator[Client]:
    """Our client."""
    with Client(api_key="sk-ant-test", base_url=server.url, max_retries=0, timeout=10) as client:
        yield client


def of_official(client: anthropic.Anthropic, row: Row, given: dict[str, Any]) -> None:
    """Call the official client's method."""
    method: Any = client
    for name in row.name.split("."):
        method = getattr(method, name)
    answer = method(**given)
    if hasattr(answer, "close"):
        answer.close()


def of_ours(client: Client, row: Row, given: dict[str, Any]) -> None:
    """Call the method of the table, also where a typed one stands in its place."""
    answer = ResourceMethod(row.name, methods()[row.name], client._runner())(**given)
    if hasattr(answer, "close"):
        answer.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("only_required", sampled([False, True], 2))
@pytest.mark.parametrize("resource", RESOURCES)
def test_a_call_sends_what_the_official_sdk_sends(
    resource: str,
    only_required: bool,
    server: Recorder,
    official: anthropic.Anthropic,
    ours: Client,
) -> None:
    """Method, path, query, body, beta tags and workspace are the same for the same arguments, for each method of a resource."""
    for row in rows():
        if resource_of(row.name) != resource:
            continue
        server.kind = row.reply
        given = arguments(row, only_required=only_required)
        of_official(official, row, given)
        expected = server.requests[-1]
        server.requests.clear()
        with contextlib.suppress(UnexpectedResponse):  # what was answered is no object of this method
            of_ours(ours, row, given)
        assert server.requests[-1] == expected, row.name
