"""The SDK's clients: its arguments, its defaults, its credentials."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from keybearer import Client
from keybearer import compat as keybearer_compat
from keybearer.compat import NOT_GIVEN, Timeout, omit
from keybearer.errors import ConfigError, UsageError
from keybearer.shell.drivers import SyncDriver
from keybearer.simulator import Simulator
from keybearer.types.http import Timeouts

compat: Any = keybearer_compat  # what a program without types passes; the types are in tests/typing/moved_code.py

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}


def credential(client: Any) -> str:
    """Return what a client signs with, and where it came from."""
    found = SyncDriver(client._transport).run(client._settings.exchange.credentials.current())
    return f"{found.signer.kind} from {found.source}"


@pytest.fixture
def _login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    login = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-" + "a" * 90, "expiresAt": 4_000_000_000_000}}
    (tmp_path / ".credentials.json").write_text(json.dumps(login))
    (tmp_path / ".credentials.json").chmod(0o600)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))


@pytest.mark.usefixtures("_login")
@pytest.mark.parametrize("cls", [compat.Anthropic, compat.AsyncAnthropic])
def test_a_key_or_a_token_of_the_environment_wins_over_a_login(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Claude Code's login there, `Client` takes that and the SDK's counterpart the key; a key comes before a token."""
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "gateway-token")
    assert credential(Client()).startswith("oauth from Claude Code")
    assert credential(cls()).endswith("from ANTHROPIC_AUTH_TOKEN")
    assert (cls().api_key, cls().auth_token) == (None, "gateway-token")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    assert credential(cls()) == "api_key from ANTHROPIC_API_KEY"
    assert credential(cls(api_key="sk-ant-other")) == "api_key from the api_key argument"
    assert credential(cls().with_options(auth_token="other")).endswith("from the auth_token argument")


def test_a_client_without_a_credential_fails_at_its_first_call(sim: Simulator) -> None:
    """As the SDK's: the error says where was looked, and another call fails the same way."""
    with compat.Anthropic(base_url=sim.base_url, api_key=None) as client:
        for _ in range(2):
            with pytest.raises(compat.CredentialsError, match="No credential was found"):
                client.messages.create(**ASK)
    assert sim.requests == []


def test_the_key_can_be_read_and_is_not_shown() -> None:
    """`client.api_key` is the text; no repr has it."""
    client = compat.Anthropic(api_key="sk-ant-canary", auth_token=None)
    assert client.api_key == "sk-ant-canary"
    assert client.auth_token is None
    assert "canary" not in repr(client.api_key) + repr(client) + repr(vars(client))


def test_sentinels_may_stand_in_every_argument(sim: Simulator) -> None:
    """Of the client, of `with_options`, of calls by hand and from the table, in headers and inside a body."""
    client = compat.Anthropic(
        api_key=sim.api_key,
        base_url=sim.base_url,
        timeout=NOT_GIVEN,
        max_retries=NOT_GIVEN,
        default_headers={"x-one": "1", "x-none": omit},
    )
    turn = {"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": NOT_GIVEN}]}
    request = {**ASK, "messages": [turn], "system": NOT_GIVEN, "tools": omit, "stop_sequences": NOT_GIVEN}
    with client.with_options(timeout=NOT_GIVEN, default_headers={"x-two": "2", "x-gone": omit}) as other:
        message = other.messages.create(**request, extra_headers={"x-three": omit}, betas=omit, stream=NOT_GIVEN)
        assert isinstance(message, compat.types.Message)
        other.beta.messages.create(**request)
        with other.messages.stream(**request) as stream:
            assert stream.get_final_message().stop_reason
        other.messages.with_raw_response.create(**request)
        other.with_raw_response.messages.create(**request)
        other.messages.batches.list(limit=1, after_id=NOT_GIVEN)
        other.files.list(page=NOT_GIVEN, ids=NOT_GIVEN)
        with pytest.raises(compat.NotFoundError):  # the simulator has no organization
            other.organization.users.list(limit=1, email=omit)
        other.request("GET", "/v1/models", query={"limit": omit}, timeout=NOT_GIVEN)
    first = sim.requests[0]
    assert {"x-one": "1", "x-two": "2"}.items() <= first.headers.items()
    assert not {"x-none", "x-gone", "x-three"} & first.headers.keys()
    assert json.loads(first.body) == {
        **ASK,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }
    assert [request.query for request in sim.requests[-2:]] == [{"limit": "1"}, {}]


def test_the_defaults_are_the_sdks() -> None:
    """What a program reads off a client."""
    client = compat.Anthropic(api_key="sk-ant-test")
    assert client.timeout == compat.DEFAULT_TIMEOUT
    assert client.max_retries == 2
    assert client._settings.defaults.max_retries == 2
    other = client.with_options(timeout=Timeout(20.0, connect=2.0), max_retries=0)
    assert other.timeout == Timeout(20.0, connect=2.0)
    assert other.max_retries == 0
    assert other._settings.defaults.timeouts == Timeouts(connect=2.0, first_byte=20.0, idle=20.0, total=None)
    assert client.copy(timeout=None).timeout is None
    assert client.timeout == compat.DEFAULT_TIMEOUT


def test_other_options_add_to_headers_and_queries_or_take_their_place(sim: Simulator) -> None:
    """`default_...` adds, `set_default_...` replaces."""
    client = compat.Anthropic(
        api_key=sim.api_key, base_url=sim.base_url, default_headers={"x-a": "1"}, default_query={"q": "1"}
    )
    with client.with_options(default_headers={"x-b": "2"}, default_query={"r": 2}) as both:
        both.messages.create(**ASK, extra_query={"s": "3"})
        both.with_options(set_default_headers={"x-c": "3"}, set_default_query={}).messages.create(**ASK)
    added, replaced = sim.requests
    assert {"x-a": "1", "x-b": "2"}.items() <= added.headers.items()
    assert not {"x-a", "x-b"} & replaced.headers.keys()
    assert replaced.headers["x-c"] == "3"
    assert client.default_query == {"q": "1"}


def test_sampling_parameters_go_out_under_the_version_that_takes_them(
    sim: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """In messages, streams and batches, with one line in the log; other calls keep the current version."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client, caplog.at_level(logging.WARNING):
        client.messages.create(**ASK)
        client.messages.create(**ASK, temperature=0.2)
        client.beta.messages.create(**ASK, top_k=5, top_p=NOT_GIVEN)
        with client.messages.stream(**ASK, top_p=0.5) as stream:
            stream.until_done()
        row = {"custom_id": "a", "params": {**ASK, "temperature": 0.0}}
        client.messages.batches.create(requests=[row])
        client.messages.batches.create(requests=[{"custom_id": "a", "params": ASK}])
    versions = [request.headers["anthropic-version"] for request in sim.requests]
    assert versions == ["2026-10-21", *["2023-06-01"] * 4, "2026-10-21"]
    lines = [record.getMessage() for record in caplog.records if "anthropic-version" in record.getMessage()]
    assert lines == [
        "Calls with temperature are sent under anthropic-version 2023-06-01: the current version refuses sampling parameters."
    ]


@pytest.mark.parametrize(
    "how", [{"api_version": "2026-10-21"}, {"default_headers": {"anthropic-version": "2026-10-21"}}]
)
def test_a_version_that_was_chosen_is_kept(sim: Simulator, how: Any) -> None:
    """Then what it refuses is refused, before it is sent, as a bad request without a response."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url, **how) as client:
        with pytest.raises(compat.BadRequestError, match="temperature") as caught:
            client.messages.create(**ASK, temperature=0.2)
    assert caught.value.status_code == 400
    assert sim.requests == []


def test_arguments_of_the_sdk_without_a_counterpart_are_refused_with_what_to_do() -> None:
    """Not ignored; None asks for nothing."""
    for name in ("http_client", "middleware", "open_telemetry", "config", "profile", "webhook_key"):
        with pytest.raises(UsageError, match=rf"Anthropic\({name}=...\) is the official SDK's\. \w"):
            compat.Anthropic(api_key="sk-ant-test", **{name: object()})
        compat.Anthropic(api_key="sk-ant-test", **{name: None})
    with pytest.raises(UsageError, match="http_client"):
        compat.Anthropic(api_key="sk-ant-test").with_options(http_client=object())
    with pytest.raises(TypeError, match="Did you mean base_url"):
        compat.Anthropic(api_key="sk-ant-test", base_urll="x")


def test_the_custom_headers_of_the_environment_are_sent(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ANTHROPIC_CUSTOM_HEADERS`, a line each; one that is a credential is refused."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-team: a: b\nx-two:2\nnone")
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url, default_headers={"x-two": "own"}) as client:
        client.messages.create(**ASK)
    assert {"x-team": "a: b", "x-two": "own"}.items() <= sim.requests[0].headers.items()
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer sk-ant-canary")
    with pytest.raises(ConfigError, match="never taken from a header"):
        compat.Anthropic(api_key="sk-ant-test")


def test_the_awaited_client_does_the_same(sim: Simulator) -> None:
    """Messages, streams, the table and pages."""

    async def run() -> list[str]:
        client = compat.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url, timeout=Timeout(20.0))
        async with client.with_options(max_retries=1) as other:
            message = await other.messages.create(**ASK, system=NOT_GIVEN, temperature=0.1)
            raw = await other.messages.with_raw_response.create(**ASK, system=omit)
            async with other.beta.messages.stream(**ASK, tools=omit) as stream:
                final = await stream.get_final_message()
            models = [each.id async for each in other.models.list(limit=NOT_GIVEN)]
            with pytest.raises(compat.NotFoundError):  # the simulator has no organization
                await other.organization.users.list(limit=1, email=omit)
            return [message.type, raw.parse().type, final.type, str(len(models) > 3)]

    assert asyncio.run(run()) == ["message", "message", "message", "True"]
    assert sim.requests[0].headers["anthropic-version"] == "2023-06-01"


def test_the_classes_of_resources_are_made_once_a_client() -> None:
    """A client with other options has its own, which translate by its own options."""
    client = compat.Anthropic(api_key="sk-ant-test", default_query={"q": "1"})
    other = client.with_options(set_default_query={})
    assert type(client._runner()) is type(client._runner())
    assert type(client._runner()) is not type(other._runner())
    assert (client._translated({}), other._translated({})) == ({"extra_query": {"q": "1"}}, {})
