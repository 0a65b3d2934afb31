"""A page that the user names by its URL."""

from __future__ import annotations

import pytest

from keybearer.cli.fetched import fetch, page_text
from keybearer.errors import UsageError
from support.rawserver import Peer, raw_server

PAGE = """<!doctype html><html><head><title>no</title><style>p{}</style></head><body><h1>Tea &amp; ships</h1>
<script>steal()</script><p>The   ship
sailed.<br>At dawn.</p><ul><li>one<li>two</ul><noscript><p>no</p></noscript></body></html>"""


def test_the_text_of_a_page() -> None:
    """A line for each part, without scripts and styles."""
    assert page_text(PAGE) == "Tea & ships\nThe ship\nsailed.\nAt dawn.\none\ntwo"
    assert page_text("plain < text") == "plain < text"


def test_a_page_is_fetched_without_a_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is HTML is reduced to its text, in UTF-8."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    asked: list[bytes] = []

    def script(peer: Peer) -> None:
        asked.append(peer.request())
        peer.reply("<p>caf\xe9</p>".encode("latin-1"), headers="content-type: text/html; charset=latin-1\r\n")

    with raw_server(script) as server:
        assert fetch(server.url + "/page") == "caf\u00e9".encode()
    assert b"canary" not in asked[0]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/x", "notes.txt", "http://127.0.0.1:1/x", "http://a b/"]
)
def test_what_cannot_be_fetched_is_named(url: str) -> None:
    """A file of this machine is not read, and an error is in words."""
    with pytest.raises(UsageError, match="a.example|no URL of the form|cannot be fetched"):
        fetch(url)
