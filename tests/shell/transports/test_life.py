"""What real networks and programs do to a connection, on the transports that a client has of itself."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from keybearer import AsyncClient, Client
from keybearer.errors import ConnectionFailed, KeybearerError, TimedOut, TransportError
from keybearer.shell.transports import pool
from keybearer.shell.transports.aiohttp_transport import AiohttpTransport
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.http_client import HTTPClientTransport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport
from keybearer.types.http import Timeouts
from support.canary import shown
from support.rawserver import Peer, raw_server
from support.transports import Blocking, Make, request

MESSAGES: Any = [{"role": "user", "content": "hello"}]
OWN: dict[str, Callable[[TransportOptions], Any]] = {
    "http.client": HTTPClientTransport,
    "aiohttp": lambda options: Blocking(AiohttpTransport, options),
}


@pytest.fixture(params=OWN)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make transports of one kind, closed at the end."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(OWN[request.param](TransportOptions(**options)))
        return made[-1]

    yield build
    for transport in made:
        transport.close()


# ── a reply that began ───────────────────────────────────────────────────────

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"

BEGUN = {
    "one byte": b"H",
    "half a status line": b"HTTP/1.1 20",
    "a status line": b"HTTP/1.1 200 OK\r\n",
    "half a head": HEAD[:40],
    "half a body": HEAD + b"{",
    "a line that is no header": b"HTTP/1.1 200 OK\r\nzork\r\n\r\n{}",
    "a length that is none": b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}",
    "a length of 5,000 digits": b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "a header of 80 KB": b"HTTP/1.1 200 OK\r\nx: " + b"y" * (80 << 10) + b"\r\n\r\n{}",
    "a bare carriage return": b"HTTP/1.1 200 OK\r\nx: a\rb: c\r\ncontent-length: 2\r\n\r\n{}",
    "two codings": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n",
    "a chunk longer than its size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a coding that nobody asked for": b"HTTP/1.1 200 OK\r\ncontent-encoding: zork\r\ncontent-length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("answer", BEGUN.values(), ids=BEGUN.keys())
def test_a_reply_that_began_is_not_worth_another_attempt(make: Make, answer: bytes) -> None:
    """Whatever breaks once a byte of a reply has come, the error says that the service may have done the work."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(answer)

    with raw_server(script) as server, pytest.raises(TransportError) as caught:
        make().send(request(server.url))
    assert (caught.value.retryable, caught.value.delivered, caught.value.phase) == (False, True, "read")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("cut", range(1, len(HEAD), 7))
def test_a_reply_is_asked_for_once_wherever_it_is_cut(cut: int) -> None:
    """A client with all its retries sends nothing again once a byte has come, on both of its transports."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.send(HEAD[:cut])

    with raw_server(script) as server:
        options: Any = {"api_key": "sk-ant-x", "base_url": server.url, "model": "m"}
        with Client(**options) as client, pytest.raises(ConnectionFailed):
            client.messages.create(max_tokens=5, messages=MESSAGES)

        async def awaited() -> None:
            async with AsyncClient(**options) as client:
                await client.messages.create(max_tokens=5, messages=MESSAGES)

        with pytest.raises(ConnectionFailed):
            asyncio.run(awaited())
    assert len(seen) == 2


# ── connections that are kept ────────────────────────────────────────────────


def test_a_connection_is_probed_while_it_is_silent(make: Make) -> None:
    """The system probes it after a minute of silence, so that one which a router has dropped is found out."""
    seen: list[tuple[str, ...]] = []

    def script(peer: Peer) -> None:
        peer.request()
        port = peer.sock.getsockname()[1]
        with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123 - no file of ours
            seen.extend(tuple(line.split()) for line in table if line.split()[2].endswith(f":{port:04X}"))
        peer.reply(b"{}")

    if not sys.platform.startswith("linux"):
        pytest.skip("the table of timers is Linux's")
    with raw_server(script) as server:
        make().send(request(server.url))
    timers = [each[5] for each in seen if each[3] == "01"]
    assert [timer[:3] for timer in timers] == ["02:"]  # 02 is the keep-alive timer
    assert 0 < int(timers[0][3:], 16) <= 60 * 100


def test_a_connection_that_was_not_used_for_long_is_not_used_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in between may have dropped it by then: the next request takes another."""
    monkeypatch.setattr(pool, "KEEP_IDLE", 0.05)
    monkeypatch.setattr("keybearer.shell.transports.aiohttp_transport.KEEP_IDLE", 0.05)

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(b"{}")

    with raw_server(script) as server:
        transport = make()
        transport.send(request(server.url))
        time.sleep(0.2)
        transport.send(request(server.url))
        assert server.connections == 2


def test_what_nobody_asked_for_is_not_taken_for_the_next_answer() -> None:
    """A reply that comes unasked, with the last one or after it, ends the connection; the next answer is the next request's."""
    ready = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            answer = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n"
            peer.send(answer + b'"right"' + (answer + b'"wrong"' if peer.number == 0 else b""))
            if peer.number == 1:
                peer.send(answer + b'"wrong"')
            ready.set()

    transport = HTTPClientTransport()
    with raw_server(script) as server:
        for _ in range(3):
            assert transport.send(request(server.url)).body == b'"right"'
            ready.wait(5)
            ready.clear()
            time.sleep(0.05)
        assert server.connections == 3
    transport.close()


def test_a_stream_that_is_left_does_not_break_the_next_call() -> None:
    """A raw stream that is broken off in the middle takes its connection with it."""

    def script(peer: Peer) -> None:
        while request := peer.request():
            if b'"stream":true' not in request:
                peer.reply(
                    b'{"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn", "usage": {}}'
                )
                continue
            peer.stream_head()
            peer.chunk(
                b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n'
            )
            peer.chunk(b'event: ping\ndata: {"type": "ping"}\n\n')
            peer.chunk(b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0,')
            peer.chunk(b' "content_block": {"type": "text", "text": ""}}\n\n')
            peer.sock.recv(1)

    with raw_server(script) as server, Client(api_key="sk-ant-x", base_url=server.url, model="m") as client:
        for _ in range(3):
            for _ in client.messages.create(max_tokens=5, messages=MESSAGES, stream=True):
                break
            gc.collect()
            assert client.messages.create(max_tokens=5, messages=MESSAGES).stop_reason == "end_turn"


# ── one deadline for connecting ──────────────────────────────────────────────

HURRIED = Timeouts(connect=0.2, first_byte=5, idle=5, total=10)


def hurried(transport: Any, url: str) -> TransportError:
    """Return the error of a request that has a fifth of a second to connect, and did not take many times that."""
    begun = time.monotonic()
    with pytest.raises(TransportError) as caught:
        transport.send(request(url, timeouts=HURRIED))
    assert time.monotonic() - begun < 10 * 0.2
    return caught.value


def test_a_slow_name_look_up_is_under_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a name server longer than for a connection."""
    over = threading.Event()

    def slowly(*_: object, **__: object) -> list[Any]:
        over.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    error = hurried(make(), "http://far.example")
    over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_a_proxy_that_drips_its_answer_is_under_the_limit(make: Make) -> None:
    """A tunnel whose answer comes byte by byte, each in good time, is given up with the connection's time."""
    over = threading.Event()

    def drip(peer: Peer) -> None:
        peer.request()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100:
            peer.send(bytes([byte]))
            if over.wait(0.05):
                return

    with raw_server(drip) as proxy:
        error = hurried(make(proxy=proxy.url), "https://far.example")
        over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_a_tls_handshake_that_stalls_is_under_the_limit(make: Make) -> None:
    """A server that takes the connection and says nothing is told as one that could not be connected to."""
    over = threading.Event()
    with raw_server(lambda _: void(over.wait(5))) as server:
        error = hurried(make(), server.url.replace("http:", "https:"))
        over.set()
    assert (type(error), error.phase, error.delivered) == (TimedOut, "connect", False)


def test_many_dead_addresses_are_under_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with six addresses of which none answers takes no longer than one."""
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # the queue of a listener that accepts nothing is full: the next waits
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname())] * 6
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        error = hurried(make(), "http://far.example")
    assert (type(error), error.phase) == (TimedOut, "connect")


# ── what ends a call ─────────────────────────────────────────────────────────


def void(_: object) -> None:
    """Return nothing."""


class Interrupted(BaseException):
    """What a signal's handler raises."""


CANARY = "sk-ant-canary-in-a-header"


def silent(peer: Peer) -> None:
    """Take the request, and answer nothing."""
    peer.request()
    peer.sock.recv(1)


def deaf(peer: Peer) -> None:
    """Take nothing of the request."""
    time.sleep(2 if peer.number == 0 else 0)


def begun(peer: Peer) -> None:
    """Begin a stream, and go on with nothing."""
    peer.request()
    peer.stream_head()
    peer.chunk(b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n')
    peer.sock.recv(1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such timer here")
@pytest.mark.parametrize("script", [silent, begun, deaf])
def test_a_signal_s_exception_shows_no_key(script: Callable[[Peer], None]) -> None:
    """Ctrl-C, or a handler's exception, in the middle of a call: no local of any frame of ours or of a library's has the key."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    messages: Any = [{"role": "user", "content": "x" * (8 << 20 if script is deaf else 5)}]
    try:
        with raw_server(script) as server, Client(api_key=CANARY, base_url=server.url, model="m") as client:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with (
                pytest.raises(Interrupted) as caught,
                client.messages.stream(max_tokens=5, messages=messages, validate=False),
            ):
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert "canary" not in shown(caught.value)
    assert "keybearer" in shown(caught.value)


@pytest.mark.parametrize("script", [silent, begun])
@pytest.mark.parametrize("end", ["cancelled", "a caller's time limit", "its own time limit"])
@pytest.mark.parametrize("kind", [AiohttpTransport, AsyncHttpxTransport])
def test_an_awaited_call_that_ends_shows_no_key(
    script: Callable[[Peer], None], end: str, kind: Callable[[], Any]
) -> None:
    """A cancellation and a time limit leave no frame whose locals have the key."""

    async def main(url: str) -> BaseException:
        async with AsyncClient(api_key=CANARY, base_url=url, model="m", max_retries=0, transport=kind()) as client:

            async def call() -> None:
                limit = 0.2 if end == "its own time limit" else 60
                async with client.messages.stream(max_tokens=5, messages=MESSAGES, timeout=limit) as stream:
                    await stream.until_done()

            task = asyncio.create_task(call())
            try:
                if end == "cancelled":
                    await asyncio.sleep(0.2)
                    task.cancel()
                    await task
                elif end == "a caller's time limit":
                    async with asyncio.timeout(0.2):
                        await task
                else:
                    await task
            except BaseException as error:  # noqa: BLE001 - it is what is looked at
                return error
        raise AssertionError("it did not end")

    with raw_server(script) as server:
        error = asyncio.run(main(server.url))
    assert isinstance(error, asyncio.CancelledError | TimeoutError | KeybearerError)
    assert "canary" not in shown(error)


def test_a_failed_call_shows_no_key(make: Make) -> None:
    """A reset, a header that cannot be sent, a proxy that refuses: no frame and no cause has the key or the proxy's login."""
    with raw_server(lambda peer: peer.reset()) as server:
        url = server.url.replace("http://", "http://user:canary@")
        for options, target in (
            ({}, server.url),
            ({"proxy": url}, "https://far.example"),
            ({"proxy": url}, "http://far.example"),
        ):
            sent = request(target)
            with pytest.raises(TransportError) as caught:
                make(**options).send(msgspec.structs.replace(sent, headers={**sent.headers, "x-api-key": CANARY}))
            assert "canary" not in shown(caught.value).replace(repr(CANARY), "")


@pytest.mark.parametrize("kind", [AiohttpTransport, AsyncHttpxTransport])
def test_a_stream_that_is_closed_in_another_task_ends_its_reader(kind: Callable[[], Any]) -> None:
    """A stop button: whoever waits for the next event is back at once, with a typed error, and the close raises nothing."""

    async def main(url: str) -> BaseException | None:
        async with AsyncClient(api_key="sk-ant-x", base_url=url, model="m", transport=kind()) as client:
            opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

            async def read() -> None:
                stream = await client.messages.create(max_tokens=5, messages=MESSAGES, stream=True, timeout=3600)
                opened.set_result(stream)
                async for _ in stream:
                    pass

            task = asyncio.create_task(read())
            stream = await opened
            await asyncio.sleep(0.05)
            await stream.close()
            await asyncio.wait([task], timeout=10)
            assert task.done()
            return task.exception()

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(
            b'event: message_start\ndata: {"type": "message_start", "message": {"content": [], "usage": {}}}\n\n'
        )
        peer.chunk(b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0,')
        peer.chunk(b' "content_block": {"type": "text", "text": ""}}\n\n')
        peer.sock.recv(1)

    with raw_server(script) as server:
        assert isinstance(asyncio.run(main(server.url)), KeybearerError)


def test_a_plain_call_in_a_thread_ends_when_its_client_is_closed() -> None:
    """A thread that waits for a reply is back at once, with an error that says why."""
    ended: list[BaseException] = []
    asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.sock.recv(1)

    def call(client: Client) -> None:
        try:
            client.messages.create(max_tokens=5, messages=MESSAGES, timeout=3600)
        except KeybearerError as error:
            ended.append(error)

    with raw_server(script) as server:
        client = Client(api_key="sk-ant-x", base_url=server.url, model="m")
        thread = threading.Thread(target=call, args=(client,))
        thread.start()
        assert asked.wait(10)
        time.sleep(0.05)
        client.close()
        thread.join(20)
    assert "closed" in str(ended[0])


PLAINEST = """
import asyncio
from keybearer import AsyncClient
client = AsyncClient(api_key="sk-ant-x", base_url={url!r}, model="m")
async def main():
    await client.messages.create(max_tokens=1, messages=[{{"role": "user", "content": "hi"}}])
asyncio.run(main())
"""


def test_the_plainest_script_prints_nothing() -> None:
    """A program that closes nothing is not complained of, warnings shown."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(
                b'{"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn", "usage": {}}'
            )

    with raw_server(script) as server:
        code = PLAINEST.format(url=server.url)
        run = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert (run.stdout, run.stderr) == ("", "")


def test_the_event_loop_does_not_stand_still_for_an_import() -> None:
    """While the first call loads its HTTP library, in a thread, other tasks of the loop go on."""
    code = """
import asyncio, sys, threading
from keybearer import AsyncClient
main_thread, loaded_in = threading.main_thread(), []
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "aiohttp":
            loaded_in.append(threading.current_thread() is main_thread)
sys.meta_path.insert(0, Finder())
async def main():
    async with AsyncClient(api_key="sk-ant-x", base_url="http://127.0.0.1:9", model="m", max_retries=0) as client:
        try:
            await client.messages.create(max_tokens=1, messages=[{"role": "user", "content": "hi"}])
        except Exception as error:
            print(type(error).__name__)
asyncio.run(main())
print(loaded_in)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert run.stdout.split() == ["ConnectionFailed", "[False]"]


# ── TLS inside TLS ───────────────────────────────────────────────────────────


def test_an_origin_behind_a_proxy_that_is_spoken_to_with_tls(make: Make, tmp_path: Any) -> None:
    """A tunnel through an https proxy: one connection secured inside another, a large body both ways, and used again."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    seen: list[int] = []

    def origin(peer: Peer) -> None:
        while data := peer.request():
            seen.append(len(data.partition(b"\r\n\r\n")[2]))
            peer.reply(b"y" * 300_000)

    def tunnel(peer: Peer) -> None:
        target = peer.request().split()[1].decode()
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as beyond:
            peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(beyond, peer.sock), daemon=True)
            back.start()
            _pump(peer.sock, beyond)
            back.join(5)

    with raw_server(origin, context) as server, raw_server(tunnel, context) as proxy:
        transport = make(proxy=proxy.url, ca_file=str(tmp_path / "ca.pem"))
        for _ in range(2):
            assert len(transport.send(request(server.url, body=b"x" * 300_000)).body) == 300_000
        assert (seen, server.connections) == ([300_000] * 2, 1)


def _pump(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
