"""No transport adapter follows, keeps, trusts or shows what it must not."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from keybearer.errors import ConnectionFailed, TransportError
from support.rawserver import Peer, RawServer, raw_server
from support.transports import Make, request


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
    monkeypatch.setattr("keybearer.shell.transports.base.MAX_BODY", 1 << 20)
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


def test_a_proxy_that_refuses_is_reported_without_its_password(make: Make, tls_server: tuple[RawServer, Path]) -> None:
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
    """With the CA's file a TLS server is trusted; without it the failure is reported, and not worth another try."""
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
