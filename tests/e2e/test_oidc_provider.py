"""A login and three refreshes against an independent authorization server: the npm package oidc-provider."""

from __future__ import annotations

import io
import json
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from e2e.running import served_by_node
from keybearer.cli import main

FOLDER = Path(__file__).parent / "oidc"


@pytest.fixture
def issuer() -> Iterator[str]:
    """The server's address."""
    with served_by_node("server.js", FOLDER) as address:
        yield address


class Waiting(io.StringIO):
    """Standard input of a person who types nothing."""

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # noqa: ARG002 - as typeshed has it
        """Wait for ever."""
        threading.Event().wait()
        return ""


def test_a_login_and_three_refreshes(
    issuer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PKCE is required and refresh tokens rotate; the server speaks forms only, and says so; reuse ends the login."""
    bundle, config = tmp_path / "oauth.json", tmp_path / "llm.yaml"
    config.write_text(
        f"providers:\n  test:\n    auth:\n      mode: oauth_bundle\n      bundle: {bundle}\n"
        f"      authorize_url: {issuer}/auth\n      token_endpoint: {issuer}/token\n"
        "      client_id: keybearer-test\n      scopes: [openid, offline_access]\n"
    )

    def visit(url: str) -> None:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        threading.Thread(target=lambda: browser.open(url, timeout=30).close(), daemon=True).start()

    monkeypatch.setattr("keybearer.cli.browser.browser", lambda url: lambda: visit(url))
    monkeypatch.setattr(sys, "stdin", Waiting())
    assert main(["auth", "login", "--config", str(config), "--accept-terms", "--timeout", "60"]) == 0
    first = bundle.read_text()
    seen = [json.loads(first)]
    for _ in range(3):
        assert main(["auth", "refresh", "--config", str(config)]) == 0
        seen.append(json.loads(bundle.read_text()))
    assert len({document["access_token"] for document in seen}) == 4
    assert len({document["refresh_token"] for document in seen}) == 4
    assert all(document["token_endpoint"] == f"{issuer}/token" for document in seen)
    bundle.write_text(first)  # a spent token, as a restored backup has it
    assert main(["auth", "refresh", "--config", str(config)]) == 4
    assert "Log in again" in capsys.readouterr().err
    assert bundle.read_text() == first
