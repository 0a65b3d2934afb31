"""The exchange: its request, one for all who ask, and a mistake in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.config.auth_schema import IdentityTokenConfig
from keybearer.credentials.federation.exchange import TokenExchange
from keybearer.errors import ConnectionFailed, CredentialError, RefreshFailed
from keybearer.types.secret import Secret
from support.identity import ORGANIZATION, RULE, SIGNATURE, SUBJECT, Workload, jwt
from support.logins import NOW, granted, reply, run, write_private


def grant(number: int = 1, **changes: Any) -> dict[str, Any]:
    """What the endpoint grants: no refresh token."""
    return granted(number, refresh_token=None, expires_in=600, **changes)


def failure(workload: Workload) -> CredentialError:
    """Return the error of the next call; nothing of the token is in it."""
    with pytest.raises(CredentialError) as caught:
        workload.token()
    error: BaseException | None = caught.value
    shown = ""
    while error is not None:
        shown += f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__
    secrets = (SIGNATURE, workload.file.read_text(), *workload.file.read_text().split(".")[:2])
    assert not any(each and each in shown for each in secrets)
    assert caught.value.hint
    return caught.value


def test_the_request_is_the_sdks(tmp_path: Path) -> None:
    """Field for field, with both beta tags; what is not named is not sent."""
    workload = Workload(tmp_path, grant(), grant(2), service_account_id="svac_1", workspace_id="default")
    assert workload.token() == "sk-ant-oat01-access-1"
    (request,) = workload.endpoint.requests
    assert request.url == "https://api.anthropic.com/v1/oauth/token"
    assert request.headers["anthropic-beta"] == "oauth-2025-04-20,oidc-federation-2026-04-01"
    assert json.loads(request.body) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt(),
        "federation_rule_id": RULE,
        "organization_id": ORGANIZATION,
        "service_account_id": "svac_1",
        "workspace_id": "default",
    }
    other = Workload(tmp_path, grant())
    other.token()
    assert sorted(other.endpoint.bodies[0]) == ["assertion", "federation_rule_id", "grant_type", "organization_id"]


def test_one_exchange_serves_every_login_and_lifetime(tmp_path: Path) -> None:
    """Another client, and another process, uses the token in the cache; a minute before its end it is renewed ahead."""
    workload = Workload(tmp_path, grant(), grant(2))
    assert [workload.token(), workload.token(workload.opened())] == ["sk-ant-oat01-access-1"] * 2
    workload.clock.sleep(541)
    assert workload.token() == "sk-ant-oat01-access-1"  # it still works, and the next one is on its way
    assert workload.token() == "sk-ant-oat01-access-2"
    assert len(workload.endpoint.requests) == 2


def test_each_exchange_reads_the_identity_token_anew(tmp_path: Path) -> None:
    """A projected token is replaced in its file; the next exchange sends the new one."""
    workload = Workload(tmp_path, grant(), grant(2))
    workload.token()
    write_private(workload.file, jwt(jti="second").encode())
    workload.clock.sleep(600)
    workload.token()
    assert [body["assertion"] for body in workload.endpoint.bodies] == [jwt(), jwt(jti="second")]


def test_a_refused_token_is_exchanged_anew(tmp_path: Path) -> None:
    """A 401 marks it for every process; a second one within a minute asks no more."""
    workload = Workload(tmp_path, grant(), grant(2))
    credential = run(workload.login.current(), workload.endpoint, workload.clock)
    workload.login.rejected(credential)
    assert workload.token(workload.opened()) == "sk-ant-oat01-access-2"
    assert workload.token() == "sk-ant-oat01-access-2"
    workload.login.rejected(run(workload.login.current(), workload.endpoint, workload.clock))
    assert workload.token() == "sk-ant-oat01-access-2"
    assert "the federation rule's service account" in run(workload.login.current()).remedy


def test_a_token_replaced_during_the_exchange_is_tried_once(tmp_path: Path) -> None:
    """The refused one was the old one: the new one is sent, and no third."""
    refused = reply(400, {"error": "invalid_grant"})
    folder = tmp_path

    def rotate() -> Any:
        write_private(folder / "identity", jwt(jti="new").encode())
        return refused

    workload = Workload(tmp_path, rotate, grant())
    assert workload.token() == "sk-ant-oat01-access-1"
    assert len(workload.endpoint.requests) == 2
    (tmp_path / "b").mkdir()
    folder = tmp_path / "b"
    workload = Workload(folder, rotate, refused)
    assert failure(workload).problem == "invalid_grant"
    assert len(workload.endpoint.requests) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(400, {"error": "invalid_grant", "error_description": jwt()}), "HTTP 400 invalid_grant"),
        (
            reply(401, {"type": "error", "error": {"type": "authentication_error", "message": jwt()}}),
            "authentication_error",
        ),
        (reply(401, jwt().encode()), "HTTP 401"),
        (reply(403, {"error": "access_denied"}), "access_denied"),
    ],
)
def test_a_refusal_shows_the_claims(tmp_path: Path, answer: Any, words: str) -> None:
    """Rule, claims and what to compare are in the error; what the reply repeated is not. Asking again has to wait."""
    workload = Workload(tmp_path, answer)
    error = failure(workload)
    assert isinstance(error, RefreshFailed)
    assert words in str(error)
    assert repr(RULE) in str(error)
    assert repr(SUBJECT) in str(error)
    assert "issuer, subject and audience" in error.hint
    assert "ANTHROPIC_WORKSPACE_ID" in error.hint
    assert not error.retryable
    assert failure(workload).message == error.message
    assert len(workload.endpoint.requests) == 1
    (tmp_path / "named").mkdir()
    other = Workload(tmp_path / "named", answer, workspace_id="wrkspc_1")
    assert "ANTHROPIC_WORKSPACE_ID" not in failure(other).hint


def test_an_expired_token_is_sent_and_the_refusal_says_so(tmp_path: Path) -> None:
    """This machine's clock may be wrong, so the service decides; its refusal is explained by the clock."""
    expired = jwt(exp=NOW - 900)
    assert Workload(tmp_path, grant(), token=expired).token() == "sk-ant-oat01-access-1"
    (tmp_path / "b").mkdir()
    error = failure(Workload(tmp_path / "b", reply(400, {"error": "invalid_grant"}), token=expired))
    assert "expired at 2027-01-15 07:45:00 UTC, 15 min ago" in str(error)
    assert "It has expired by this machine's clock" in error.hint


@pytest.mark.parametrize(
    ("token", "config", "words"),
    [
        ("-----BEGIN PRIVATE KEY-----\ncanary-signature", {}, "is no identity token: it is a PEM file"),
        ("x" * 20_000, {}, "20,000 bytes"),
        ("", {}, "it is empty"),
        (jwt(aud="sts.amazonaws.com"), {"audience": "https://api.anthropic.com"}, "it is for 'sts.amazonaws.com'"),
        (jwt(), {"subject": "repo:acme/other:*"}, f"it is about {SUBJECT!r}"),
    ],
)
def test_the_wrong_token_is_not_sent(tmp_path: Path, token: str, config: dict[str, Any], words: str) -> None:
    """What is no JWT, or one for another service, stays here."""
    workload = Workload(tmp_path, token=token, **config)
    error = failure(workload)
    assert words in str(error)
    assert "Nothing was sent" in str(error)
    assert workload.endpoint.requests == []


def test_a_token_that_the_platform_made_for_itself_is_not_sent(tmp_path: Path) -> None:
    """On EKS the token is for AWS: whoever gets it could use it there, unless the configuration says that it is meant."""
    path = write_private(tmp_path / "aws", jwt(aud="sts.amazonaws.com").encode())
    platform = IdentityTokenConfig(platform="eks")
    environ = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path)}
    assert "'sts.amazonaws.com'" in str(failure(Workload(tmp_path, environ=environ, identity_token=platform)))
    meant = Workload(tmp_path, grant(), environ=environ, audience="sts.amazonaws.com", identity_token=platform)
    assert meant.token() == "sk-ant-oat01-access-1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(429, {}, retry_after="90"), "HTTP 429"),
        (reply(503, b""), "HTTP 503"),
        (ConnectionFailed("The connection broke.", phase="connect"), "The connection broke"),
        (reply(200, b"<html>"), "no JSON object"),
        (reply(200, {"access_token": "x y"}), "without a usable access token"),
        (reply(404, b""), "exchanges no identity tokens"),
    ],
)
def test_an_endpoint_that_cannot_answer_is_named(tmp_path: Path, answer: Any, words: str) -> None:
    """Busy, broken, or not the API at all: words for each, and no storm."""
    workload = Workload(tmp_path, answer)
    assert words.lower() in str(failure(workload)).lower()
    failure(workload)
    assert len(workload.endpoint.requests) == 1


def test_a_live_token_stays_in_use_while_the_exchange_fails(tmp_path: Path) -> None:
    """In the last minute a failed exchange costs nothing; it is tried again after its pause."""
    workload = Workload(tmp_path, grant(), reply(503, b""), grant(2))
    workload.token()
    workload.clock.sleep(545)
    assert [workload.token(), workload.token()] == ["sk-ant-oat01-access-1"] * 2
    workload.clock.sleep(3)
    workload.token()
    assert workload.token() == "sk-ant-oat01-access-2"


def test_the_token_goes_to_no_other_host(tmp_path: Path) -> None:
    """A gateway has to be allowed, as for every login."""
    workload = Workload(tmp_path)
    exchange = TokenExchange(
        workload.login.exchange.rule, workload.login.exchange.identity, "https://example.com/v1/oauth/token"
    )
    flow = exchange.ask(workload.login.read(), workload.login.store, workload.search.rules)
    with pytest.raises(CredentialError, match="none of Anthropic's hosts"):
        run(flow)


def test_what_a_token_is_shared_by() -> None:
    """The cache's name differs by all that makes the token another one, and reveals nothing secret."""
    from keybearer.credentials.federation.exchange import FederationRule

    rule = FederationRule(federation_rule_id=RULE, organization_id=ORGANIZATION)
    names = {
        rule.digest("https://a/t", "the file x"),
        rule.digest("https://b/t", "the file x"),
        rule.digest("https://a/t", "the file y"),
        FederationRule(federation_rule_id=RULE, organization_id=ORGANIZATION, workspace_id="w").digest(
            "https://a/t", "the file x"
        ),
    }
    assert len(names) == 4
    assert rule.fields(Secret("t"))["assertion"] == Secret("t")
