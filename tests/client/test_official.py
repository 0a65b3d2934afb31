"""keybearer's credentials inside the official SDK, sync and async, against the simulator."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import AsyncSDKCredentials, SDKCredentials
from keybearer.errors import CredentialError, UsageError
from keybearer.simulator import Simulator
from support.logins import write_private

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Hi"}],
}


def config(folder: Path, sim: Simulator, expires_in: int = 3600) -> Path:
    """A configuration with a login of the simulator's."""
    granted = sim.login(expires_in=expires_in)
    bundle = write_private(
        folder / "oauth.json",
        {
            "access_token": granted["access_token"],
            "refresh_token": granted["refresh_token"],
            "expires_at": time.time() + expires_in,
            "token_endpoint": sim.base_url + "/v1/oauth/token",
        },
    )
    path = folder / "llm.yaml"
    path.write_text(
        f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth: {{mode: oauth_bundle, bundle: {bundle}}}\n"
    )
    return path


def posts(sim: Simulator) -> int:
    """How many token requests were answered."""
    return sum(request.path == "/v1/oauth/token" for request in sim.requests)


def test_the_sync_sdk_signs_with_our_token_and_has_it_refreshed(sim: Simulator, tmp_path: Path) -> None:
    """An expired login is refreshed once, and every request of the SDK goes out signed."""
    credentials = SDKCredentials.from_config(config(tmp_path, sim, expires_in=0))
    with anthropic.Anthropic(base_url=sim.base_url, credentials=credentials, max_retries=0) as client:
        for _ in range(3):
            assert client.messages.create(**ASK).content
    assert posts(sim) == 1


@pytest.mark.parametrize("kind", [SDKCredentials, AsyncSDKCredentials])
def test_the_async_sdk_takes_both_kinds(sim: Simulator, tmp_path: Path, kind: Any) -> None:
    """Many tasks of the SDK share one refresh."""
    credentials = kind.from_config(config(tmp_path, sim, expires_in=0))

    async def main() -> list[Any]:
        async with anthropic.AsyncAnthropic(base_url=sim.base_url, credentials=credentials, max_retries=0) as client:
            return await asyncio.gather(*(client.messages.create(**ASK) for _ in range(10)))

    assert len(asyncio.run(main())) == 10
    assert posts(sim) == 1


def test_a_token_that_the_service_refuses_is_refreshed_for_the_sdk(sim: Simulator, tmp_path: Path) -> None:
    """After a 401 the SDK forces a refresh and asks once more, with the new token."""
    credentials = SDKCredentials.from_config(config(tmp_path, sim))
    sim.fail("authentication_error", path="/v1/messages")
    with anthropic.Anthropic(base_url=sim.base_url, credentials=credentials, max_retries=1) as client:
        assert client.messages.create(**ASK).content
    assert posts(sim) == 1


def test_the_sdk_may_not_send_it_elsewhere(sim: Simulator, tmp_path: Path) -> None:
    """A base URL that is none of Anthropic's is refused when the SDK's client is made."""
    credentials = SDKCredentials.from_config(config(tmp_path, sim))
    with pytest.raises(CredentialError, match="is not sent"):
        anthropic.Anthropic(base_url="https://gateway.example.com", credentials=credentials)


def test_an_api_key_is_not_given_as_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was found is reported to go in as api_key."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    with pytest.raises(UsageError, match="api_key="):
        SDKCredentials()()
