"""`ANTHROPIC_AUTH_TOKEN` and `CLAUDE_CODE_OAUTH_TOKEN`: what is sent of them, where to, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer import Client
from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.chain import CredentialChain, Resolved
from keybearer.errors import CredentialError, NoCredentials
from keybearer.simulator import Simulator
from keybearer.types.http import Draft
from support.logins import SETUP, bundle, run, search, write_private

API = "https://api.anthropic.com/v1/messages"
GATEWAY = "https://gateway.example/v1/messages"


def resolve(home: Path, environ: dict[str, str], **options: str) -> Resolved:
    """Search below a folder."""
    return CredentialChain(search(home, environ=environ, **options)).resolve()  # type: ignore[arg-type] # a key


def headers(found: Resolved, url: str = API) -> dict[str, str]:
    """The headers of a request that it signs."""
    return run(found.provider.current()).sign(Draft(method="POST", url=url, headers={})).headers


def test_they_come_after_everything_that_is_configured(tmp_path: Path) -> None:
    """A key wins over both, ANTHROPIC_AUTH_TOKEN over CLAUDE_CODE_OAUTH_TOKEN, and that over a profile."""
    environ = {"ANTHROPIC_AUTH_TOKEN": "gateway-token", "CLAUDE_CODE_OAUTH_TOKEN": SETUP}
    folder = tmp_path / ".config" / "anthropic"
    write_private(folder / "configs" / "default.json", {"authentication": {"type": "user_oauth"}})
    write_private(folder / "credentials" / "default.json", bundle())
    found = resolve(tmp_path, environ, key="sk-ant-api03-fake")
    assert (found.mode, found.shadowed[:2]) == ("static", ("ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"))
    assert resolve(tmp_path, environ).mode == "auth_token"
    assert resolve(tmp_path, environ | {"ANTHROPIC_AUTH_TOKEN": " "}).mode == "claude_code_token"
    assert resolve(tmp_path, {"CLAUDE_CODE_OAUTH_TOKEN": ""}).mode == "profile"


def test_a_mode_pins_each(tmp_path: Path) -> None:
    """`auth.mode` names it; set to one that is not there, it is an error."""
    environ = {"ANTHROPIC_AUTH_TOKEN": "gateway-token", "CLAUDE_CODE_OAUTH_TOKEN": SETUP}
    for mode in ("auth_token", "claude_code_token"):
        auth = AuthConfig(mode=mode)
        assert CredentialChain(search(tmp_path, environ=environ, auth=auth, key="sk-ant-x")).resolve().mode == mode
        with pytest.raises(CredentialError, match="is not set"):
            CredentialChain(search(tmp_path, auth=auth)).resolve()


def test_a_gateways_token_goes_to_the_gateway_of_the_same_environment(tmp_path: Path) -> None:
    """It is sent as it is, without a beta tag, to that host, to Anthropic's and to this machine, and nowhere else."""
    environ = {"ANTHROPIC_AUTH_TOKEN": "gateway-token", "ANTHROPIC_BASE_URL": "https://Gateway.example/v1"}
    found = resolve(tmp_path, environ)
    for url in (GATEWAY, API, "http://127.0.0.1:9/v1/messages"):
        assert headers(found, url) == {"authorization": "Bearer gateway-token"}
    with pytest.raises(CredentialError, match="is not sent to 'other.example'"):
        headers(found, "https://other.example/v1/messages")
    with pytest.raises(CredentialError, match="is not sent to 'gateway.example'"):
        headers(resolve(tmp_path, {"ANTHROPIC_AUTH_TOKEN": "gateway-token"}), GATEWAY)


@pytest.mark.parametrize("variable", ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_anthropics_token_goes_to_no_gateway(tmp_path: Path, variable: str) -> None:
    """An OAuth token needs its beta tag, and `auth.allow_other_hosts` for any other host."""
    environ = {variable: SETUP, "ANTHROPIC_BASE_URL": "https://gateway.example"}
    found = resolve(tmp_path, environ)
    assert headers(found) == {"authorization": f"Bearer {SETUP}", "anthropic-beta": "oauth-2025-04-20"}
    with pytest.raises(CredentialError, match="is not sent to 'gateway.example'"):
        headers(found, GATEWAY)
    auth = AuthConfig(allow_other_hosts=["gateway.example"])
    assert headers(CredentialChain(search(tmp_path, environ=environ, auth=auth)).resolve(), GATEWAY)["authorization"]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": "my canary"}, "ANTHROPIC_AUTH_TOKEN is garbled"),
        ({"ANTHROPIC_AUTH_TOKEN": "canaryé"}, "ANTHROPIC_AUTH_TOKEN is garbled"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": "canary"}, "CLAUDE_CODE_OAUTH_TOKEN does not start with"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": SETUP[:50]}, "is cut off"),
    ],
)
def test_one_that_cannot_be_a_token_ends_the_search(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    """It is reported by its variable, and none of it is shown."""
    with pytest.raises(CredentialError, match=words) as caught:
        resolve(tmp_path, environ)
    assert not isinstance(caught.value, NoCredentials)
    assert "canary" not in str(caught.value)


def test_quotes_that_came_with_it_are_taken_off(tmp_path: Path) -> None:
    """`docker --env-file` hands them on."""
    assert headers(resolve(tmp_path, {"ANTHROPIC_AUTH_TOKEN": '"gateway-token"'})) == {
        "authorization": "Bearer gateway-token"
    }


def test_a_client_uses_them(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing else set, a call is signed with the token of the environment."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", sim.login()["access_token"])
    with Client() as client:
        assert client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hi"}]
        ).text
