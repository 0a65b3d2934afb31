"""Workload identity federation: a crowd of processes, and an identity provider that nobody here wrote (npm's oidc-provider)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.running import served_by_node
from keybearer import Client
from keybearer.errors import CredentialError
from keybearer.simulator import Simulator
from keybearer.simulator.service.federation import IdentityRule

FOLDER = Path(__file__).parent / "oidc"
CROWD = int(os.environ.get("CROWD", "8"))
"""How many processes; `make federation-crowd` has 32."""
RULE = IdentityRule()
ONE = """
import sys
from keybearer import Client
sys.stdin.readline()  # all begin at once
with Client(max_retries=0) as client:
    print(client.messages.create(model="claude-haiku-4-5", max_tokens=5, messages=[{"role": "user", "content": "Hi"}]).stop_reason)
"""


def variables(sim: Simulator, home: Path, token: Path, rule: str = RULE.id) -> dict[str, str]:
    """Return a workload's environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "ANTHROPIC_BASE_URL": sim.base_url,
        "ANTHROPIC_FEDERATION_RULE_ID": rule,
        "ANTHROPIC_ORGANIZATION_ID": RULE.organization_id,
        "ANTHROPIC_IDENTITY_TOKEN_FILE": str(token),
    }


def exchanges(sim: Simulator) -> int:
    """Count the exchanges."""
    return sum(request.path == "/v1/oauth/token" for request in sim.requests)


def test_a_crowd_makes_one_exchange_a_lifetime(tmp_path: Path) -> None:
    """Processes that begin at once share one; the identity token is good once only, so a second would fail."""
    with Simulator() as sim:
        sim.federation.add_rule({"check_jti": True, "token_lifetime_seconds": 600})
        token = tmp_path / "identity"
        for lifetime in (1, 2):
            token.write_text(sim.identity_provider.issue())
            crowd = [
                subprocess.Popen(  # noqa: S603 - our own interpreter
                    [sys.executable, "-c", ONE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=variables(sim, tmp_path, token),
                )
                for _ in range(CROWD)
            ]
            for each in crowd:
                assert each.stdin is not None
                each.stdin.write("\n")
                each.stdin.flush()
            ended = [(each.communicate(timeout=120), each.returncode) for each in crowd]
            assert [code for _, code in ended] == [0] * CROWD, ended[0][0][1][-2000:]
            assert exchanges(sim) == lifetime
            sim.revoke_federated()
            (cache,) = (tmp_path / ".config" / "keybearer" / "federation").glob("*.json")
            document = json.loads(cache.read_text())
            cache.write_text(json.dumps(document | {"expires_at": "2020-01-01T00:00:00Z", "refreshed_at": None}))
        assert sim.verdict == []


@pytest.fixture
def issuer() -> Iterator[str]:
    """The address of the independent provider."""
    with served_by_node("workload.js", FOLDER) as address:
        yield address


def issued(issuer: str, audience: str) -> str:
    """Have the provider issue a workload's token (client_credentials, RFC 8707)."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "workload",
        "client_secret": "only-for-this-test",
        "resource": audience,
    }
    request = urllib.request.Request(f"{issuer}/token", urllib.parse.urlencode(form).encode())  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - as above
        return str(json.load(reply)["access_token"])


def test_an_independent_provider_is_trusted_by_its_keys(
    issuer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its RS256 token is checked by the key set that it publishes; one for another audience is refused, with its claims."""
    with Simulator() as sim:
        with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=10) as reply:  # noqa: S310
            discovered = json.load(reply)
        sim.federation.add_rule(
            {
                "id": "fdrl_oidc",
                "issuer_url": discovered["issuer"],
                "jwks_url": discovered["jwks_uri"],
                "subject_prefix": "workload",
            }
        )
        token = tmp_path / "identity"
        for name, value in variables(sim, tmp_path, token, "fdrl_oidc").items():
            monkeypatch.setenv(name, value)
        ask: dict[str, Any] = {
            "model": "claude-haiku-4-5",
            "max_tokens": 5,
            "messages": [{"role": "user", "content": "Hi"}],
        }
        token.write_text(issued(issuer, "https://other.example"))
        with Client() as client, pytest.raises(CredentialError, match=r"audience \(aud\) 'https://other.example'"):
            client.messages.create(**ask)
        token.write_text(issued(issuer, RULE.audience))
        with Client() as client:
            assert client.messages.create(**ask).content
