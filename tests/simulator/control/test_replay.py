"""Record and replay: a simulator stands in for the real API, a recorder before it, and a replay in place of both."""

from __future__ import annotations

import gc
import importlib.util
import json
import shutil
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.control.recorder import check_upstream
from keybearer.simulator.control.replay import Recording
from keybearer.simulator.core.request import ServedCall

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
        asked = {**ASKED, "messages": [{"role": "user", "content": "Count to 10"}]}
        words = 'has no recording of this POST /v1/messages.*line 1: turn 1 .user..text 1: recorded "Count to 9", sent "Count to 10"'
        with pytest.raises(anthropic.BadRequestError, match=words):
            sdk.messages.create(**asked)


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


def test_forty_turns_replay_byte_for_byte_and_from_another_folder(tmp_path: Path) -> None:
    """An agent replays with the recorded bytes, and in another folder, on another day, comes to the same end."""
    spec = importlib.util.spec_from_file_location("replay_runs", Path(__file__).parents[3] / "bench" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    agent = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(agent)
    old, new, file = tmp_path / "one" / "project", tmp_path / "two" / "elsewhere" / "work", tmp_path / "agent.jsonl"
    agent.make_folder(old)
    agent.make_folder(new)
    recorded, words = agent.record(file, old)
    assert len(recorded) == 40
    assert words == f"All notes in {old} are read; the last one says: The word of note 39 is heron-273."
    assert agent.replay(file, old, "2026-11-26") == (recorded, words)
    shutil.rmtree(old)
    replayed, said = agent.replay(file, new, "2027-02-03")
    assert said == words.replace(str(old), str(new))
    assert agent.is_moved(recorded, replayed, old, new)


def test_each_test_replays_from_the_first_reply_and_so_does_a_reset(tmp_path: Path) -> None:
    """Equal requests get their replies in order in each test of its own, and again after a reset."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        ids = [sdk.messages.create(**ASKED).id for _ in range(2)]
    with Simulator(replay=file) as replay, client(replay.base_url) as sdk:
        got = [sdk.messages.create(**ASKED, extra_headers={"x-sim-test": test}).id for test in ("a", "b", "a", "b")]
        assert got == [ids[0], ids[0], ids[1], ids[1]]
        sdk.messages.create(**ASKED)
        replay.reset()
        assert sdk.messages.create(**ASKED).id == ids[0]
        assert (replay.requests[0].note["replay"], replay.requests[0].note["recorded_line"]) == ("exact", 1)


def test_equal_turns_of_two_agents_get_their_own_replies(tmp_path: Path) -> None:
    """Where only the conversation is the same, the recording with the same system text and tools answers."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        for name in ("main", "sub"):
            real.script(f"I am {name}.")
            sdk.messages.create(**ASKED, system=f"You are {name}.")
    with Simulator(replay=file) as replay, client(replay.base_url) as sdk:
        asked = {**ASKED, "max_tokens": 77}
        got = [sdk.messages.create(**asked, system=f"You are {name}.").content[0] for name in ("sub", "main", "sub")]
        assert [block.to_dict()["text"] for block in got] == ["I am sub.", "I am main.", "I am sub."]


def test_what_is_ignored_by_wish(tmp_path: Path) -> None:
    """An expression of the user's own takes out what differs in his requests."""
    file = tmp_path / "talk.jsonl"
    with (
        Simulator() as real,
        Simulator(record=file, upstream=real.base_url) as recorder,
        client(recorder.base_url) as sdk,
    ):
        first = sdk.messages.create(**{**ASKED, "messages": [{"role": "user", "content": "build 7: say x"}]}).id
    asked = {**ASKED, "messages": [{"role": "user", "content": "build 8: say x"}]}
    with Simulator(replay=file, replay_ignore=(r"build \d+",)) as replay, client(replay.base_url) as sdk:
        assert sdk.messages.create(**asked).id == first
    with Simulator(replay=file) as replay, client(replay.base_url) as sdk, pytest.raises(anthropic.BadRequestError):
        sdk.messages.create(**asked)


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_recorded_to(tmp_path: Path, kind: str) -> None:
    """A missing folder, or a folder in the file's place, is refused at the start, in words."""
    path = tmp_path / "no" / "talk.jsonl" if kind == "missing" else tmp_path
    words = f"there is no folder {tmp_path / 'no'}; make it first" if kind == "missing" else "Is a directory"
    with pytest.raises(ValueError, match=f"cannot record to {path}: {words}"):
        Simulator(record=path)


def test_a_file_of_another_kind_names_the_import(tmp_path: Path) -> None:
    """A HAR file in place of a recording is refused with the flag that makes one of it."""
    (tmp_path / "x.har").write_text('{"log": {}}')
    with pytest.raises(ValueError, match="line 1: .* make a recording .* with --import"):
        Simulator(replay=tmp_path / "x.har")


def test_a_recording_ends_with_its_simulator(tmp_path: Path) -> None:
    """A process that replays many recordings keeps none of them."""
    file = tmp_path / "talk.jsonl"
    line: Any = {"method": "GET", "path": "/v1/models", "body": None, "status": 200, "headers": {}, "reply": "{}"}
    file.write_text(json.dumps(line) + "\n")
    recording = Recording(file)
    call = ServedCall(method="GET", path="/v1/models", query={}, headers={}, body=b"", request_id="req_1")
    assert recording.answer(call).body == b"{}"
    alive = weakref.ref(recording)
    del recording
    gc.collect()
    assert alive() is None
