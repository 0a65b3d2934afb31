"""The official SDK's clients of the clouds, by an import that changed, against the simulator's platforms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import anthropic
import pytest

import keybearer.compat as moved
from keybearer.errors import UsageError
from keybearer.simulator import Simulator
from keybearer.simulator.options import Options
from support.platforms import KEY, PLATFORM_CASES, PlatformCase

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}
each_platform = pytest.mark.parametrize("case", PLATFORM_CASES.values(), ids=PLATFORM_CASES)


@pytest.fixture(scope="module")
def clouds() -> Iterator[Simulator]:
    """A simulator with every platform."""
    with Simulator(Options(provider=frozenset({"all"}))) as running:
        yield running


def given(case: PlatformCase, sim: Simulator) -> dict[str, Any]:
    """Return the SDK's arguments for a client in the simulator."""
    named = {name: value for name, value in case.sdk_given.items() if name != "resource"}
    return {**named, "base_url": sim.base_url + case.below, "max_retries": 0}


@each_platform
def test_a_program_for_the_sdk_runs(case: PlatformCase, clouds: Simulator) -> None:
    """The SDK's arguments make a client that answers and streams, awaited too, with nothing of Anthropic's own key."""
    with getattr(moved, case.sdk)(**given(case, clouds)) as client:
        text = client.messages.create(**ASK).content[0].text
        with client.messages.stream(**ASK) as stream:
            assert stream.get_final_message().content[0].text == text
        assert client.with_options(timeout=20).messages.create(**ASK).content[0].text == text

    async def ask() -> str:
        async with getattr(moved, f"Async{case.sdk}")(**given(case, clouds)) as client:
            return str((await client.beta.messages.create(**ASK)).content[0].text)

    assert asyncio.run(ask()) == text


@each_platform
def test_the_address_and_the_parts_are_the_sdks(case: PlatformCase) -> None:
    """Without an address both have the same, and the parts of a platform can be read."""
    ours, theirs = getattr(moved, case.sdk)(**case.sdk_given), getattr(anthropic, case.sdk)(**case.sdk_given)
    assert ours.base_url == str(theirs.base_url).rstrip("/")
    for name in {"aws_region", "workspace_id", "region", "project_id"} & case.sdk_given.keys():
        assert getattr(ours, name) == getattr(theirs, name) == case.sdk_given[name]


@each_platform
def test_anthropics_own_key_goes_to_no_cloud(case: PlatformCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing but `ANTHROPIC_API_KEY` there is no credential: the first call says what to do."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0123456789")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-canary-0123456789")
    secrets = {"api_key", "access_token", "token_provider"}
    with getattr(moved, case.sdk)(**{n: v for n, v in case.sdk_given.items() if n not in secrets}) as client:
        with pytest.raises(moved.AnthropicError) as caught:
            client.messages.create(**ASK)
        assert client.api_key is None
    assert "canary" not in str(caught.value)


def test_a_copy_has_another_region() -> None:
    """`copy(aws_region=...)` moves to the address of that region."""
    client = moved.AnthropicBedrockMantle(aws_region="us-east-1", api_key=KEY)
    other = client.copy(aws_region="eu-west-1")
    assert other.base_url == "https://bedrock-mantle.eu-west-1.api.aws/anthropic"
    assert other.api_key == KEY
    assert client.aws_region == "us-east-1"


def test_google_auths_credentials_are_renewed(clouds: Simulator) -> None:
    """`credentials=` takes google-auth's own object, which is renewed when it has expired."""
    renewed: list[Any] = []
    google = SimpleNamespace(expired=True, token="")

    def refresh(request: Any) -> None:
        renewed.append(request)
        google.expired, google.token = False, "ya29.sim-1"

    google.refresh = refresh
    with moved.AnthropicVertex(
        region="us-east5", project_id="p", credentials=google, base_url=clouds.base_url + "/vertex/v1"
    ) as client:
        client.messages.create(**ASK)
        client.messages.create(**ASK)
    assert len(renewed) == 1


def test_a_proxy_that_signs_gets_no_signature(clouds: Simulator) -> None:
    """`skip_auth=True` sends no credential, so the platform itself refuses it."""
    with (
        moved.AnthropicAWS(
            workspace_id="w", aws_region="us-east-1", skip_auth=True, base_url=clouds.base_url + "/aws", max_retries=0
        ) as client,
        pytest.raises(moved.AuthenticationError, match="nothing was given"),
    ):
        client.messages.create(**ASK)


def test_half_a_key_and_a_foreign_argument_are_refused() -> None:
    """As the SDK does, in words."""
    with pytest.raises(UsageError, match="aws_access_key was given without aws_secret_key"):
        moved.AnthropicBedrock(aws_region="us-east-1", aws_access_key="AKIA1")
    with pytest.raises(TypeError, match="AnthropicFoundry has no argument 'aws_region'"):
        moved.AnthropicFoundry(aws_region="us-east-1")  # type: ignore[call-arg] # of another cloud
