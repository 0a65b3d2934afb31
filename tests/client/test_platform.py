"""Clients of the platforms against the simulator's, with the official SDK's clients beside them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, Client, Platform, RetryPolicy
from keybearer.cli import main
from keybearer.errors import (
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    KeybearerError,
    Overloaded,
    PermissionDenied,
    UsageError,
)
from keybearer.simulator import Simulator
from keybearer.simulator.options import Options
from support.platforms import KEY, PLATFORM_CASES, PlatformCase

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}
each_platform = pytest.mark.parametrize("case", PLATFORM_CASES.values(), ids=PLATFORM_CASES)


@pytest.fixture(scope="module")
def _serving() -> Iterator[Simulator]:
    with Simulator(Options(provider=frozenset({"all"}))) as running:
        yield running


@pytest.fixture
def clouds(_serving: Simulator) -> Simulator:
    """A simulator with every platform, as new."""
    _serving.reset()
    return _serving


def client_of(case: PlatformCase, sim: Simulator, **more: Any) -> Client:
    """Return a client of a platform in the simulator."""
    return Client(
        **{
            "platform": case.platform,
            "base_url": sim.base_url + case.below,
            "max_retries": 0,
            **case.credential,
            **more,
        }
    )


@each_platform
def test_every_platform_answers(case: PlatformCase, clouds: Simulator) -> None:
    """A plain answer, a stream and a tool's call come, and the service saw the API's own request."""
    with client_of(case, clouds) as client:
        plain = client.messages.create(**ASK)
        with client.messages.stream(**ASK) as stream:
            streamed = stream.get_final_message()
    assert plain.text == streamed.text != ""
    assert [request.path for request in clouds.requests] == ["/v1/messages"] * 2
    assert {request.headers["x-sim-platform"] for request in clouds.requests} == {case.kind}
    assert clouds.verdict == []


@each_platform
def test_an_awaited_client_is_the_same(case: PlatformCase, clouds: Simulator) -> None:
    """`AsyncClient` streams from each platform too."""

    async def ask() -> str:
        given: Any = {"base_url": clouds.base_url + case.below, **case.credential}
        async with AsyncClient(platform=case.platform, **given) as client, client.messages.stream(**ASK) as stream:
            return str((await stream.get_final_message()).text)

    assert asyncio.run(ask()) != ""


@pytest.mark.parametrize("kind", [kind for kind in PLATFORM_CASES if kind != "bedrock"])
def test_the_official_client_is_served_alike(kind: str, clouds: Simulator) -> None:
    """The SDK's client of the platform, with the platform's name of the model, gets the same answer from the simulator."""
    case = PLATFORM_CASES[kind]
    names = {"bedrock_mantle": "anthropic.claude-haiku-4-5", "vertex": "claude-haiku-4-5@20251001"}
    given = {name: value for name, value in case.sdk_given.items() if name != "resource"}
    with getattr(anthropic, case.sdk)(**given, base_url=clouds.base_url + case.below, max_retries=0) as theirs:
        params = {**ASK, "model": names.get(kind, ASK["model"])}
        message = theirs.messages.create(**params)
        with theirs.messages.stream(**params) as stream:
            streamed = stream.get_final_message()
    with client_of(case, clouds) as client:
        assert client.messages.create(**ASK).text == message.content[0].text == streamed.content[0].text
    bodies = [json.loads(request.body) for request in clouds.requests if b'"stream"' not in request.body]
    model = "claude-haiku-4-5-20251001" if kind == "vertex" else ASK["model"]
    assert bodies[0] == bodies[1] == {**ASK, "model": model}


@each_platform
def test_a_wrong_key_is_refused_in_words_and_shown_nowhere(case: PlatformCase, clouds: Simulator) -> None:
    """The refusal says which credential it was; the credential is in no error, log or request of the journal."""
    canary = "canary-credential-0123456789"
    with client_of(case, clouds, **dict.fromkeys(case.credential, canary)) as client:
        with pytest.raises((AuthenticationFailed, PermissionDenied)) as caught:
            client.messages.create(**ASK)
        shown = repr(client) + str(caught.value) + repr(caught.value.__dict__)
    assert canary not in shown
    assert next(iter(case.credential)) in caught.value.hint
    assert clouds.requests == []


def test_a_key_of_anthropic_goes_to_no_platform(clouds: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL` count for no platform, and a found key goes to its own host only."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", clouds.base_url)
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_API_KEY", KEY)
    with Client(platform=Platform("foundry", resource="a-resource")) as client:
        assert client.base_url == "https://a-resource.services.ai.azure.com/anthropic"
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_BASE_URL", clouds.base_url + "/foundry/anthropic")
    with Client(platform=Platform("foundry")) as client:
        assert client.messages.create(**ASK).text
        with pytest.raises(TypeError, match="base_url is decided where"):
            client.with_options(base_url="https://evil.example")


def test_what_a_platform_lacks_is_not_sent(clouds: Simulator) -> None:
    """Batches on Vertex, models on Foundry and fast mode on Bedrock are refused before anything is sent."""
    with client_of(PLATFORM_CASES["vertex"], clouds) as client, pytest.raises(UsageError, match="message batches"):
        client.messages.batches.list()
    with client_of(PLATFORM_CASES["foundry"], clouds) as client, pytest.raises(UsageError, match="list of models"):
        client.models.list()
    with client_of(PLATFORM_CASES["bedrock"], clouds) as client, pytest.raises(UsageError, match="fast mode"):
        client.messages.create(**ASK, speed="fast")
    assert clouds.requests == []


@pytest.mark.parametrize(
    ("fault", "status"),
    [("overloaded", 529), ("429", 429), ("500", 500)],
)
@each_platform
def test_faults_come_in_the_platforms_form(case: PlatformCase, fault: str, status: int, clouds: Simulator) -> None:
    """A fault of the simulator is an error of the right class on each platform, and may be tried again."""
    clouds.fail(fault)
    with client_of(case, clouds, retry=RetryPolicy(rate_limit_delay=0, min_delay=0.001, max_delay=0.001)) as client:
        with pytest.raises(KeybearerError) as caught:
            client.messages.create(**ASK)
        assert caught.value.retryable
        clouds.fail(fault)
        assert client.messages.create(**ASK, max_retries=3).text
    assert getattr(caught.value, "http_status", 0) in {status, 503}


def test_the_configuration_names_a_platform(clouds: Simulator, tmp_path: Path) -> None:
    """One form for all: kind, region and key; an agent names the provider and the model."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "scout.yaml").write_text(
        "model: {provider: cloud, model: claude-haiku-4-5, max_tokens: 30}\n"
    )
    path = tmp_path / "llm.yaml"
    path.write_text(
        "providers:\n  cloud:\n    kind: bedrock\n    region: us-east-1\n    inference_profile: us\n"
        f"    api_key: {KEY}\n    base_url: {clouds.base_url}/bedrock\n"
    )
    with Client.from_config(path, agent="scout") as client:
        assert client.messages.create(messages=ASK["messages"]).model == "claude-haiku-4-5-20251001"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("kind: bedrok", "Did you mean 'bedrock'"),
        ("kind: bedrock\n    resource: r", "has resource, which Amazon Bedrock"),
        ("region: us-east-1", "belongs to a platform"),
        ("kind: bedrock\n    region: evil.example/", "has region="),
    ],
)
def test_a_mistake_in_the_configuration_is_in_words(lines: str, problem: str, tmp_path: Path) -> None:
    """Each mistake has its line."""
    path = tmp_path / "llm.yaml"
    path.write_text(f"providers:\n  cloud:\n    {lines}\n")
    with pytest.raises(ConfigError, match=problem) as caught:
        Client.from_config(path)
    assert caught.value.line in {3, 4}


def test_a_key_for_google_and_a_login_for_a_platform_are_refused(tmp_path: Path) -> None:
    """Google takes no key, and no platform takes a login of Anthropic's."""
    with pytest.raises(ConfigError, match="Vertex AI takes no key; the api_key argument gives one"):
        Client(platform=Platform("vertex", region="us", project="p"), api_key="x")
    path = tmp_path / "llm.yaml"
    path.write_text("providers:\n  cloud: {kind: bedrock, region: us-east-1, auth: {mode: profile}}\n")
    with pytest.raises(ConfigError, match="which no platform takes"):
        Client.from_config(path)


def test_a_function_gives_the_token(clouds: Simulator) -> None:
    """`Platform(token=...)` is asked before each request; an awaited one where the client is awaited."""
    tokens = iter(["ya29.sim-1", "ya29.sim-2"])
    platform = Platform("vertex", region="us-east5", project="p", token=lambda: next(tokens))
    with Client(platform=platform, base_url=clouds.base_url + "/vertex/v1") as client:
        assert client.messages.create(**ASK).text == client.messages.create(**ASK).text

    async def token() -> str:
        await asyncio.sleep(0)
        return "entra-sim-1"

    async def ask() -> str:
        azure = Platform("foundry", token=token)
        async with AsyncClient(platform=azure, base_url=clouds.base_url + "/foundry/anthropic") as client:
            return str((await client.messages.create(**ASK)).text)

    assert asyncio.run(ask())


def test_nothing_is_found_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key and without the cloud's library, the first call says what to install or to set."""
    import sys

    from keybearer.credentials.sources.aws import botocore_session

    for name in ("botocore", "google", "google.auth", "azure", "azure.identity"):
        monkeypatch.setitem(sys.modules, name, None)
    botocore_session.cache_clear()
    for case in PLATFORM_CASES.values():
        with Client(platform=case.platform, max_retries=0) as client, pytest.raises(CredentialError) as caught:
            client.messages.create(**ASK)
        assert "Install keybearer[" in caught.value.hint


@pytest.mark.parametrize(
    ("more", "variables", "place"),
    [
        (f"api_key: {KEY}", {}, "providers.cloud.api_key"),
        ("", {"AWS_BEARER_TOKEN_BEDROCK": KEY}, "AWS_BEARER_TOKEN_BEDROCK"),
        ("", {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": KEY}, "AWS_ACCESS_KEY_ID"),
        ("profile: work", {}, "AWS's profile 'work'"),
    ],
)
def test_auth_status_names_the_platforms_credential(  # noqa: PLR0917 - by name
    more: str,
    variables: dict[str, str],
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`auth status` says what signs and where it goes, and shows no secret; Anthropic's own key does not count."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "llm.yaml"
    path.write_text(f"providers:\n  cloud:\n    kind: bedrock_mantle\n    region: us-east-1\n    {more}\n")
    assert main(["auth", "status", "--config", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"Used: {place} (mode platform)" in said
    where = f"Amazon Bedrock (Mantle), providers.cloud.kind in {path}:3"
    assert f"Goes to: https://bedrock-mantle.us-east-1.api.aws/anthropic (set by {where})" in said
    assert KEY not in said
    assert "canary" not in said


def test_doctor_tries_the_platform(clouds: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`doctor` names the platform, and its real call goes there."""
    path = tmp_path / "llm.yaml"
    path.write_text(
        f"providers:\n  cloud:\n    kind: bedrock\n    region: us-east-1\n    api_key: {KEY}\n"
        f"    base_url: {clouds.base_url}/bedrock\n"
    )
    path.chmod(0o600)
    code = main(["doctor", "--config", str(path)])
    said = capsys.readouterr().out
    assert (code, "A platform signs: Amazon Bedrock (runtime)" in " ".join(said.split())) == (0, True), said
    assert clouds.requests[-1].headers["x-sim-platform"] == "bedrock"


def two_providers(folder: Path, sim: Simulator, others: str) -> Path:
    """Return an `llm.yaml` with the API, which asks others when it is overloaded, and Bedrock."""
    path = folder / "llm.yaml"
    path.write_text(
        f"providers:\n  main:\n    api_key: {sim.api_key}\n    base_url: {sim.base_url}\n    on_overload: [{others}]\n"
        f"  cloud:\n    kind: bedrock\n    region: us-east-1\n    api_key: {KEY}\n    base_url: {sim.base_url}/bedrock\n"
    )
    return path


def test_an_overload_is_answered_by_another_platform(clouds: Simulator, tmp_path: Path) -> None:
    """The same turns go to the other provider, in its form and with its key; the message says who answered."""
    seen: list[str] = []
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello", "citations": None}]},
        {"role": "user", "content": "Again"},
    ]
    given: Any = {"on_request": lambda sent: seen.append(sent.url)}
    path = two_providers(tmp_path, clouds, "nobody/claude-x, cloud/claude-haiku-4-5")
    with Client.from_config(path, provider="main", **given) as client:
        assert client.messages.create(**ASK).provider == "main"
        clouds.fail("overloaded", times=2)
        message = client.messages.create(**{**ASK, "messages": turns})
        clouds.fail("overloaded", times=2)
        with client.messages.stream(**ASK) as stream:
            streamed = stream.get_final_message()
    assert (message.provider, streamed.provider) == ("cloud", "cloud")
    assert seen[3].endswith("/bedrock/model/anthropic.claude-haiku-4-5-20251001-v1:0/invoke")
    assert [request.headers.get("x-sim-platform") for request in clouds.requests] == [None] * 3 + [
        "bedrock",
        None,
        None,
        "bedrock",
    ]
    first, _, third = (json.loads(request.body) for request in clouds.requests[1:4])
    assert third["messages"] == first["messages"] == turns


def test_a_platform_that_lacks_what_is_asked_for_is_passed_over(
    clouds: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Bedrock has no fast mode: the overload stays the call's error, and the log says why nobody else was asked."""
    clouds.fail("overloaded", times=5)
    with (
        Client.from_config(
            two_providers(tmp_path, clouds, "cloud/claude-opus-5"), provider="main", max_retries=0
        ) as client,
        pytest.raises(Overloaded),
    ):
        client.messages.create(**{**ASK, "model": "claude-opus-5"}, speed="fast")
    assert "cloud/claude-opus-5 is not asked: Amazon Bedrock (runtime) does not offer fast mode" in caplog.text
    assert len(clouds.requests) == 1


def test_a_provider_without_a_credential_is_passed_over(
    clouds: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A provider that cannot be used, for another proxy, is left out with a warning; the overload stays the error."""
    path = two_providers(tmp_path, clouds, "cloud/claude-haiku-4-5")
    path.write_text(path.read_text() + "    proxy: http://127.0.0.1:9\n")
    clouds.fail("overloaded", times=5)
    with Client.from_config(path, provider="main", max_retries=0) as client, pytest.raises(Overloaded):
        client.messages.create(**ASK)
    assert (
        "cloud/claude-haiku-4-5 is not asked: on_overload names the provider 'cloud', which has another proxy"
        in caplog.text
    )
