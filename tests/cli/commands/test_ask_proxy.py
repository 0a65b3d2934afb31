"""`keybearer ask` behind a proxy that tunnels: the name is the proxy's to look up, and what is in the tunnel is encrypted."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from support.command import keybearer
from support.rawserver import raw_server, streaming
from support.sse import frames, text_message

HOST = "api.nowhere.example"
LOGIN = "me:canary-of-the-proxy"


def pump(source: socket.socket, target: socket.socket) -> bytes:
    """Pass on all that comes, until one end closes; return it."""
    passed = b""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            passed += data
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    return passed


@contextlib.contextmanager
def tunnel(port: int, seen: list[bytes]) -> Iterator[str]:
    """A proxy that makes one tunnel to a port of this machine, whatever it is asked for; what it sees is noted."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(1)
            seen.append(head)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            seen.append(pump(client, server))
            back.join()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://{LOGIN}@127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(10)
        listener.close()


@pytest.mark.parametrize("named", ["variable", "configuration"])
def test_a_question_through_a_tunnel(named: str, tmp_path: Path) -> None:
    """The proxy sees where to and its own login, and neither key nor question; its password is said nowhere."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    seen: list[bytes] = []
    with (
        raw_server(streaming(frames(*text_message("From afar."))), context) as server,
        tunnel(int(server.url.rpartition(":")[2]), seen) as proxy,
    ):
        lines = [f"base_url: https://{HOST}", "api_key: sk-ant-canary", "ca_file: ca.pem"]
        lines += [f"proxy: {proxy}"] if named == "configuration" else []
        (tmp_path / "llm.yaml").write_text("providers:\n  a:\n" + "".join(f"    {line}\n" for line in lines))
        environ = {"HTTPS_PROXY": proxy, "NO_PROXY": ""} if named == "variable" else {"HTTPS_PROXY": "", "NO_PROXY": ""}
        done = keybearer(
            "ask", "a secret question", "-v", "-n", "--config", str(tmp_path / "llm.yaml"), environ=environ
        )
    assert (done.returncode, done.stdout) == (0, "From afar.\n"), done.stderr
    head, inside = seen
    assert head.startswith(f"CONNECT {HOST}:443 HTTP/1.1\r\n".encode())
    assert base64.b64encode(LOGIN.encode()) in head
    assert not any(word in head + inside for word in (b"sk-ant-canary", b"secret question"))
    assert "canary" not in done.stdout + done.stderr
