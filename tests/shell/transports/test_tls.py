"""TLS contexts are made once for each user, and no library changes another's."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer.errors import TransportError
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.http_client import HTTPClientTransport
from keybearer.shell.transports.httpx_transport import HttpxTransport
from support.rawserver import Peer, raw_server
from support.transports import request


def test_a_transport_that_speaks_http2_does_not_make_another_offer_it(tmp_path: Path) -> None:
    """After a request on httpcore2, which offers HTTP/2, http.client still offers nothing and is answered in HTTP/1.1."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    chosen: list[str | None] = []

    def script(peer: Peer) -> None:
        tls: Any = peer.sock
        chosen.append(tls.selected_alpn_protocol())
        if chosen[-1] is None and peer.request():
            peer.reply(b'"plain"')

    options = TransportOptions(ca_file=str(tmp_path / "ca.pem"))
    with raw_server(script, context) as server:
        with contextlib.closing(HttpxTransport(options)) as http2, pytest.raises(TransportError):
            http2.send(request(server.url))
        with contextlib.closing(HTTPClientTransport(options)) as plain:
            assert plain.send(request(server.url)).body == b'"plain"'
    assert chosen == ["h2", None]
