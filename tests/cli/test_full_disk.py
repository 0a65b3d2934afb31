"""A disk that is full in the middle of a command: what was there stays, no half of a file is left, and the words say what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.cli.kept import conversations_folder
from keybearer.simulator import Simulator
from support.command import keybearer
from support.disks import full_disk
from support.rawserver import Peer, raw_server

FULL = "File too large"


@pytest.fixture
def environ(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """A simulator that commands use, in a folder of their own."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return sim


@pytest.mark.usefixtures("environ")
def test_a_question_is_answered_and_not_kept() -> None:
    """The answer is printed; that it is not kept is said; a log that cannot be written is said once."""
    with full_disk():
        done = keybearer("ask", 'Say "hi"', "--log-file", "log")
    assert (done.returncode, done.stdout) == (0, "hi\n")
    assert done.stderr.count("the log file cannot be written: ") == 1
    assert f"The conversation is not kept: The conversation '{conversations_folder()}" in done.stderr
    assert list(conversations_folder().glob("*.jsonl")) == []


@pytest.mark.usefixtures("environ")
def test_a_conversation_that_cannot_grow_stays_as_it_was() -> None:
    """What was kept before is still there, whole, and can be gone on with."""
    assert keybearer("ask", 'Say "one"').returncode == 0
    (kept,) = conversations_folder().glob("*.jsonl")
    before = kept.read_bytes()
    with full_disk(len(before) + 40):
        done = keybearer("ask", "-c", 'Say "two"')
    assert (done.returncode, done.stdout) == (0, "two\n")
    assert "is not kept" in done.stderr
    assert kept.read_bytes() == before
    assert keybearer("ask", "-c", 'Say "three"').stderr == ""


LLM_YAML = "# mine\nproviders:\n  a:\n    api_key: ${ANTHROPIC_API_KEY}\n    ledger: spend.db\n"
REQUEST = (
    '{"model": "claude-haiku-4-5", "max_tokens": 10, "temperature": 3, "messages": [{"role": "user", "content": "hi"}]}'
)


@pytest.mark.usefixtures("environ")
@pytest.mark.parametrize(
    "words", ["lint request.json --fix", "config init --yes --no-call --provider b", "config trust"]
)
def test_what_is_written_is_whole_or_as_it_was(words: str, tmp_path: Path) -> None:
    """The command ends with 1 and a sentence; no file was made or changed, and no draft is left."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yaml").write_text(LLM_YAML)
    (tmp_path / "request.json").write_text(REQUEST)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with full_disk(8):
        done = keybearer(*words.split())
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert FULL in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_key_that_was_not_written_is_asked_for_again(tmp_path: Path) -> None:
    """No half of a key is left: the next run of the wizard does not take it for one that is there."""
    flags = ("config", "init", "--yes", "--auth", "key", "--no-call")
    key = "sk-ant-api03-" + "0" * 90
    with full_disk(len(key)):  # one byte less than the file
        done = keybearer(*flags, text=key, cwd=tmp_path)
    assert (done.returncode, FULL in done.stderr, key in done.stderr) == (1, True, False)
    assert keybearer(*flags, text=key, cwd=tmp_path).returncode == 0
    assert (tmp_path / "config" / "secrets" / "anthropic_api_key").read_text() == key + "\n"


@pytest.mark.usefixtures("environ")
def test_a_download_is_whole_or_not_there(tmp_path: Path) -> None:
    """What does not fit leaves nothing under the file's name, and keeps what `--force` was to replace."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(b"x" * 1000, headers="content-type: application/octet-stream\r\n")

    (tmp_path / "there").write_text("before")
    with raw_server(script) as server, full_disk(100):
        done = keybearer("files", "get", "file_1", "-o", "there", "--force", "--base-url", server.url)
    assert (done.returncode, FULL in done.stderr) == (1, True), done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == {"there": "before"}


def test_a_batch_that_cannot_be_noted_is_not_sent(environ: Simulator, tmp_path: Path) -> None:
    """What was sent could not be found again, so nothing is sent."""
    params = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
    (tmp_path / "requests.jsonl").write_text(json.dumps({"custom_id": "a", "params": params}) + "\n")
    with full_disk(8):
        done = keybearer("batch", "run", "requests.jsonl", "-o", "results.jsonl")
    assert (done.returncode, FULL in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert environ.requests == []
