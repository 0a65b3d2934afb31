"""The clouds' metadata servers, asked by the clouds' own libraries while the environment has a proxy: it sees nothing of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import InstanceMetadataFetcher

from keybearer import Client, Platform
from keybearer.credentials.sources.aws import botocore_session
from keybearer.errors import RefreshFailed
from keybearer.simulator import Simulator
from keybearer.simulator.platforms.callers import SECRET_KEY, SESSION_TOKEN, TEMPORARY_KEY
from support.metadata import metadata_server, recording_proxy

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}
AWS_KEY = {
    "/latest/api/token": "imds-token",
    "/latest/meta-data/iam/security-credentials/a-role": {
        "Code": "Success",
        "AccessKeyId": TEMPORARY_KEY,
        "SecretAccessKey": SECRET_KEY,
        "Token": SESSION_TOKEN,
        "Expiration": "2099-01-01T00:00:00Z",
    },
    "/latest/meta-data/iam/security-credentials/": "a-role",
}
AWS_ASKED = [
    "PUT /latest/api/token",
    "GET /latest/meta-data/iam/security-credentials/",
    "GET /latest/meta-data/iam/security-credentials/a-role",
]


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """The environment's proxy, and no credential of the clouds in any file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    botocore_session.cache_clear()
    with recording_proxy(monkeypatch) as came:
        yield came
    botocore_session.cache_clear()


def test_an_instances_key_is_fetched_past_the_proxy(
    clouds: Simulator, proxy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Botocore's own code would ask the proxy: where there is one, the key comes over our transport, and signs."""
    platform = Platform("bedrock_mantle", region="us-east-1")
    with (
        metadata_server(monkeypatch, AWS_KEY) as asked,
        Client(platform=platform, base_url=clouds.base_url + "/bedrock_mantle/anthropic") as client,
    ):
        assert client.messages.create(**ASK).text == client.messages.create(**ASK).text
    assert (asked, proxy) == (AWS_ASKED, [])
    InstanceMetadataFetcher(timeout=5, num_attempts=1).retrieve_iam_role_credentials()
    assert proxy[0] == "PUT http://169.254.169.254/latest/api/token HTTP/1.1"  # this is what is avoided


def test_a_role_that_an_instance_assumes_is_asked_for_past_the_proxy(
    clouds: Simulator, proxy: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A profile whose source is the instance's role has its key the same way; only AWS's STS, over TLS, is asked through the proxy."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[profile work]\nrole_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Ec2InstanceMetadata\n"
        "region = us-east-1\nmax_attempts = 1\n"
    )
    platform = Platform("bedrock_mantle", region="us-east-1", profile="work")
    with (
        metadata_server(monkeypatch, AWS_KEY) as asked,
        Client(platform=platform, base_url=clouds.base_url + "/bedrock_mantle/anthropic") as client,
        pytest.raises(RefreshFailed, match="proxy"),
    ):
        client.messages.create(**ASK)
    assert asked == AWS_ASKED
    assert {each.rpartition(" ")[0] for each in proxy} == {"CONNECT sts.us-east-1.amazonaws.com:443"}


def test_googles_token_is_fetched_past_the_proxy(
    clouds: Simulator, proxy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth looks for its metadata server by address and by name, and gets project and token from it."""
    account = {"email": "a@p.iam.gserviceaccount.com", "scopes": [], "aliases": ["default"]}
    answers: dict[str, Any] = {
        "/computeMetadata/v1/project/project-id": "metadata-project",
        "/computeMetadata/v1/universe": "googleapis.com",
        "/computeMetadata/v1/instance/service-accounts/default/token": {
            "access_token": "ya29.sim-metadata",
            "expires_in": 3600,
            "token_type": "Bearer",
        },
        "/computeMetadata/v1/instance/service-accounts/": account,
        "/": "computeMetadata/",
    }
    with (
        metadata_server(monkeypatch, answers) as asked,
        Client(platform=Platform("vertex", region="us-east5"), base_url=clouds.base_url + "/vertex/v1") as client,
    ):
        assert client.messages.create(**ASK).text
    assert proxy == []
    assert "GET /" in asked
    assert any("/token" in each for each in asked)


def test_entras_token_is_fetched_past_the_proxy(
    clouds: Simulator, proxy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """azure-identity asks the instance's metadata server; what else it tries goes where the environment says."""
    granted = {
        "access_token": "entra-sim-instance",
        "expires_in": "7200",
        "expires_on": str(int(time.time()) + 7200),
        "resource": "https://ai.azure.com",
        "token_type": "Bearer",
    }
    with (
        metadata_server(monkeypatch, {"/metadata/identity/oauth2/token": granted}) as asked,
        Client(platform=Platform("foundry"), base_url=clouds.base_url + "/foundry/anthropic") as client,
    ):
        assert client.messages.create(**ASK).text
    assert asked
    assert [each for each in proxy if "169.254" in each] == []
