"""The official SDK's profile, refreshed here and there, with nothing lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import Client
from keybearer.credentials.oauth.refresh import refresh
from keybearer.credentials.sources.profile import PROFILE, find_profile
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import CredentialError
from keybearer.simulator import Simulator
from keybearer.types.secret import Secret
from support.logins import Endpoint, HandClock, bundle, granted, run, write_private
from support.odd import ODD, with_odd

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


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_hides_no_profile(tmp_path: Path, odd: bytes) -> None:
    """What else is in its two files does not matter, and stays over a refresh."""
    config = with_odd(odd, authentication={"type": "user_oauth", "client_id": "c"}, base_url="https://api.claude.com")
    write_private(tmp_path / "configs" / "default.json", ("\ufeff" + config.reveal()).encode())
    path = write_private(tmp_path / "credentials" / "default.json", with_odd(odd, **bundle()).reveal().encode())
    profile = find_profile({"ANTHROPIC_CONFIG_DIR": str(tmp_path)}, None)
    assert (profile.client_id, profile.base_url, profile.tokens) == ("c", "https://api.claude.com", path)
    clock, store = HandClock(), FileStore(path, PROFILE)
    done = run(
        refresh(store, None, clock.rules(token_endpoint="http://127.0.0.1:9/x"), force=True), Endpoint(granted()), clock
    )
    assert FileStore(path, PROFILE).load().access_token == done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    assert odd.decode(errors="replace").partition(", ")[0].replace("\0", "\\u0000") in path.read_text()


def test_a_profile_that_is_none_says_who_makes_one(tmp_path: Path) -> None:
    """The hint names the SDK's own login, not keybearer's."""
    path = write_private(tmp_path / "default.json", b"{")
    with pytest.raises(CredentialError) as caught:
        FileStore(path, PROFILE).load()
    assert caught.value.hint == "Log in again with `ant auth login`, or put the right file there."


def test_the_sdk_refreshes_it_and_we_go_on(sim: Simulator, tokens: Path) -> None:
    """What the SDK wrote, which takes no lock, is used without a request of ours."""
    with anthropic.Anthropic(max_retries=0) as sdk:
        sdk.messages.create(**ASK)
    with Client() as client:
        client.messages.create(**ASK)
    assert sum(request.path == "/v1/oauth/token" for request in sim.requests) == 1
    assert json.loads(tokens.read_text())["organization_uuid"] == "kept"
