"""The official SDK and keybearer exchange identity tokens at the simulator, and the pages that change what it trusts."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic.lib.credentials import IdentityTokenFile, WorkloadIdentityCredentials

from keybearer import AuthenticationFailed, Client
from keybearer.cli import main
from keybearer.errors import CredentialError
from keybearer.simulator import Simulator
from keybearer.simulator.service.federation import IdentityRule
from support.logins import write_private

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
RULE = IdentityRule()


def admin(sim: Simulator, path: str, **body: Any) -> dict[str, Any]:
    """Ask an admin page."""
    request = urllib.request.Request(  # noqa: S310 - our own simulator
        sim.base_url + path,
        json.dumps(body).encode(),
        {"x-sim-token": sim.token, "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - as above
        answer: dict[str, Any] = json.load(reply)
        return answer


@pytest.fixture
def token(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workload's identity token, and the SDK's variables."""
    path = write_private(tmp_path / "identity", sim.identity_provider.issue().encode())
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", RULE.id)
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", RULE.organization_id)
    monkeypatch.setenv("ANTHROPIC_SERVICE_ACCOUNT_ID", RULE.service_account_id)
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN_FILE", str(path))
    return path


def exchanges(sim: Simulator) -> int:
    """Count the exchanges."""
    return sum(request.path == "/v1/oauth/token" for request in sim.requests)


@pytest.mark.usefixtures("token")
def test_the_official_sdk_exchanges_by_its_variables(sim: Simulator) -> None:
    """Its own client finds the variables, exchanges once, and is answered."""
    with anthropic.Anthropic(max_retries=0) as sdk:
        assert sdk.messages.create(**ASK).content
        assert sdk.messages.create(**ASK).content
    assert exchanges(sim) == 1
    assert sim.verdict == []


def test_the_official_sdks_errors_are_its_own(sim: Simulator, tmp_path: Path) -> None:
    """What the simulator refuses with is what its error class expects: a 401 for a rule that does not match."""
    path = write_private(tmp_path / "t", sim.identity_provider.issue(subject="somebody").encode())
    credentials = WorkloadIdentityCredentials(
        identity_token_provider=IdentityTokenFile(path),
        federation_rule_id=RULE.id,
        organization_id=RULE.organization_id,
    )
    credentials.bind_base_url(sim.base_url)
    with (
        credentials,
        pytest.raises(anthropic.WorkloadIdentityError, match="Ensure your federation rule matches") as caught,
    ):
        credentials()
    assert caught.value.status_code == 401
    assert caught.value.body["error"] == "invalid_grant"


def test_we_exchange_once_for_two_clients(sim: Simulator, token: Path) -> None:
    """The same variables; the second client finds the token of the first; the journal has no token in it."""
    for _ in range(2):
        with Client() as client:
            assert client.messages.create(**ASK).content
    assert exchanges(sim) == 1
    assert sim.verdict == []
    assert token.read_text() not in json.dumps([vars(each) for each in sim.requests], default=repr)
    sent = next(request for request in sim.requests if request.path == "/v1/oauth/token")
    assert sent.headers["anthropic-beta"] == "oauth-2025-04-20,oidc-federation-2026-04-01"


def test_a_revoked_access_token_is_exchanged_anew(sim: Simulator, token: Path) -> None:
    """The 401 marks it; the next call asks with the identity token as it is then."""
    with Client() as client:
        client.messages.create(**ASK)
        admin(sim, "/_sim/federation-revoke", rule=RULE.id)
        write_private(token, sim.identity_provider.issue().encode())
        with pytest.raises(AuthenticationFailed, match="the next call refreshes it"):
            client.messages.create(**ASK)
        assert client.messages.create(**ASK).content
    assert exchanges(sim) == 2


def test_a_profile_is_shared_with_the_official_sdk(
    sim: Simulator, token: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever exchanges first, the other uses the token of the file."""
    for name in ("RULE_ID", "FEDERATION_RULE_ID", "ORGANIZATION_ID", "SERVICE_ACCOUNT_ID", "IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(f"ANTHROPIC_{name}", raising=False)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    auth = {
        "type": "oidc_federation",
        "federation_rule_id": RULE.id,
        "identity_token": {"source": "file", "path": str(token)},
    }
    config = {"base_url": sim.base_url, "organization_id": RULE.organization_id, "authentication": auth}
    write_private(tmp_path / "configs" / "default.json", config)
    with Client() as client:
        assert client.messages.create(**ASK).content
    with anthropic.Anthropic(max_retries=0) as sdk:
        assert sdk.messages.create(**ASK).content
    assert exchanges(sim) == 1
    cache = tmp_path / "credentials" / "default.json"
    cache.unlink()
    with anthropic.Anthropic(max_retries=0) as sdk:
        assert sdk.messages.create(**ASK).content
    with Client() as client:
        assert client.messages.create(**ASK).content
    assert exchanges(sim) == 2
    assert json.loads(cache.read_text())["expires_at"] > time.time()


def test_the_command_shows_it(sim: Simulator, token: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status and list name the rule and the claims; refresh exchanges; an expired identity token is a warning of doctor's."""
    assert main(["auth", "refresh"]) == 0
    assert main(["auth", "status"]) == 0
    out = capsys.readouterr().out
    assert f"Used: workload identity federation by rule {RULE.id} (mode federation)" in out
    assert f"Account: service account svac_simulator by rule {RULE.id}" in out
    assert "keybearer exchanges the next by itself; its identity token: issuer (iss)" in out
    assert "'system:serviceaccount:default:app'" in out
    assert main(["auth", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(each["mode"], each["used"]) for each in listed] == [("federation", True)]
    write_private(token, sim.identity_provider.issue(expires_in=-600).encode())
    main(["doctor", "--offline", "--json"])
    report = capsys.readouterr().out
    found = [each for each in json.loads(report)["checks"] if each["check"] == "credentials"]
    assert [each["state"] for each in found] == ["ok", "warning"]
    assert "expired at" in found[1]["says"]
    write_private(token, b"-----BEGIN CERTIFICATE-----")
    main(["doctor", "--offline", "--json"])
    assert "it is a PEM file" in capsys.readouterr().out
    assert not any(part in report for part in token.read_text().split("."))


def test_the_pages_change_what_is_trusted(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token, new keys, a rule: issued, rotated, revoked and added over HTTP; then GitHub's way, with our own client."""
    issued = admin(sim, "/_sim/identity-token", subject="system:serviceaccount:a:b", expires_in=60)["token"]
    assert len(admin(sim, "/_sim/identity-keys", rotate="ES256")["keys"]) == 2
    assert len(admin(sim, "/_sim/identity-keys", revoke="all")["keys"]) == 0
    assert admin(sim, "/_sim/federation-rules", id="fdrl_2", subject_prefix="system:*") == {"id": "fdrl_2"}
    for wrong in ({"id": 5}, {"prefix": "x"}):
        with pytest.raises(urllib.error.HTTPError, match="400") as caught:
            admin(sim, "/_sim/federation-rules", **wrong)
        caught.value.close()
    with urllib.request.urlopen(f"{sim.base_url}/idp/.well-known/openid-configuration", timeout=5) as reply:  # noqa: S310
        assert json.load(reply)["jwks_uri"] == f"{sim.base_url}/idp/jwks"
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{sim.base_url}/idp/token?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "sim-request-token")
    config = tmp_path / "llm.yaml"
    config.write_text(
        f"providers:\n  sim:\n    base_url: {sim.base_url}\n    model: claude-haiku-4-5\n    auth:\n      mode: federation\n"
        f"      federation:\n        federation_rule_id: fdrl_2\n        organization_id: {RULE.organization_id}\n"
        "        identity_token: {platform: github_actions}\n"
    )
    with Client.from_config(config) as client:
        assert client.messages.create(**ASK).content
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", issued)  # signed by a key that is revoked
    config.write_text(config.read_text().replace("{platform: github_actions}", "{variable: ANTHROPIC_IDENTITY_TOKEN}"))
    with (
        Client.from_config(config) as client,
        pytest.raises(CredentialError, match="did not accept the identity token"),
    ):
        client.messages.create(**ASK)
