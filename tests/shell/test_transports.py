"""Every transport adapter keeps the same contract: the conformance tests, run on each."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from keybearer.errors import ConnectionFailed, TimedOut, TransportError
from keybearer.shell.aiohttp import AiohttpTransport
from keybearer.shell.httpx import AsyncHttpxTransport, HttpxTransport
from keybearer.shell.transport import TransportOptions
from keybearer.shell.urllib3 import Urllib3Transport
from keybearer.types.http import Reply, Request, Timeouts
from support.rawserver import Peer, RawServer, raw_server

QUICK = Timeouts(connect=5, first_byte=5, idle=5, total=10)


class Blocking:
    """An async adapter behind the sync protocol, on an event loop of its own, so that one test runs on both kinds."""

    def __init__(self, make: Callable[[TransportOptions], Any], options: TransportOptions) -> None:
        self._loop = asyncio.new_event_loop()
        self._transport = make(options)

    def send(self, request: Request) -> Reply:
        reply: Reply = self._run(self._transport.send(request))
        if reply.stream is not None:
            return msgspec.structs.replace(reply, stream=_BlockingStream(reply.stream, self._run))
        return reply

    def close(self) -> None:
        self._run(self._transport.close())
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)


class _BlockingStream:
    def __init__(self, stream: Any, run: Callable[[Any], Any]) -> None:
        self._stream, self._run = stream, run

    def read(self) -> bytes:
        data: bytes = self._run(self._stream.read())
        return data

    def finish(self) -> None:
        self._run(self._stream.finish())

    def close(self) -> None:
        self._run(self._stream.close())


Make = Callable[..., Any]

ADAPTERS: dict[str, Callable[[TransportOptions], Any]] = {
    "urllib3": Urllib3Transport,
    "aiohttp": lambda options: Blocking(AiohttpTransport, options),
    "httpx": HttpxTransport,
    "httpx-async": lambda options: Blocking(AsyncHttpxTransport, options),
}


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make transports of one kind, closed at the end."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(ADAPTERS[request.param](TransportOptions(**options)))
        return made[-1]

    yield build
    for transport in made:
        transport.close()


def request(url: str, *, stream: bool = False, timeouts: Timeouts = QUICK, body: bytes = b"{}") -> Request:
    """Return a signed request."""
    headers = {"x-api-key": "canary-key", "content-type": "application/json", "accept-encoding": "identity"}
    return Request(
        method="POST", url=url + "/v1/messages", headers=headers, body=body, stream=stream, timeouts=timeouts
    )


def test_a_reply_comes_whole_and_the_request_as_it_was_given(make: Make) -> None:
    """Status, headers and body come back; method, path, headers and body went out."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(b'{"a": 1}', status="201 Created", headers="X-One: 1\r\nx-two: 2\r\nX-Two: 3\r\n")

    with raw_server(script) as server:
        reply = make().send(request(server.url, body=b"x" * 300_000))
    assert (reply.status, reply.body, reply.stream) == (201, b'{"a": 1}', None)
    assert (reply.headers["x-ONE"], reply.headers["x-two"]) == ("1", "2, 3")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /v1/messages http/1.1"
    assert {b"x-api-key: canary-key", b"accept-encoding: identity", b"content-length: 300000"} <= set(lines)
    assert body == b"x" * 300_000


def test_no_header_is_added_that_names_the_library(make: Make) -> None:
    """The user agent is the request's own or none: never the library's."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(b"{}")

    with raw_server(script) as server:
        sent = request(server.url)
        make().send(msgspec.structs.replace(sent, headers=sent.headers | {"user-agent": "keybearer/test"}))
    agents = [line for line in seen[0].lower().split(b"\r\n") if line.startswith(b"user-agent")]
    assert agents == [b"user-agent: keybearer/test"]


def test_a_stream_comes_chunk_by_chunk_as_it_is_sent(make: Make) -> None:
    """Each chunk is given before the next is sent; the end is an empty one; the connection is used again."""
    ready = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            for chunk in (b"one", b"two"):
                peer.chunk(chunk)
                assert ready.wait(5)
                ready.clear()
            peer.chunk(b"")

    with raw_server(script) as server:
        transport = make()
        for _ in range(2):
            reply = transport.send(request(server.url, stream=True))
            assert reply.body == b""
            for chunk in (b"one", b"two"):
                assert reply.stream.read() == chunk
                ready.set()
            assert reply.stream.read() == b""
            reply.stream.close()
        assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "content_type"),
    [("529 Overloaded", "application/json"), ("200 OK", "text/html"), ("500 Oops", "text/event-stream")],
)
def test_an_answer_that_is_no_stream_comes_whole(make: Make, status: str, content_type: str) -> None:
    """An error or another type in answer to a stream request has its whole body, ready to be judged."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"because", status=status, headers=f"content-type: {content_type}\r\n")

    with raw_server(script) as server:
        reply = make().send(request(server.url, stream=True))
    assert (reply.status, reply.body, reply.stream) == (int(status[:3]), b"because", None)


def test_finish_lets_the_connection_be_used_again(make: Make) -> None:
    """After the message's end, `finish` reads the body's end and the next request needs no new connection."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.stream_head()
            peer.chunk(b"all")
            peer.chunk(b"")

    with raw_server(script) as server:
        transport = make()
        for _ in range(3):
            reply = transport.send(request(server.url, stream=True))
            assert reply.stream.read() == b"all"
            reply.stream.finish()
        assert server.connections == 1


def test_close_in_the_middle_closes_the_connection(make: Make) -> None:
    """A stream that is closed before its end takes its connection with it; the server sees it go."""
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(b"first")
        if peer.number == 0 and peer.sock.recv(1) == b"":
            gone.set()

    with raw_server(script) as server:
        transport = make()
        reply = transport.send(request(server.url, stream=True))
        assert reply.stream.read() == b"first"
        reply.stream.close()
        assert gone.wait(5)
        transport.send(request(server.url, stream=True)).stream.close()
        assert server.connections == 2


def _cut(peer: Peer) -> None:
    peer.request()
    peer.stream_head()
    peer.chunk(b"first")


def _reset(peer: Peer) -> None:
    _cut(peer)
    peer.reset()


def _bad_chunk(peer: Peer) -> None:
    _cut(peer)
    peer.send(b"zork\r\n")


@pytest.mark.parametrize("script", [_cut, _reset, _bad_chunk])
def test_a_body_that_breaks_is_our_error(make: Make, script: Callable[[Peer], None]) -> None:
    """A cut, a reset and a garbled body raise ConnectionFailed, never the library's own exception."""
    with raw_server(script) as server:
        transport = make()
        with pytest.raises(ConnectionFailed) as caught:
            _read_all(transport.send(request(server.url, stream=True)))
    assert caught.value.delivered


@pytest.mark.parametrize("script", [lambda peer: peer.request() and None, lambda peer: peer.request() and peer.reset()])
def test_a_connection_that_ends_before_a_reply(make: Make, script: Callable[[Peer], None]) -> None:
    """A close or reset before any reply is ConnectionFailed on a fresh connection."""
    with raw_server(script) as server, pytest.raises(ConnectionFailed) as caught:
        make().send(request(server.url))
    assert (caught.value.phase, caught.value.reused, caught.value.retryable) == ("first_byte", False, True)


def test_a_stale_connection_is_told(make: Make) -> None:
    """A failure on a kept-alive connection says that it was reused, so that the driver may send once more."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"{}")
        if peer.number == 0:
            peer.request()  # the second request comes, and the connection ends without a word
        else:
            peer.request()

    with raw_server(script) as server:
        transport = make()
        assert transport.send(request(server.url)).status == 200
        with pytest.raises(ConnectionFailed) as caught:
            transport.send(request(server.url))
        assert caught.value.reused


def test_nobody_listens(make: Make) -> None:
    """A refused connection is ConnectionFailed while connecting."""
    with raw_server(lambda _peer: None) as server:
        url = server.url
    with pytest.raises(ConnectionFailed) as caught:
        make().send(request(url))
    assert (caught.value.phase, caught.value.delivered) == ("connect", False)
    host = url.removeprefix("http://")
    assert caught.value.message.startswith(f"No connection to {host} could be made: ")
    assert caught.value.hint == "Check base_url, the network, and the proxy if one is needed."


def test_a_name_that_does_not_exist(make: Make) -> None:
    """A host name without an address is told as such."""
    with pytest.raises(ConnectionFailed) as caught:
        make().send(request("http://no-such-host.invalid"))
    assert caught.value.phase in {"dns", "connect"}
    assert "no-such-host.invalid" in caught.value.message
    assert not any(noise in str(caught.value) for noise in ("0x", "Errno", "object at"))


def silent(peer: Peer) -> None:
    """Read the request and say nothing until the client goes."""
    peer.request()
    peer.sock.recv(1)


def stalled(peer: Peer) -> None:
    """Begin a stream and say nothing more until the client goes."""
    _cut(peer)
    peer.sock.recv(1)


def test_no_first_byte_in_time(make: Make) -> None:
    """A server that says nothing is TimedOut at the first byte."""
    limits = msgspec.structs.replace(QUICK, first_byte=0.1)
    with raw_server(silent) as server, pytest.raises(TimedOut) as caught:
        make().send(request(server.url, timeouts=limits))
    assert caught.value.phase == "first_byte"
    assert caught.value.message == "No reply began within 0.1 s (timeouts.first_byte)."
    assert caught.value.hint == "Stream the answer, which then begins sooner; or raise the limit."


def test_no_more_bytes_in_time(make: Make) -> None:
    """A stream that stalls is TimedOut as idle, though the first byte had far more time."""
    limits = msgspec.structs.replace(QUICK, idle=0.1)
    with raw_server(stalled) as server:
        reply = make().send(request(server.url, stream=True, timeouts=limits))
        assert reply.stream.read() == b"first"
        with pytest.raises(TimedOut) as caught:
            reply.stream.read()
        reply.stream.close()
    assert caught.value.phase == "idle"
    assert caught.value.message == "No more of the reply came within 0.1 s (timeouts.idle)."
    assert "a proxy in between may hold the reply back" in caught.value.hint


def test_no_connection_in_time(make: Make) -> None:
    """A host that does not take the connection is TimedOut while connecting; nothing was delivered."""
    limits = msgspec.structs.replace(QUICK, connect=0.2)
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # the queue of a listener that accepts nothing is full: the next waits
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        with pytest.raises(TimedOut) as caught:
            make().send(request(url, timeouts=limits))
    assert (caught.value.phase, caught.value.delivered, caught.value.retryable) == ("connect", False, True)
    assert caught.value.message == "No connection was made within 0.2 s (timeouts.connect)."
    assert "Check that the host can be reached" in caught.value.hint


@pytest.mark.parametrize("script", [silent, stalled])
def test_the_total_time_is_kept(make: Make, script: Callable[[Peer], None]) -> None:
    """When the whole call's time passes, the error says that, wherever the call is; it is not worth another try."""
    limits = msgspec.structs.replace(QUICK, total=0.15)
    with raw_server(script) as server:
        transport = make()
        with pytest.raises(TimedOut) as caught:
            _read_all(transport.send(request(server.url, stream=True, timeouts=limits)))
    assert (caught.value.phase, caught.value.retryable) == ("total", False)
    assert caught.value.message == "The call did not end within 0.15 s (timeouts.total)."
    assert "timeout=..." in caught.value.hint


@pytest.mark.parametrize("script", [silent, stalled])
def test_the_total_time_that_is_told_is_the_call_s(make: Make, script: Callable[[Peer], None]) -> None:
    """An attempt has what the ones before it left; the error names the limit of the whole call."""
    limits = msgspec.structs.replace(QUICK, total=0.15)
    with raw_server(script) as server:
        transport = make()
        sent = msgspec.structs.replace(request(server.url, stream=True, timeouts=limits), deadline=30.0)
        with pytest.raises(TimedOut) as caught:
            _read_all(transport.send(sent))
    assert caught.value.message == "The call did not end within 30 s (timeouts.total)."


def test_a_reply_s_head_that_drips_does_not_outlast_the_call(make: Make) -> None:
    """A server that sends the head byte by byte, each in good time, is left when the call's time has passed."""

    def drip(peer: Peer) -> None:
        peer.request()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x-slow: 1\r\n" * 40:
            peer.send(bytes([byte]))
            if over.wait(0.02):
                return

    over = threading.Event()
    limits = msgspec.structs.replace(QUICK, first_byte=5, total=0.3)
    with raw_server(drip) as server:
        with pytest.raises(TimedOut) as caught:
            make().send(request(server.url, timeouts=limits))
        over.set()
    assert (caught.value.phase, caught.value.delivered) == ("total", True)


@pytest.mark.parametrize("adapter", [Urllib3Transport, HttpxTransport])
@pytest.mark.parametrize("close", ["stream", "transport"])
def test_a_stream_that_is_closed_elsewhere_ends_the_read(adapter: Any, close: str) -> None:
    """A thread that waits for the next bytes is woken with an error when another closes the stream, or all of them."""
    if adapter is HttpxTransport and close == "transport":
        pytest.skip("httpx closes its pool under a read that goes on; the stream's own time limit ends it")
    transport = adapter(TransportOptions())
    with raw_server(stalled) as server:
        reply = transport.send(request(server.url, stream=True))
        assert reply.stream.read() == b"first"
        timer = threading.Timer(0.1, reply.stream.close if close == "stream" else transport.close)
        timer.start()
        with pytest.raises(ConnectionFailed, match="closed on this side"):
            reply.stream.read()
        timer.join()
    transport.close()


def test_a_large_body_has_more_time_than_a_connection(make: Make) -> None:
    """A body that takes longer to send than a connection may take to open is sent whole."""

    def slowly(peer: Peer) -> None:
        time.sleep(0.4)  # what the kernel does not hold, the client waits to send
        size = len(peer.request().partition(b"\r\n\r\n")[2])
        peer.reply(b"%d" % size)

    body = b"x" * (32 << 20)
    with raw_server(slowly) as server:
        reply = make().send(
            request(server.url, body=body, timeouts=Timeouts(connect=0.2, first_byte=20, idle=20, total=30))
        )
    assert reply.body == b"33554432"


def _read_all(reply: Reply) -> None:
    try:
        while reply.stream.read():
            pass
    finally:
        reply.stream.close()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(make: Make, status: str) -> None:
    """A redirect comes back as the reply that it is; the other server hears nothing."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"", status=status, headers=f"location: {other.url}/steal\r\n")

    def heard(peer: Peer) -> None:
        stolen.append(peer.request())

    stolen: list[bytes] = []
    with raw_server(heard) as other, raw_server(script) as server:
        reply = make().send(request(server.url))
    assert reply.status == int(status[:3])
    assert stolen == []


def test_cookies_are_not_kept(make: Make) -> None:
    """A cookie that the server sets is not sent back."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        while data := peer.request():
            seen.append(data.lower())
            peer.reply(b"{}", headers="set-cookie: session=1; path=/\r\n")

    with raw_server(script) as server:
        transport = make()
        transport.send(request(server.url))
        transport.send(request(server.url))
    assert b"\r\ncookie:" not in seen[1]


def test_a_body_over_the_limit_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole body is read up to a limit, a compressed one as it unpacks."""
    monkeypatch.setattr("keybearer.shell.transport.MAX_BODY", 1 << 20)
    bomb = gzip.compress(b"\0" * (8 << 20))
    assert len(bomb) < 1 << 20

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(bomb, headers="content-encoding: gzip\r\ncontent-type: application/json\r\n")

    with raw_server(script) as server, pytest.raises(ConnectionFailed, match="larger than"):
        make().send(request(server.url))


def test_headers_without_end_are_refused(make: Make) -> None:
    """A server that sends headers for ever is cut off by a limit, not by the memory."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        for number in range(200_000):
            peer.send(b"x-%d: %s\r\n" % (number, b"y" * 100))

    with raw_server(script) as server, pytest.raises(TransportError):
        make().send(request(server.url))


def test_a_proxy_from_the_options_and_from_the_environment(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy gets the request with its whole URL; NO_PROXY and trust_env=False go around it."""
    lines: list[bytes] = []

    def proxy(peer: Peer) -> None:
        while data := peer.request():
            lines.append(data.split(b"\r\n")[0])
            peer.reply(b'"proxied"')

    def direct(peer: Peer) -> None:
        peer.request()
        peer.reply(b'"direct"')

    with raw_server(proxy) as between, raw_server(direct) as server:
        assert make(proxy=between.url).send(request("http://example.invalid")).body == b'"proxied"'
        assert lines == [b"POST http://example.invalid/v1/messages HTTP/1.1"]
        monkeypatch.setenv("HTTP_PROXY", between.url)
        monkeypatch.setenv("http_proxy", between.url)
        assert make().send(request("http://example.invalid")).body == b'"proxied"'
        assert make(trust_env=False).send(request(server.url)).body == b'"direct"'
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert make().send(request(server.url)).body == b'"direct"'


def test_the_password_of_a_proxy_is_sent_to_it_and_shown_nowhere(make: Make) -> None:
    """A proxy gets its user and password as a header; no error, no repr of what holds them shows the password."""
    heads: list[bytes] = []

    def proxy(peer: Peer) -> None:
        heads.append(peer.request())
        peer.reply(b'"proxied"')
        peer.request()

    with raw_server(proxy) as between:
        url = between.url.replace("http://", "http://user:canary%2Fword@")
        assert make(proxy=url).send(request("http://example.invalid")).body == b'"proxied"'
    assert b"proxy-authorization: basic dxnlcjpjyw5hcnkvd29yza==" in heads[0].lower()
    with pytest.raises(ConnectionFailed) as caught:
        make(proxy=url).send(request("http://example.invalid"))
    assert "canary" not in f"{caught.value!r}{caught.value}"
    assert caught.value.phase == "proxy"
    assert caught.value.message.startswith("The proxy in front of example.invalid failed: ")
    assert caught.value.hint == "Check its address and its login: proxy=..., HTTPS_PROXY, ALL_PROXY."


def test_a_proxy_that_refuses_is_told_without_its_password(make: Make, tls_server: tuple[RawServer, Path]) -> None:
    """A tunnel that is refused is a failure of the proxy, with its words and without what was sent to it."""
    server, ca_file = tls_server

    def proxy(peer: Peer) -> None:
        peer.request()
        peer.reply(b"", status="407 Proxy Authentication\x1b[31m Required", headers="")

    with raw_server(proxy) as between:
        url = between.url.replace("http://", "http://user:canary@")
        with pytest.raises(ConnectionFailed) as caught:
            make(proxy=url, ca_file=str(ca_file)).send(request(server.url))
    assert caught.value.phase == "proxy"
    assert "407" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def _garbage(peer: Peer) -> None:
    peer.request()
    peer.send(b"\x1b[31mHELLO\x07 " + b"x" * 5000 + b"\r\n\r\n")


def test_an_answer_that_is_no_http_cannot_steer_a_terminal(make: Make) -> None:
    """What the other side said is shown in part, on one line, with its control characters escaped."""
    with raw_server(_garbage) as server, pytest.raises(ConnectionFailed) as caught:
        make().send(request(server.url))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_a_custom_ca_is_trusted_and_the_system_s_is_not_enough(make: Make, tls_server: tuple[RawServer, Path]) -> None:
    """With the CA's file a TLS server is trusted; without it the failure is told, and not worth another try."""
    server, ca_file = tls_server
    assert make(ca_file=str(ca_file)).send(request(server.url)).body == b'"secure"'
    with pytest.raises(ConnectionFailed) as caught:
        make().send(request(server.url))
    assert (caught.value.phase, caught.value.retryable, caught.value.delivered) == ("tls", False, False)


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RawServer, Path]]:
    """A TLS server whose certificate no system trusts, and the file that does."""
    import trustme

    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b'"secure"')

    with raw_server(script, context) as server:
        yield server, path


def test_no_error_shows_the_key_or_hangs_on_a_frame_that_does(make: Make) -> None:
    """An error's text, cause and frames hold no header: the library's exception is not chained to it."""
    with raw_server(lambda peer: peer.reset()) as server, pytest.raises(TransportError) as caught:
        make().send(request(server.url))
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in f"{error!r}{error}"
        frame = error.__traceback__
        while frame is not None:
            if "keybearer" in frame.tb_frame.f_code.co_filename and "tests" not in frame.tb_frame.f_code.co_filename:
                assert "canary" not in repr(frame.tb_frame.f_locals)
            frame = frame.tb_next
        error = error.__cause__ or error.__context__
