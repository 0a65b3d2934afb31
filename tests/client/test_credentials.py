"""A client's credentials: what wins over what, what a refusal says, and one replay where it is asked for."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, AuthenticationFailed, Client, CredentialError, NoCredentials, PermissionDenied
from keybearer.cli import main
from keybearer.credentials.sources.static import StaticKey
from keybearer.simulator import Simulator
from support.logins import SETUP, write_private

ASK: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Hi"}],
}


def config(folder: Path, sim: Simulator, auth: str = "", *, expires_in: int = 3600, key: str = "") -> Path:
    """A configuration with a login of the simulator's."""
    granted = sim.login(expires_in=expires_in)
    write_private(
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
        f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n"
        + (f"    api_key: {key}\n" if key else "")
        + f"    auth: {{bundle: oauth.json, {auth}}}\n"
    )
    return path


def kinds(sim: Simulator) -> list[str]:
    """Which credential each request for a message had."""
    return [
        "key" if "x-api-key" in request.headers else "token"
        for request in sim.requests
        if request.path == "/v1/messages"
    ]


def posts(sim: Simulator) -> int:
    """How many token requests were answered."""
    return sum(request.path == "/v1/oauth/token" for request in sim.requests)


def test_an_argument_wins_over_the_config_and_the_config_over_the_environment(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """api_key= and credentials= win over a bundle; a key of the config over ANTHROPIC_API_KEY."""
    path = config(tmp_path, sim, "mode: oauth_bundle")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-never-sent")
    given = StaticKey(sim.api_key, source="a test")
    for options in (
        {},
        {"api_key": sim.api_key},
        {"credentials": given},
        {"api_key": sim.api_key, "credentials": given},
    ):
        with Client.from_config(path, **options) as client:
            client.messages.create(**ASK)
    path = config(tmp_path, sim, "mode: static", key=sim.api_key)
    with Client.from_config(path) as client:
        client.messages.create(**ASK)
    assert kinds(sim) == ["token", "key", "key", "key", "key"]


def test_the_environments_key_is_used_when_nothing_else_is_there(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a config, ANTHROPIC_API_KEY takes part in the search."""
    with pytest.raises(NoCredentials):
        Client(base_url=sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    with Client(base_url=sim.base_url) as client:
        client.messages.create(**ASK)
    assert kinds(sim) == ["key"]


def test_an_explicit_mode_wins_over_a_key_with_one_line(
    sim: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`auth.mode` decides although api_key is set, and the log says so once."""
    with (
        caplog.at_level(logging.INFO, logger="keybearer"),
        Client.from_config(config(tmp_path, sim, "mode: oauth_bundle", key=sim.api_key)) as client,
    ):
        client.messages.create(**ASK)
    assert kinds(sim) == ["token"]
    lines = [r.getMessage() for r in caplog.records if "wins over providers.anthropic.api_key" in r.getMessage()]
    assert len(lines) == 1


@pytest.mark.parametrize("paste", ["{}", '"{}"\n', "\ufeffToken: {}"])
def test_a_setup_token_as_api_key_is_a_bearer(sim: Simulator, paste: str) -> None:
    """`Client(api_key=...)` takes a setup token for what it is, through what copying put around it."""
    with Client(api_key=paste.format(SETUP[:13] + "sim-" + SETUP[17:]), base_url=sim.base_url) as client:
        client.messages.create(**ASK)
    assert kinds(sim) == ["token"]


def test_a_401_fails_now_and_refreshes_at_the_next_call(sim: Simulator, tmp_path: Path) -> None:
    """The caller gets the refusal with its context; the next call has a new token."""
    with Client.from_config(config(tmp_path, sim)) as client:
        client.messages.create(**ASK)
        sim.fail("authentication_error", path="/v1/messages")
        with pytest.raises(AuthenticationFailed) as caught:
            client.messages.create(**ASK)
        assert posts(sim) == 0
        assert (caught.value.kind, caught.value.source) == ("oauth", f"the OAuth bundle {tmp_path / 'oauth.json'}")
        assert "the next call refreshes it" in caught.value.hint
        client.messages.create(**ASK)
    assert posts(sim) == 1


def test_a_refused_token_is_not_handed_out_again(
    sim: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A client that is made after the refusal refreshes first, and so does `keybearer auth token`."""
    path = config(tmp_path, sim)
    refused = json.loads((tmp_path / "oauth.json").read_text())["access_token"]
    sim.fail("authentication_error", path="/v1/messages")
    with Client.from_config(path) as client, pytest.raises(AuthenticationFailed):
        client.messages.create(**ASK)
    assert main(["auth", "token", "--config", str(path)]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed not in {"", refused}
    with Client.from_config(path) as client:
        client.messages.create(**ASK)
    assert posts(sim) == 1
    assert sim.requests[-1].status == 200


@pytest.mark.parametrize(
    ("login", "remedy"),
    [
        ({"refresh_token": None}, "nothing here can refresh it: log in again with `keybearer auth login`."),
        ({}, "the next call refreshes it; if that fails too, run `keybearer auth login`."),
    ],
)
def test_the_remedy_of_a_refusal_is_true(sim: Simulator, tmp_path: Path, login: dict[str, Any], remedy: str) -> None:
    """A login without a refresh token is not said to be refreshed."""
    path = config(tmp_path, sim)
    document = json.loads((tmp_path / "oauth.json").read_text()) | login
    write_private(tmp_path / "oauth.json", {key: value for key, value in document.items() if value})
    sim.fail("authentication_error", path="/v1/messages")
    with Client.from_config(path) as client, pytest.raises(AuthenticationFailed) as caught:
        client.messages.create(**ASK)
    assert caught.value.hint.endswith(remedy)


@pytest.mark.parametrize("stream", [False, True])
def test_retry_on_401_refreshes_and_sends_once_more(sim: Simulator, tmp_path: Path, stream: bool) -> None:
    """With `auth.retry_on_401` the caller sees nothing of the refusal, be it a message or a stream's opening."""
    with Client.from_config(config(tmp_path, sim, "retry_on_401: true")) as client:
        sim.fail("authentication_error", path="/v1/messages")
        if stream:
            with client.messages.stream(**ASK) as events:
                assert events.get_final_message().content
        else:
            assert client.messages.create(**ASK).content
        assert posts(sim) == 1
        sim.fail("authentication_error", path="/v1/messages", times=2)
        with pytest.raises(AuthenticationFailed):  # once more, and not for ever
            client.messages.create(**ASK)


@pytest.mark.parametrize("stream", [False, True])
def test_another_providers_login_is_refreshed_and_the_first_one_is_left_alone(
    sim: Simulator, tmp_path: Path, stream: bool
) -> None:
    """After an overload, the other provider's refused token (401) is refreshed and the request sent there once more."""
    files = {}
    for name in ("main", "second"):
        granted = sim.login(expires_in=3600)
        document = {key: granted[key] for key in ("access_token", "refresh_token")}
        document |= {"expires_at": time.time() + 3600, "token_endpoint": sim.base_url + "/v1/oauth/token"}
        files[name] = write_private(tmp_path / f"{name}.json", document)
    before = {name: file.read_text() for name, file in files.items()}
    path = tmp_path / "llm.yaml"
    path.write_text(
        "providers:\n"
        + "".join(
            f"  {name}:\n    base_url: {sim.base_url}\n    auth: {{bundle: {name}.json, retry_on_401: true}}\n"
            for name in files
        )
    )
    with Client.from_config(path, provider="main", on_overload=["second/claude-haiku-4-5"]) as client:
        sim.fail("overloaded", path="/v1/messages")
        sim.fail("authentication_error", path="/v1/messages")
        if stream:
            with client.messages.stream(**ASK) as events:
                assert events.get_final_message().provider == "second"
        else:
            assert client.messages.create(**ASK).provider == "second"
    assert posts(sim) == 1
    assert files["main"].read_text() == before["main"]
    assert files["second"].read_text() != before["second"]


def test_a_403_refreshes_nothing(sim: Simulator, tmp_path: Path) -> None:
    """A token that may not do something is not made better by another."""
    with Client.from_config(config(tmp_path, sim, "retry_on_401: true")) as client:
        sim.fail("permission_error", path="/v1/messages")
        with pytest.raises(PermissionDenied) as caught:
            client.messages.create(**ASK)
        client.messages.create(**ASK)
    assert caught.value.kind == "oauth"
    assert posts(sim) == 0


def test_an_oauth_token_is_not_sent_to_another_host(tmp_path: Path, sim: Simulator) -> None:
    """A base URL that is none of Anthropic's gets no token unless the config allows it."""
    path = config(tmp_path, sim)
    with (
        Client.from_config(path, base_url="https://gateway.invalid") as client,
        pytest.raises(CredentialError, match="allow_other_hosts"),
    ):
        client.messages.create(**ASK)


def test_an_expired_login_is_refreshed_before_the_first_request(sim: Simulator, tmp_path: Path) -> None:
    """Sync and async clients alike wait for the new token, and save it."""
    import asyncio

    path = config(tmp_path, sim, expires_in=0)
    with Client.from_config(path) as client:
        client.messages.create(**ASK)

    async def main() -> None:
        async with AsyncClient.from_config(path) as other:
            await other.messages.create(**ASK)

    asyncio.run(main())
    assert posts(sim) == 1
    assert "refreshed_at" in json.loads((tmp_path / "oauth.json").read_text())


def test_a_claude_code_login_is_borrowed_without_a_single_token_request(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Used, refused and expired, Claude Code's login leads to no token request and stays byte for byte."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    granted = sim.login()
    login = {
        "accessToken": granted["access_token"],
        "refreshToken": granted["refresh_token"],
        "expiresAt": int((time.time() + 3600) * 1000),
        "scopes": ["user:inference"],
    }
    path = write_private(tmp_path / "claude" / ".credentials.json", {"claudeAiOauth": login})
    before = path.read_bytes()
    with Client(base_url=sim.base_url) as client:
        client.messages.create(**ASK)
        sim.fail("authentication_error", path="/v1/messages")
        with pytest.raises(AuthenticationFailed, match="run `claude`"):
            client.messages.create(**ASK)
        client.messages.create(**ASK)
        write_private(path, {"claudeAiOauth": login | {"expiresAt": 1}})
        with pytest.raises(CredentialError, match="has expired"):
            client.messages.create(**ASK)
        path.write_bytes(before)
        client.messages.create(**ASK)
    assert posts(sim) == 0
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == [".credentials.json"]
