"""What a command says when a token cannot be refreshed: once, with the cause, the host and the remedy, and nothing that is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import keybearer
from support.logins import bundle, write_private
from support.rawserver import Peer, raw_server


def run(tmp_path: Path, endpoint: str, *command: str, **environ: str) -> list[str]:
    """Run a command on an expired bundle; return the lines that it prints on standard error."""
    path = write_private(tmp_path / "oauth.json", bundle(expires_at=1, token_endpoint=endpoint))
    config = tmp_path / "llm.yaml"
    config.write_text(
        f"providers: {{a: {{base_url: http://127.0.0.1:9, auth: {{mode: oauth_bundle, bundle: {path}}}}}}}\n"
    )
    done = keybearer(*command, "--config", str(config), environ=environ)
    assert done.returncode == 4, done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


def forbid(peer: Peer) -> None:
    """A proxy that wants a login."""
    if peer.request():
        peer.reply(b"", status="407 Proxy Authentication Required")


COMMANDS = [("auth", "token"), ("auth", "refresh"), ("ask", "hello", "--no-stdin")]


@pytest.mark.parametrize("command", COMMANDS, ids=["token", "refresh", "ask"])
def test_a_dead_endpoint_is_reported_once(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One line: no log line beside it, and no promise that anything goes on."""
    (line,) = run(tmp_path, "http://127.0.0.1:9/token", *command)
    assert "was not refreshed: no connection to 127.0.0.1:9 could be made" in line
    assert "tried again" not in line.lower()


@pytest.mark.parametrize("command", COMMANDS, ids=["token", "refresh", "ask"])
def test_a_proxy_that_wants_a_login_is_reported(tmp_path: Path, command: tuple[str, ...]) -> None:
    """The proxy's refusal and where its login goes, as for any other request."""
    with raw_server(forbid) as proxy:
        (line,) = run(tmp_path, "https://platform.claude.com/v1/oauth/token", *command, HTTPS_PROXY=proxy.url)
    assert "The proxy in front of platform.claude.com failed".lower() in line.lower()
    assert "407" in line
    assert "Check its address and its login: proxy=..., HTTPS_PROXY, ALL_PROXY." in line


def test_a_busy_endpoint_is_reported_with_its_backoff(tmp_path: Path) -> None:
    """Who calls again, and when it helps; the command itself has ended."""

    def busy(peer: Peer) -> None:
        if peer.request():
            peer.reply(b"{}", status="429 Too Many Requests", headers="retry-after: 30\r\n")

    with raw_server(busy) as server:
        (line,) = run(tmp_path, server.url + "/token", "auth", "token")
        assert line.endswith("It is not asked again for 30 s; a call after that tries again.")
        (line,) = run(tmp_path, server.url + "/token", "ask", "hello", "--no-stdin")
        assert "HTTP 429" in line
        assert server.connections == 1
