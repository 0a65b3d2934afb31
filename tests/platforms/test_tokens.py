"""Google's and Azure's credentials, by google-auth and azure-identity themselves, against endpoints on loopback."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.oauth2 import service_account

from keybearer import Client, Platform
from keybearer.errors import AuthenticationFailed, NoCredentials
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_service_account_gets_a_token(
    clouds: Simulator, endpoint: Callable[..., str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth's signed assertion goes out on our transport; the token is kept, and the project is the account's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims: list[dict[str, Any]] = []

    def answer(request: Any) -> dict[str, Any]:
        assertion = parse_qs(request.sent.decode())["assertion"][0]
        head, body, signature = assertion.split(".")
        key.public_key().verify(_decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims.append(json.loads(_decoded(body)))
        return {"access_token": "ya29.sim-account", "expires_in": 3600, "token_type": "Bearer"}

    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "project_id": "account-project",
        "private_key_id": "k1",
        "private_key": pem,
        "client_email": "a@account-project.iam.gserviceaccount.com",
        "token_uri": endpoint(answer) + "/token",
    }
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with Client(platform=Platform("vertex", region="us-east5"), base_url=clouds.base_url + "/vertex/v1") as client:
        assert client.messages.create(**ASK).text == client.messages.create(**ASK).text
        shown = repr(client)
    assert [claim["scope"] for claim in claims] == ["https://www.googleapis.com/auth/cloud-platform"]
    assert "PRIVATE" not in shown


def test_google_auth_and_the_simulators_endpoint_agree(
    clouds: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth exchanges its assertion there, and signs a token itself; Vertex takes both, and neither after a revocation."""
    account = clouds.cloud_tokens.account_file(clouds.base_url + "/idp/google/token")
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    base_url = clouds.base_url + "/vertex/v1"
    with Client(platform=Platform("vertex", region="us-east5"), base_url=base_url) as client:
        text = client.messages.create(**ASK).text
    own = service_account.Credentials.from_service_account_file(str(file)).with_always_use_jwt_access(True)
    own._create_self_signed_jwt("https://us-east5-aiplatform.googleapis.com/")
    own.refresh(None)
    platform = Platform("vertex", region="us-east5", project="p", token=lambda: str(own.token))
    with Client(platform=platform, base_url=base_url) as client:
        assert client.messages.create(**ASK).text == text
        clouds.cloud_tokens.account().revoke()
        with pytest.raises(AuthenticationFailed, match="no published key"):
            client.messages.create(**ASK)


def test_azure_identity_and_the_simulators_endpoint_agree(clouds: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A managed identity's token is a JWT that Foundry checks by the tenant's keys; a revoked one is refused once, then replaced."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", clouds.base_url + "/idp/entra/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    with Client(platform=Platform("foundry"), base_url=clouds.base_url + "/foundry/anthropic", max_retries=0) as client:
        assert client.messages.create(**ASK).text
        clouds.cloud_tokens.entra.revoke()
        with pytest.raises(AuthenticationFailed, match="no published key has signed the token"):
            client.messages.create(**ASK)


def test_a_missing_file_is_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth's own words stand in the error."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/at/all.json")
    with (
        Client(platform=Platform("vertex", region="us-east5", project="p")) as client,
        pytest.raises(NoCredentials, match=r"/nowhere/at/all\.json was not found"),
    ):
        client.messages.create(**ASK)


def test_a_managed_identity_gets_a_token(
    clouds: Simulator, endpoint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """azure-identity asks the identity endpoint of its environment for Foundry's scope, once."""
    asked: list[str] = []

    def answer(request: Any) -> dict[str, Any]:
        asked.append(request.path)
        assert request.headers["X-IDENTITY-HEADER"] == "header"
        return {"access_token": "entra-sim-managed", "expires_on": str(int(time.time()) + 7200), "token_type": "Bearer"}

    monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint(answer) + "/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    with Client(platform=Platform("foundry"), base_url=clouds.base_url + "/foundry/anthropic") as client:
        assert client.messages.create(**ASK).text == client.messages.create(**ASK).text
    assert len(asked) == 1
    assert "ai.azure.com" in asked[0]
