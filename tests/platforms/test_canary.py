"""Canaries in the clouds' own credentials, with the clouds' own libraries at DEBUG: in no log, error or repr, and no proxy's hands."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from keybearer import Client, Platform
from keybearer.credentials.sources.aws import botocore_session
from keybearer.errors import RefreshFailed
from support.canary import CANARY, Watch
from support.canary_service import Service, running
from support.metadata import recording_proxy

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
OUTCOMES = ["answer", "401", "403", "500", "cut"]


@pytest.fixture
def service() -> Iterator[tuple[Service, str]]:
    """The service, which also gives Google's and Entra's tokens."""
    with running({"access_token": f"eyJ.{CANARY}.x", "expires_on": "9999999999", "token_type": "Bearer"}) as found:
        yield found


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Watch:
    """Look at everything, with every logger of the clouds' libraries at DEBUG."""
    botocore_session.cache_clear()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    caplog.set_level(logging.DEBUG)
    for name in (
        "keybearer",
        "botocore",
        "urllib3",
        "google",
        "google.auth",
        "azure",
        "azure.core",
        "azure.identity",
        "msal",
    ):
        caplog.set_level(logging.DEBUG, logger=name)
    return Watch(caplog)


def tried(client: Client, kept: Service, watch: Watch, *more: str) -> None:
    """Have every outcome, and look at what it shows."""
    with client:
        for says in OUTCOMES:
            kept.says, watch.where = says, says

            def ask(says: str = says) -> Any:
                if says != "cut":
                    return client.messages.create(**ASK)
                with client.messages.stream(**ASK) as events:
                    return events.get_final_message()

            watch.show(ask()) if says == "answer" else watch.fails(ask)
            for each in more:
                assert each not in watch.logs.text
            watch.logged()
        watch.show(client)


def test_aws_files(service: tuple[Service, str], watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret key and a session token of AWS's files; only the token is in requests."""
    file = tmp_path / "credentials"
    file.write_text(
        f"[default]\naws_access_key_id = AKIA1\naws_secret_access_key = secret-{CANARY}\naws_session_token = token-{CANARY}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    platform = Platform("bedrock_mantle", region="us-east-1")
    tried(Client(platform=platform, base_url=service[1], max_retries=0), service[0], watch)
    assert all(f"token-{CANARY}" in each for each in service[0].came)
    assert not any(f"secret-{CANARY}" in each for each in service[0].came)


def test_a_service_account(
    service: tuple[Service, str], watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private key of Google's, and the token that it gets."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(*form).decode()
    account = {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "k",
        "private_key": pem,
        "client_email": "a@p.iam.gserviceaccount.com",
        "token_uri": service[1] + "/v1/oauth/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    platform = Platform("vertex", region="us-east5")
    tried(Client(platform=platform, base_url=service[1], max_retries=0), service[0], watch, pem.splitlines()[5])


def test_a_managed_identity(service: tuple[Service, str], watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of Entra's."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", service[1] + "/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", f"header-{CANARY}")
    tried(Client(platform=Platform("foundry"), base_url=service[1], max_retries=0), service[0], watch)


def test_a_client_secret(service: tuple[Service, str], watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client secret of Entra's, whose token endpoint a proxy hides: the error has no part of it, and the proxy sees none."""
    for name, value in {"TENANT_ID": "t", "CLIENT_ID": "c", "CLIENT_SECRET": f"secret-{CANARY}"}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
    with recording_proxy(monkeypatch) as came:
        with Client(platform=Platform("foundry"), base_url=service[1], max_retries=0) as client:
            assert isinstance(watch.fails(lambda: client.messages.create(**ASK)), RefreshFailed)
        watch.logged()
    assert {each.rpartition(" ")[0] for each in came} == {"CONNECT login.microsoftonline.com:443"}
    assert service[0].came == []
