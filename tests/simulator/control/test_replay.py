"""Record and replay: a simulator stands in for the real API, a recorder before it, and a replay in place of both."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.control.recorder import check_upstream

ASKED: Any = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Count to 9"}],
    "metadata": {"user_id": "somebody"},
}


@contextmanager
def client(base_url: str) -> Iterator[anthropic.Anthropic]:
    """Point the official SDK somewhere, with a key that must not be recorded."""
    with anthropic.Anthropic(base_url=base_url, api_key="sk-ant-sim-canary", max_retries=0) as sdk:
        yield sdk


def talk(sdk: anthropic.Anthropic) -> list[Any]:
    """Send a plain, a streamed and a refused request, and a list request."""
    plain = sdk.messages.create(**ASKED)
    with sdk.messages.stream(**ASKED) as stream:
        events = [event.to_dict() for event in stream]
    with pytest.raises(anthropic.NotFoundError) as caught:
        sdk.messages.create(**{**ASKED, "model": "claude-nope"})
    return [plain.to_dict(), events, caught.value.body, sdk.models.list(limit=2).to_dict()]


def test_a_recorded_conversation_replays(tmp_path: Path) -> None:
    """A replay gives the recorded replies to any caller, without the service."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        recorded = talk(sdk)
    with Simulator(replay=file) as replay, client(replay.base_url) as sdk:
        assert talk(sdk) == recorded
        assert sdk.messages.create(**{**ASKED, "metadata": {"user_id": "somebody else"}}).to_dict() == recorded[0]
        with pytest.raises(anthropic.NotFoundError, match="no recording of this POST /v1/messages"):
            sdk.messages.create(**{**ASKED, "max_tokens": 51})


def test_nothing_secret_is_recorded(tmp_path: Path) -> None:
    """The recording holds no key, no token and no organisation, and only its owner may read it."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        sdk.messages.create(**{**ASKED, "system": "my key is sk-ant-api03-oops"})
        with pytest.raises(anthropic.PermissionDeniedError):
            sdk.post("/v1/oauth/token", body={"refresh_token": "x"}, cast_to=object)
        assert [entry.path for entry in real.requests] == ["/v1/messages"]
    text = file.read_text()
    assert not [word for word in ("canary", "sk-ant-", "oops", "organization") if word in text]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_equal_requests_replay_in_order(tmp_path: Path) -> None:
    """Equal requests get their replies in order, and then the last one again."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        ids = [sdk.messages.create(**ASKED).id for _ in range(2)]
    with Simulator(replay=file) as replay, client(replay.base_url) as sdk:
        assert [sdk.messages.create(**ASKED).id for _ in range(3)] == [*ids, ids[1]]


@pytest.mark.parametrize("url", ["http://api.example", "ftp://127.0.0.1", "api.example"])
def test_a_credential_never_goes_in_the_clear(url: str) -> None:
    """An upstream is https, or this machine."""
    with pytest.raises(ValueError, match="must be https"):
        check_upstream(url)
    assert check_upstream("https://api.example/") == "https://api.example"


def test_a_broken_recording(tmp_path: Path) -> None:
    """An error in a recording names its line."""
    file = tmp_path / "talk.jsonl"
    file.write_text('{"method":"GET","path":"/","body":null,"status":200,"headers":{},"reply":""}\n{}\n')
    with pytest.raises(ValueError, match="line 2"):
        Simulator(replay=file)


def test_an_upstream_that_is_gone(tmp_path: Path) -> None:
    """An upstream that does not answer is a 502 in the API's format."""
    with Simulator() as gone:
        url = gone.base_url
    with (
        Simulator(record=tmp_path / "x", upstream=url) as recorder,
        client(recorder.base_url) as sdk,
        pytest.raises(anthropic.InternalServerError, match="Upstream failed"),
    ):
        sdk.messages.create(**ASKED)
