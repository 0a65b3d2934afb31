"""The official SDK's profile, refreshed here and there, with nothing lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import Client
from keybearer.simulator import Simulator
from support.logins import write_private

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Hi"}],
}
CLIENT_ID = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"


@pytest.fixture
def tokens(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An expired profile of the simulator's."""
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    config = {"base_url": sim.base_url, "authentication": {"type": "user_oauth", "client_id": CLIENT_ID}}
    write_private(tmp_path / "configs" / "default.json", config)
    granted = sim.login(expires_in=0)
    return write_private(
        tmp_path / "credentials" / "default.json",
        {
            "version": "1.0",
            "type": "oauth_token",
            "access_token": granted["access_token"],
            "refresh_token": granted["refresh_token"],
            "expires_at": int(time.time()) - 5,
            "organization_uuid": "kept",
        },
    )


def test_we_refresh_it_and_the_sdk_goes_on(sim: Simulator, tokens: Path) -> None:
    """Our refresh keeps every key and the SDK's form, and the SDK's next request needs none of its own."""
    with Client() as client:  # the base URL is the profile's
        client.messages.create(**ASK)
    after = json.loads(tokens.read_text())
    assert sorted(after) == ["access_token", "expires_at", "organization_uuid", "refresh_token", "type", "version"]
    assert isinstance(after["expires_at"], int)
    assert after["organization_uuid"] == "kept"
    assert tokens.stat().st_mode & 0o777 == 0o600
    with anthropic.Anthropic(max_retries=0) as sdk:
        assert sdk.messages.create(**ASK).content
    assert sum(request.path == "/v1/oauth/token" for request in sim.requests) == 1


def test_the_sdk_refreshes_it_and_we_go_on(sim: Simulator, tokens: Path) -> None:
    """What the SDK wrote, which takes no lock, is used without a request of ours."""
    with anthropic.Anthropic(max_retries=0) as sdk:
        sdk.messages.create(**ASK)
    with Client() as client:
        client.messages.create(**ASK)
    assert sum(request.path == "/v1/oauth/token" for request in sim.requests) == 1
    assert json.loads(tokens.read_text())["organization_uuid"] == "kept"
