"""The clouds' token endpoints over HTTP, and their tokens on the platforms."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
import urllib3

from keybearer import Client, Platform
from keybearer.errors import AuthenticationFailed
from keybearer.simulator import Simulator
from keybearer.simulator.options import Options
from keybearer.simulator.service.cloud_tokens import SCOPE, TENANT

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
GOOGLE, ENTRA = "/idp/google", f"/idp/entra/{TENANT}"
PLATFORMS = {
    "google": (Platform("vertex", region="us-east5", project="p"), "/vertex/v1"),
    "azure": (Platform("foundry", resource="r"), "/foundry/anthropic"),
}


@pytest.fixture(scope="module")
def sim() -> Any:
    """A simulator with every platform."""
    with Simulator(Options(provider=frozenset({"all"}))) as running:
        yield running


def ask(sim: Simulator, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Send a request."""
    with urllib3.PoolManager() as http:
        reply = http.request(method, sim.base_url + path, **more)
        return reply.status, reply.json()


def post(sim: Simulator, path: str, **fields: str) -> tuple[int, Any]:
    """Send a form."""
    return ask(sim, "POST", path, fields=fields, encode_multipart=False)


def message(sim: Simulator, cloud: str, token: str) -> str:
    """Ask a platform for a message."""
    platform, below = PLATFORMS[cloud]
    with Client(platform=platform, base_url=sim.base_url + below, auth_token=token, max_retries=0) as client:
        return str(client.messages.create(**ASK).text)


def test_googles_endpoint_takes_a_service_accounts_assertion(sim: Simulator) -> None:
    """The file's key signs it; the token is opaque, is looked up, is taken by Vertex, and is refused after its revocation."""
    header = {"x-sim-token": sim.token}
    account = ask(sim, "POST", "/_sim/identity-cloud-keys", json={}, headers=header)[1]["file"]
    now = int(sim.clock.now())
    claims = {"iss": account["client_email"], "aud": account["token_uri"], "iat": now, "exp": now + 60, "scope": SCOPE}
    assertion = jwt.encode(claims, account["private_key"], "RS256", headers={"kid": account["private_key_id"]})
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    token = post(sim, GOOGLE + "/token", **form)[1]["access_token"]
    assert token.startswith("ya29.")
    assert post(sim, GOOGLE + "/tokeninfo", access_token=token)[1]["email"] == account["client_email"]
    assert message(sim, "google", token)
    keys = jwt.PyJWKSet.from_dict(ask(sim, "GET", f"{GOOGLE}/certs/{account['client_email']}")[1])
    assert jwt.decode(assertion, keys[account["private_key_id"]], ["RS256"], audience=account["token_uri"])
    assert post(sim, GOOGLE + "/revoke", token=token)[0] == 200
    with pytest.raises(AuthenticationFailed, match=r"\(the token was revoked\)"):
        message(sim, "google", token)
    assert post(sim, GOOGLE + "/tokeninfo", access_token=token)[0] == 400
    assert post(sim, GOOGLE + "/token", **{**form, "assertion": assertion + "x"})[1]["error"] == "invalid_grant"
    assert post(sim, GOOGLE + "/token", grant_type="password")[1]["error"] == "unsupported_grant_type"


def test_entras_endpoint_takes_an_applications_secret(sim: Simulator) -> None:
    """Its token is a JWT that anybody can check by the tenant's keys; Foundry takes it until those are revoked."""
    form = {"client_id": "a", "client_secret": "sim-client-secret", "scope": "https://ai.azure.com/.default"}
    token = post(sim, ENTRA + "/oauth2/v2.0/token", **form)[1]["access_token"]
    keys = jwt.PyJWKSet.from_dict(ask(sim, "GET", ENTRA + "/discovery/v2.0/keys")[1])
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, ["RS256"], audience="https://ai.azure.com")["tid"] == TENANT
    assert message(sim, "azure", token)
    assert post(sim, ENTRA + "/oauth2/v2.0/token", **{**form, "client_secret": "x"})[0] == 401
    header = {"x-sim-token": sim.token}
    ask(sim, "POST", "/_sim/identity-cloud-keys", json={"cloud": "azure", "revoke": True}, headers=header)
    with pytest.raises(AuthenticationFailed, match="no published key has signed the token"):
        message(sim, "azure", token)


def test_the_admin_page_issues_what_a_test_needs(sim: Simulator) -> None:
    """Tokens of both clouds, expired ones and those of another audience among them; and it revokes."""
    header = {"x-sim-token": sim.token}

    def issued(**body: Any) -> str:
        return str(ask(sim, "POST", "/_sim/identity-cloud-token", json=body, headers=header)[1]["token"])

    assert message(sim, "google", issued())
    assert message(sim, "azure", issued(cloud="azure"))
    with pytest.raises(AuthenticationFailed, match="has expired"):
        message(sim, "azure", issued(cloud="azure", expires_in=-60))
    with pytest.raises(AuthenticationFailed, match="for another service"):
        message(sim, "azure", issued(cloud="azure", audience="https://graph.microsoft.com"))
    token = issued()
    issued(revoke=token)
    with pytest.raises(AuthenticationFailed, match="was revoked"):
        message(sim, "google", token)
    assert "ya29" not in repr([(each.path, each.headers) for each in sim.requests])


def test_a_managed_identity_has_a_token(sim: Simulator) -> None:
    """As an Azure service's identity endpoint, for those who send its header."""
    path = "/idp/entra/msi/token?resource=https://ai.azure.com"
    assert ask(sim, "GET", path)[0] == 400
    assert message(sim, "azure", ask(sim, "GET", path, headers={"x-identity-header": "h"})[1]["access_token"])
