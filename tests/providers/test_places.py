"""A request on each platform, beside the one that the official SDK's client of it sends."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import pytest

from keybearer.api.call import CallDefaults, prepare
from keybearer.errors import UsageError
from keybearer.providers.destination import Destination
from keybearer.types.http import Draft
from keybearer.wire.request.build import Endpoint
from support.platforms import PLATFORM_CASES, PlatformCase, destination

BODY = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
OWN = {"bedrock_mantle": "anthropic.claude-haiku-4-5", "bedrock": "anthropic.claude-haiku-4-5-20251001-v1:0"} | {
    "vertex": "claude-haiku-4-5@20251001"
}
"""The model's name on the platforms that have another; the SDK translates none."""

NOT_COMPARED = {
    "accept-encoding",
    "connection",
    "content-length",
    "user-agent",
    "authorization",
    "api-key",
    "x-api-key",
    "accept",
    "idempotency-key",
}


def ours(to: Destination, body: dict[str, Any], path: str = "/v1/messages", **more: Any) -> Draft:
    """Return a draft as it is sent."""
    defaults = CallDefaults(endpoint=Endpoint(base_url=to.root))
    draft = prepare(defaults, path, {"betas": ["a-beta"], **more.pop("options", {})}, body, **more).draft
    to.check(draft)
    return to.place(draft)


def theirs(case: PlatformCase, *, stream: bool, method: str = "create", **more: Any) -> httpx2.Request:
    """Return the request of the official SDK's client."""
    sent: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(400, json={})

    http = httpx2.Client(transport=httpx2.MockTransport(respond))
    client = getattr(anthropic, case.sdk)(**case.sdk_given, http_client=http, max_retries=0)
    params: dict[str, Any] = {**BODY, "model": OWN.get(case.kind, BODY["model"]), "betas": ["a-beta"], **more}
    if method == "count_tokens":
        del params["max_tokens"]
    elif stream:
        params["stream"] = True
    with pytest.raises(anthropic.APIStatusError):
        getattr(client.beta.messages, method)(**params)
    return sent[0]


def compared(headers: Any) -> dict[str, str]:
    """Return the headers that both must send."""
    kept = {name.lower(): value for name, value in dict(headers).items()}
    return {n: v for n, v in kept.items() if n not in NOT_COMPARED and not n.startswith(("x-stainless", "host"))}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("kind", PLATFORM_CASES)
def test_it_is_what_the_official_client_sends(kind: str, *, stream: bool) -> None:
    """Address, body and headers are the SDK's, for a plain request and for a stream."""
    sent = theirs(PLATFORM_CASES[kind], stream=stream)
    draft = ours(destination(kind), {**BODY, **({"stream": True} if stream else {})}, stream=stream)
    assert draft.url == str(sent.url)
    assert json.loads(draft.body) == json.loads(sent.content)
    assert compared(draft.headers) == compared(sent.headers)


@pytest.mark.parametrize("kind", [kind for kind in PLATFORM_CASES if kind != "bedrock"])
def test_tokens_are_counted_as_the_official_client_does(kind: str) -> None:
    """Where the platform counts tokens, the request is the SDK's."""
    sent = theirs(PLATFORM_CASES[kind], stream=False, method="count_tokens")
    body = {name: value for name, value in BODY.items() if name != "max_tokens"}
    draft = ours(destination(kind), body, "/v1/messages/count_tokens")
    assert draft.url == str(sent.url)
    assert json.loads(draft.body) == json.loads(sent.content)


@pytest.mark.parametrize("kind", ["bedrock", "bedrock_mantle"])
def test_the_user_profile_moves_into_the_body(kind: str) -> None:
    """Bedrock reads the user's profile from the body, as the SDK's clients send it."""
    sent = theirs(PLATFORM_CASES[kind], stream=False, extra_headers={"anthropic-user-profile-id": "uprof_1"})
    draft = ours(destination(kind), BODY, options={"user_profile_id": "uprof_1"})
    assert json.loads(draft.body) == json.loads(sent.content)
    assert json.loads(draft.body)["user_profile_id"] == "uprof_1"
    assert "anthropic-user-profile-id" not in draft.headers


def test_what_is_not_changed_stays_byte_for_byte() -> None:
    """The turns of a conversation, with their signed blocks, are the bytes that the API would get."""
    turns = b'[ {"role":"assistant", "content":[{"type":"thinking","thinking":"\\u00e9","signature":"x=="}]} ]'
    draft = Draft(
        method="POST",
        url=destination("bedrock").base + "/v1/messages",
        headers={"anthropic-version": "2026-10-21"},
        body=b'{"model":"claude-haiku-4-5","messages":' + turns + b"}",
    )
    assert turns in destination("bedrock").place(draft).body
    assert turns in destination("vertex").place(draft).body


def test_models_in_a_batch_are_named_as_mantle_does() -> None:
    """Each request of a batch has a model of its own."""
    body = {"requests": [{"custom_id": "a", "params": BODY}]}
    draft = ours(destination("bedrock_mantle"), body, "/v1/messages/batches", read_betas=False)
    assert json.loads(draft.body)["requests"][0]["params"] == {**BODY, "model": "anthropic.claude-haiku-4-5"}


def test_an_inference_profile_stands_before_the_model() -> None:
    """`inference_profile: eu` asks for the model in Europe; an ARN stays as it is."""
    to = destination("bedrock")
    to.settings["inference_profile"] = "eu"  # type: ignore[index] # of this test
    assert "/model/eu.anthropic.claude-haiku-4-5-20251001-v1:0/invoke" in ours(to, BODY).url
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
    assert ours(to, {**BODY, "model": arn}).url.endswith("/model/" + arn.replace("/", "%2F") + "/invoke")


@pytest.mark.parametrize("kind", ["bedrock", "vertex"])
@pytest.mark.parametrize("model", ["..", ".", "..;x", ";"])
def test_a_model_leads_nowhere_else(kind: str, model: str) -> None:
    """A name that would be another path is refused before it is sent."""
    with pytest.raises(UsageError, match="lead elsewhere"):
        ours(destination(kind), {**BODY, "model": model})


@pytest.mark.parametrize("path", ["/v1/user_profiles", "/v1/organizations/me"])
def test_what_belongs_to_the_organization_has_no_workspace(path: str) -> None:
    """Claude on Google Cloud serves the organization's paths at an address without a workspace."""
    to = destination("google_cloud")
    placed = to.place(Draft(method="GET", url=to.base + path, headers={}))
    root = "https://claude.googleapis.com/v1/projects/a-project/locations/global/claudeOrganization/invoke"
    assert placed.url == root + path
