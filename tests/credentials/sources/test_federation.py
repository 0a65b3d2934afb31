"""From the configuration and the SDK's variables to a login by federation."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from keybearer.config.auth_schema import AuthConfig, FederationConfig, IdentityTokenConfig
from keybearer.credentials.chain import CredentialChain, Resolved
from keybearer.credentials.sources.federated_login import FederatedLogin
from keybearer.credentials.sources.federation import Federation
from keybearer.errors import CredentialError, NoCredentials
from support.identity import ORGANIZATION, RULE, jwt
from support.logins import Endpoint, HandClock, granted, run, search, token_in, write_private

VARIABLES = {"ANTHROPIC_FEDERATION_RULE_ID": RULE, "ANTHROPIC_ORGANIZATION_ID": ORGANIZATION}


def resolve(folder: Path, environ: dict[str, str], auth: AuthConfig | None = None, key: str | None = None) -> Resolved:
    """Search."""
    return CredentialChain(search(folder, auth=auth, environ=environ, key=key)).resolve()


def test_the_sdks_variables_are_enough(tmp_path: Path) -> None:
    """Rule, organization and a token: by a file first, as the SDK does; service account and workspace are sent along."""
    path = write_private(tmp_path / "t", jwt(jti="file").encode())
    environ = VARIABLES | {
        "ANTHROPIC_IDENTITY_TOKEN": jwt(),
        "ANTHROPIC_IDENTITY_TOKEN_FILE": str(path),
        "ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1",
        "ANTHROPIC_WORKSPACE_ID": "wrkspc_1",
    }
    resolved = resolve(tmp_path, environ)
    assert (resolved.mode, resolved.place) == ("federation", f"workload identity federation by rule {RULE}")
    login = resolved.provider
    assert isinstance(login, FederatedLogin)
    assert "service account svac_1" in login.whose
    assert "workspace wrkspc_1" in login.whose
    clock, endpoint = HandClock(), Endpoint(granted(1, refresh_token=None))
    search_ = search(tmp_path, environ=environ, clock=clock, endpoint=endpoint)
    provider = Federation().open(search_).provider
    assert provider is not None
    assert token_in(run(provider.current(), endpoint, clock)) == "sk-ant-oat01-access-1"
    body = endpoint.bodies[0]
    assert (body["assertion"], body["service_account_id"], body["workspace_id"]) == (
        jwt(jti="file"),
        "svac_1",
        "wrkspc_1",
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"ANTHROPIC_FEDERATION_RULE_ID": RULE, "ANTHROPIC_IDENTITY_TOKEN": "x"},
        {"ANTHROPIC_ORGANIZATION_ID": ORGANIZATION, "ANTHROPIC_IDENTITY_TOKEN": "x"},
        VARIABLES,
        VARIABLES | {"ANTHROPIC_IDENTITY_TOKEN": "x", "ANTHROPIC_PROFILE": "other"},
    ],
)
def test_variables_that_are_incomplete_do_not_count(tmp_path: Path, environ: dict[str, str]) -> None:
    """As in the SDK: one of them alone decides nothing, and a named profile goes first."""
    with pytest.raises(NoCredentials) as caught:
        resolve(tmp_path, environ)
    assert any("workload identity federation" in line and "not there" in line for line in caught.value.looked)


def test_a_key_wins_and_says_what_it_shadows(tmp_path: Path) -> None:
    """In `auto` federation comes after the keys; an explicit mode wins."""
    environ = VARIABLES | {"ANTHROPIC_IDENTITY_TOKEN": jwt()}
    resolved = resolve(tmp_path, environ, key="sk-ant-api03-fake")
    assert resolved.mode == "static"
    assert any("federation" in each for each in resolved.shadowed)
    assert resolve(tmp_path, environ, AuthConfig(mode="federation"), key="sk-ant-api03-fake").mode == "federation"


def named(identity: IdentityTokenConfig | None = None, **changes: Any) -> AuthConfig:
    """Return a configuration."""
    whole = {"federation_rule_id": RULE, "organization_id": ORGANIZATION} | changes
    return AuthConfig(federation=FederationConfig(identity_token=identity or IdentityTokenConfig(), **whole))


@pytest.mark.parametrize(
    ("auth", "environ", "words"),
    [
        (AuthConfig(mode="federation"), {}, "lacks the federation rule"),
        (named(organization_id=None), {}, "lacks the organization"),
        (named(), {}, "lacks an identity token"),
        (named(IdentityTokenConfig(file="/a", variable="B")), {}, "it has file and variable"),
        (named(IdentityTokenConfig(platform="azure")), {}, "the audience for Azure"),
        (named(IdentityTokenConfig(platform="eks")), {}, "AWS_WEB_IDENTITY_TOKEN_FILE or"),
        (named(IdentityTokenConfig(platform="aks")), {}, "AZURE_FEDERATED_TOKEN_FILE is not set"),
        (named(IdentityTokenConfig(file="/a", client_id="x")), {}, "platform azure"),
        (AuthConfig(mode="federation", store="keyring"), VARIABLES | {"ANTHROPIC_IDENTITY_TOKEN": "x"}, "is keyring"),
    ],
)
def test_a_configuration_that_is_incomplete_is_an_error(
    tmp_path: Path, auth: AuthConfig, environ: dict[str, str], words: str
) -> None:
    """What the file begins to say is not passed over; the hint names the key and the variable."""
    with pytest.raises(CredentialError, match=words) as caught:
        resolve(tmp_path, environ, auth)
    assert caught.value.hint


def test_github_is_proposed_where_it_is(tmp_path: Path) -> None:
    """The error in a job of GitHub Actions names its platform."""
    with pytest.raises(CredentialError) as caught:
        resolve(tmp_path, {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x"}, named())
    assert "platform: github_actions" in caught.value.hint


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (IdentityTokenConfig(file="/a/b"), "the file /a/b"),
        (IdentityTokenConfig(variable="V"), "the variable V"),
        (IdentityTokenConfig(command=["get", "token"]), "the command 'get'"),
        (IdentityTokenConfig(platform="github_actions"), "GitHub Actions"),
        (IdentityTokenConfig(platform="google"), "Google's metadata server"),
        (IdentityTokenConfig(platform="aks"), "the file /aks (AZURE_FEDERATED_TOKEN_FILE)"),
    ],
)
def test_each_place_of_the_identity_token(tmp_path: Path, identity: IdentityTokenConfig, words: str) -> None:
    """What the configuration names wins over the variables."""
    environ = {"AZURE_FEDERATED_TOKEN_FILE": "/aks", "ANTHROPIC_IDENTITY_TOKEN": "x"}
    login = resolve(tmp_path, environ, named(identity)).provider
    assert isinstance(login, FederatedLogin)
    assert login.exchange.identity.words == words


def profile(folder: Path, **document: Any) -> Path:
    """Write a profile of the SDK, and return its file of tokens."""
    token = write_private(folder / "t", jwt().encode())
    auth = {
        "type": "oidc_federation",
        "federation_rule_id": RULE,
        "identity_token": {"source": "file", "path": str(token)},
    }
    whole = {"authentication": auth, "organization_id": ORGANIZATION, "workspace_id": "wrkspc_1"} | document
    write_private(folder / ".config" / "anthropic" / "configs" / "default.json", whole)
    return folder / ".config" / "anthropic" / "credentials" / "default.json"


def test_a_profile_of_the_sdk_is_exchanged_into_its_own_file(tmp_path: Path) -> None:
    """The cache has the SDK's form, so that the SDK uses it too; the workspace is in the exchange, not a header."""
    cache = profile(tmp_path, base_url="https://api.example.claude.com")
    clock, endpoint = HandClock(), Endpoint(granted(1, refresh_token=None))
    clock.wall = time.time()
    resolved = CredentialChain(search(tmp_path, clock=clock, endpoint=endpoint)).resolve()
    assert (resolved.mode, resolved.found.base_url) == ("profile", "https://api.example.claude.com")
    credential = run(resolved.provider.current(), endpoint, clock)
    assert credential.headers == ()
    assert endpoint.requests[0].url == "https://api.example.claude.com/v1/oauth/token"
    assert endpoint.bodies[0]["workspace_id"] == "wrkspc_1"
    kept = json.loads(cache.read_text())
    assert (kept["version"], kept["type"]) == ("1.0", "oauth_token")
    assert isinstance(kept["expires_at"], int)
    assert cache.stat().st_mode & 0o777 == 0o600


def test_variables_fill_a_profile(tmp_path: Path) -> None:
    """As the SDK does: only what the file leaves out; and its requests go where the client's go."""
    auth = {"type": "oidc_federation"}
    profile(tmp_path, authentication=auth, organization_id="")
    environ = VARIABLES | {"ANTHROPIC_IDENTITY_TOKEN_FILE": str(tmp_path / "t"), "ANTHROPIC_PROFILE": "default"}
    resolved = resolve(tmp_path, environ)
    login = resolved.provider
    assert isinstance(login, FederatedLogin)
    assert login.exchange.rule.organization_id == ORGANIZATION
    assert (resolved.mode, resolved.found.base_url) == ("profile", None)
