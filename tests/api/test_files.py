"""`client.files`: against the official SDK on one simulator, with what is large, cut, refused and changed meanwhile."""

from __future__ import annotations

import asyncio
import errno
import io
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, Client, FileMetadata
from keybearer import errors as e
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server

TRANSPORTS: list[Any] = [lambda: None, HttpxTransport]
AWAITED: list[Any] = [lambda: None, AsyncHttpxTransport]


@pytest.fixture(params=TRANSPORTS, ids=["http.client", "httpx"])
def client(sim: Simulator, request: pytest.FixtureRequest) -> Any:
    """A client of the simulator on each transport."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, transport=request.param()) as client:
        yield client


@pytest.fixture
def official(sim: Simulator) -> Any:
    """The official client of the same simulator."""
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as official:
        yield official


def test_what_was_uploaded_is_what_the_official_sdk_sees(
    client: Client, official: anthropic.Anthropic, tmp_path: Path
) -> None:
    """Uploaded from a path, a name and bytes, and an iterator; listed, looked at and deleted."""
    (tmp_path / "notes.txt").write_text("from a path")
    made = [
        client.files.upload(file=tmp_path / "notes.txt"),
        client.files.upload(file=("data.csv", b"a,b")),
        client.files.upload(file=(None, iter([b"x"] * 3), "text/plain")),
    ]
    assert [(file.filename, file.mime_type, file.size_bytes) for file in made] == [
        ("notes.txt", "text/plain", 11),
        ("data.csv", "text/csv", 3),
        ("upload", "text/plain", 3),
    ]
    theirs = {file.id: file for file in official.files.list()}
    assert theirs.keys() == {file.id for file in made}
    assert {file.id for file in client.files.list(limit=2)} == theirs.keys()
    assert client.files.retrieve_metadata(made[0].id) == made[0]
    assert client.files.delete(made[0].id).id == made[0].id
    with pytest.raises(e.NotFound):
        client.files.retrieve_metadata(made[0].id)
    with pytest.raises(e.APIError, match="download"):
        client.files.download(made[1].id)


def test_a_download_is_read_whole_in_pieces_or_into_a_path(client: Client, sim: Simulator, tmp_path: Path) -> None:
    """A path is written when all of it came, in place of what was there."""
    data = bytes(range(256)) * 5000
    file_id = sim.add_file("chart.bin", data, "application/octet-stream")["id"]
    with client.files.download(file_id) as file:
        assert file.read() == data
        with pytest.raises(e.UsageError, match="was read or closed already"):
            file.read()
    assert b"".join(client.files.download(file_id)) == data
    sizes = [len(piece) for piece in client.files.download(file_id).iter_bytes(300_000)]
    assert sizes == [300_000] * 4 + [80_000]
    target = tmp_path / "chart.bin"
    target.write_text("old")
    client.files.download(file_id).write_to_file(target)
    assert target.read_bytes() == data
    assert list(tmp_path.iterdir()) == [target]


def test_an_object_has_the_headers_of_its_reply(client: Client) -> None:
    """Also under the official SDK's name, for every call that returns one object."""
    made = client.files.upload(file=b"abc")
    model = client.models.retrieve("claude-haiku-4-5")
    count = client.messages.count_tokens(model=model.id, messages=[{"role": "user", "content": "Hello"}])
    for answer in (made, model, count, client.files.delete(made.id)):
        assert answer._request_id
        assert answer._request_id == answer.headers["request-id"]
    assert type(made).from_dict(made.to_dict())._request_id is None


@pytest.mark.parametrize("size", [0, -1, True, "1"])
def test_pieces_have_a_size(client: Client, sim: Simulator, size: Any) -> None:
    """A size that is less than a byte, or is no number, is refused when it is asked for: it would give pieces for ever."""
    file_id = sim.add_file("small.bin", b"abc", "application/octet-stream")["id"]
    with client.files.download(file_id) as file:
        with pytest.raises(e.UsageError, match="it takes a number of bytes, 1 or more"):
            file.iter_bytes(size)
        assert list(file.iter_bytes(1)) == [b"a", b"b", b"c"]


@pytest.mark.parametrize("transport", AWAITED, ids=["aiohttp", "httpx"])
def test_awaited_it_is_the_same(sim: Simulator, tmp_path: Path, transport: Any) -> None:
    """Upload, list, download in each way, delete."""
    data = b"z" * 700_000
    file_id = sim.add_file("large.bin", data, "application/octet-stream")["id"]

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, transport=transport()) as client:
            made = await client.files.upload(file=("large.txt", iter([data] * 3)))
            assert made.size_bytes == 2_100_000
            assert {file.id async for file in client.files.list(limit=1)} == {made.id, file_id}
            async with await client.files.download(file_id) as file:
                assert await file.read() == data
            pieces = [piece async for piece in (await client.files.download(file_id)).iter_bytes(500_000)]
            assert list(map(len, pieces)) == [500_000, 200_000]
            await (await client.files.download(file_id)).write_to_file(tmp_path / "out")
            assert (tmp_path / "out").read_bytes() == data
            await client.files.delete(made.id)

    asyncio.run(main())


def test_a_cut_download_leaves_no_half_file(tmp_path: Path) -> None:
    """The error is the transport's; what was at the path is still there, and nothing beside it."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 1000\r\n\r\n" + b"x" * 400)

    target = tmp_path / "chart.png"
    target.write_bytes(b"old")
    with raw_server(script) as server, Client(api_key="sk-ant-test", base_url=server.url, concurrency=1) as client:
        for _ in range(2):  # its place is given back
            with pytest.raises(e.ConnectionFailed):
                client.files.download("file_1").write_to_file(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("awaited", [False, True])
def test_a_download_that_cannot_be_written_gives_its_place_back(sim: Simulator, awaited: bool) -> None:
    """A full disk ends it at once, also while its error is looked at: the next call does not wait for it."""
    file_id = sim.add_file("a.bin", b"x" * 3_000_000, "application/octet-stream")["id"]

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, concurrency=1) as client:
            with pytest.raises(OSError, match="No space left") as held:
                await (await client.files.download(file_id)).write_to_file(Full())
            assert (await client.models.list(timeout=5)).data
            assert held.value.errno == errno.ENOSPC

    def main_blocking() -> None:
        with Client(api_key=sim.api_key, base_url=sim.base_url, concurrency=1) as client:
            with pytest.raises(OSError, match="No space left") as held:
                client.files.download(file_id).write_to_file(Full())
            assert client.models.list(timeout=5).data
            assert held.value.errno == errno.ENOSPC

    asyncio.run(main()) if awaited else main_blocking()
    assert [entry.path for entry in sim.requests] == [f"/v1/files/{file_id}/content", "/v1/models"]


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(each.name for each in folder.iterdir())


class Full(io.BytesIO):
    """A file on a full disk."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, f"No space left for {len(data)} bytes")


@pytest.mark.parametrize("transport", [*TRANSPORTS, *AWAITED], ids=["http.client", "httpx", "aiohttp", "httpx-async"])
def test_a_download_cut_at_every_byte_leaves_the_old_file(tmp_path: Path, transport: Any) -> None:
    """Over each transport; only the last cut, which is none, gives the new one."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 12\r\n\r\nnew contents"
    body = len(answer) - 12
    cut = 0

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(answer[:cut])

    target = tmp_path / "chart.png"
    target.write_bytes(b"old")
    cuts = range(body, len(answer))

    async def main(url: str) -> None:
        nonlocal cut
        async with AsyncClient(api_key="sk-ant-test", base_url=url, max_retries=0, transport=transport()) as client:
            for cut in cuts:  # noqa: B007 - the script reads it
                with pytest.raises(e.TransportError):
                    await (await client.files.download("file_1")).write_to_file(target)
            assert names(tmp_path) == ["chart.png"]
            cut = len(answer)
            assert target.read_bytes() == b"old"
            await (await client.files.download("file_1")).write_to_file(target)

    def main_blocking(url: str) -> None:
        nonlocal cut
        with Client(api_key="sk-ant-test", base_url=url, max_retries=0, transport=transport()) as client:
            for cut in cuts:  # noqa: B007 - the script reads it
                with pytest.raises(e.TransportError):
                    client.files.download("file_1").write_to_file(target)
            assert names(tmp_path) == ["chart.png"]
            cut = len(answer)
            assert target.read_bytes() == b"old"
            client.files.download("file_1").write_to_file(target)

    with raw_server(script) as server:
        asyncio.run(main(server.url)) if transport in AWAITED else main_blocking(server.url)
    assert target.read_bytes() == b"new contents"


def test_a_download_holds_its_place_until_it_is_closed(sim: Simulator) -> None:
    """Under concurrency=1 a second call waits for an open download, and goes when that is closed."""
    file_id = sim.add_file("a.bin", b"x" * 3_000_000, "application/octet-stream")["id"]
    with Client(api_key=sim.api_key, base_url=sim.base_url, concurrency=1) as client:
        file = client.files.download(file_id)
        with pytest.raises(e.DeadlineExceeded):
            client.models.list(timeout=0.05)
        file.close()
        assert client.models.list(timeout=10).data


@pytest.mark.parametrize("transport", TRANSPORTS, ids=["http.client", "httpx"])
def test_an_upload_that_is_refused_half_way_is_the_service_s_error(transport: Any) -> None:
    """The answer that came before the whole file went out is what is raised, or the broken connection; never a hang."""
    over = threading.Event()

    def script(peer: Peer) -> None:
        peer.sock.recv(65536)
        body = b'{"type": "error", "error": {"type": "request_too_large", "message": "too large"}}'
        peer.reply(body, status="413 Too Large")
        over.wait(10)

    with raw_server(script) as server:
        client = Client(api_key="sk-ant-test", base_url=server.url, max_retries=0, transport=transport())
        try:
            with pytest.raises((e.RequestTooLarge, e.TransportError)):
                client.files.upload(file=b"x" * (24 << 20), timeout=1.5)
        finally:
            over.set()
            client.close()


def test_an_upload_is_sent_again_whole(sim: Simulator) -> None:
    """After an error worth another try the file is read from its start, also one that could be read only once."""
    sim.fail("error; status=529")
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        made = client.files.upload(file=("a.txt", iter([b"abc", b"def"])))
    assert made.size_bytes == 6
    assert [entry.status for entry in sim.requests] == [529, 200]


@pytest.mark.parametrize("awaited", [False, True])
def test_a_file_that_shrinks_while_it_is_sent_ends_the_call(tmp_path: Path, awaited: bool) -> None:
    """It is the file's error, in words, and not the connection's."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * 50_000_000)

    def script(peer: Peer) -> None:
        peer.sock.recv(1000)
        path.write_bytes(b"x" * 10)
        while peer.sock.recv(1 << 20):
            pass

    async def upload(url: str) -> FileMetadata:
        async with AsyncClient(api_key="sk-ant-test", base_url=url, max_retries=0) as client:
            return await client.files.upload(file=path)

    def upload_blocking(url: str) -> FileMetadata:
        with Client(api_key="sk-ant-test", base_url=url, max_retries=0) as client:
            return client.files.upload(file=path)

    with raw_server(script) as server, pytest.raises(e.UsageError, match="became shorter"):
        asyncio.run(upload(server.url)) if awaited else upload_blocking(server.url)


def test_a_large_file_is_never_held_whole(tmp_path: Path) -> None:
    """Uploaded and downloaded, 100 MB take less than 8 MB of Python's memory."""
    size, piece = 100 << 20, b"x" * (1 << 20)
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(size)

    def upload(peer: Peer) -> None:
        left = size
        while left > 0:
            left -= len(peer.sock.recv(1 << 16))
        peer.reply(b'{"type": "file", "id": "file_1"}')

    def download(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            peer.send(piece)

    def measured(serve: Any, use: Any) -> int:
        with raw_server(serve) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
            tracemalloc.start()
            try:
                use(client)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert measured(upload, lambda client: client.files.upload(file=path)) < 8 << 20
    assert measured(download, lambda client: client.files.download("file_1").write_to_file(path)) < 8 << 20


def test_ten_thousand_files_are_listed_a_page_at_a_time() -> None:
    """Each page is asked for once, when the one before it has been read."""
    asked = 0

    def script(peer: Peer) -> None:
        nonlocal asked
        while peer.request():
            first, asked = asked * 1000, asked + 1
            rows = ",".join(f'{{"type": "file", "id": "file_{first + n}"}}' for n in range(1000))
            following = f'"page_{asked}"' if asked < 10 else "null"
            peer.reply(f'{{"data": [{rows}], "next_page": {following}}}'.encode())

    def ids(client: Client) -> Iterator[str]:
        return (file.id for file in client.files.list())

    with raw_server(script) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        walk = ids(client)
        assert [next(walk) for _ in range(1000)][-1] == "file_999"
        assert asked == 1
        assert len(set(walk)) == 9000
        assert asked == 10


@pytest.mark.parametrize("life", [3599, 7_776_001, 0, True, 3600.5, "3600"])
def test_a_life_that_no_file_has_is_refused_before_anything_is_sent(client: Client, sim: Simulator, life: Any) -> None:
    """From an hour to 90 days, in whole seconds."""
    with pytest.raises(e.UsageError, match="expires_in_seconds is .*; it takes a whole number of seconds, 3600 to"):
        client.files.upload(file=("a.txt", b"x"), expires_in_seconds=life)
    assert sim.requests == []
    assert client.files.upload(file=("a.txt", b"x"), expires_in_seconds=3600).expires_at is not None
