"""Recordings from other tools' files: cassettes that vcrpy wrote, a HAR file of mitmproxy, a transcript of Claude Code."""

from __future__ import annotations

import base64
import gzip
import json
import stat
from pathlib import Path
from typing import Any

import anthropic
import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.control.imports import Imported, import_file
from keybearer.simulator.process.command import main

DATA = Path(__file__).parents[1] / "data" / "imports"
ASKED: Any = {"model": "claude-haiku-4-5", "max_tokens": 60, "messages": [{"role": "user", "content": "Count to 9"}]}
NO_API = "exchange 5: it is no request of the API, or one for a token"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("vcrpy.yaml", "a VCR cassette"), ("vcrpy.json", "a VCR cassette"), ("mitmproxy.har", "a HAR file")],
)
def test_what_other_tools_recorded_replays(tmp_path: Path, name: str, kind: str) -> None:
    """A file of vcrpy 9.4.2 or mitmproxy becomes a recording, which the SDK replays: plain, streamed, a list, an error."""
    source, out = tmp_path / name, tmp_path / "out.jsonl"
    source.write_text((DATA / name).read_text().replace("sk-ant-sim-00000000000000000000", "sk-ant-api03-canary"))
    found = import_file(source)
    assert (found.format, len(found.exchanges), found.left_out) == (kind, 4, [NO_API])
    assert main(["--import", str(source), "--record", str(out)]) == 0
    text = out.read_text()
    assert not [word for word in ("canary", "sk-secret", "organization-id", "user-agent") if word in text]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with (
        Simulator(replay=out) as sim,
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk,
    ):
        assert sdk.messages.create(**ASKED).content[0].to_dict()["text"] == "1 2 3 4 5 6 7 8 9"
        with sdk.messages.stream(**ASKED) as stream:
            assert stream.get_final_text() == "1 2 3 4 5 6 7 8 9"
        assert len(sdk.models.list(limit=2).data) == 2
        with pytest.raises(anthropic.NotFoundError, match="claude-nope"):
            sdk.messages.create(**{**ASKED, "model": "claude-nope"})


def test_a_transcript_of_claude_code_answers_claude_code(tmp_path: Path) -> None:
    """The requests that Claude Code sent are answered from the transcript that it wrote, as streams."""
    out = tmp_path / "out.jsonl"
    assert main(["--import", str(DATA / "claude-code.jsonl"), "--record", str(out)]) == 0
    requests = json.loads((DATA / "claude-code-requests.json").read_text())
    with Simulator(replay=out) as sim, urllib3.PoolManager() as http:
        headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01"}
        url = sim.base_url + "/v1/messages?beta=true"
        first, second = (http.request("POST", url, json=body, headers=headers).data.decode() for body in requests)
        assert '"name":"Read"' in first
        assert "event: message_stop" in first
        assert "heron" in second
        assert [entry.note["replay"] for entry in sim.requests] == ["conversation", "conversation"]


def har(**content: Any) -> str:
    """Write a HAR file of one exchange."""
    request = {
        "method": "POST",
        "url": "https://api.anthropic.com/v1/messages",
        "postData": {"text": json.dumps(ASKED)},
    }
    response = {
        "status": 200,
        "headers": content.pop("headers", []),
        "content": {"mimeType": "application/json", **content},
    }
    return json.dumps({"log": {"entries": [{"request": request, "response": response}]}})


def imported(folder: Path, text: str) -> Imported:
    """Import a file of a text."""
    path = folder / "file"
    path.write_text(text)
    return import_file(path)


def test_bodies_in_base64_and_packed(tmp_path: Path) -> None:
    """A body in base64 is decoded, and unpacked where the tool has kept it compressed."""
    packed = base64.b64encode(gzip.compress(b'{"type":"message"}')).decode()
    headers = [{"name": "Content-Encoding", "value": "gzip"}]
    for text in (har(text=packed, encoding="base64", headers=headers), har(text='{"type":"message"}', headers=headers)):
        assert imported(tmp_path, text).exchanges[0].reply == '{"type":"message"}'


def test_what_cannot_be_used_is_left_out_with_a_reason(tmp_path: Path) -> None:
    """A stream whose body the browser left out, and a body in an unknown encoding, are named."""
    assert "has no body in the file" in imported(tmp_path, har()).left_out[0]
    brotli = base64.b64encode(b"\x8b\xff\xfe\x00").decode()
    headers = [{"name": "content-encoding", "value": "br"}]
    assert imported(tmp_path, har(text=brotli, encoding="base64", headers=headers)).left_out == [
        "exchange 1: its reply is no text (br encoding)"
    ]
    assert imported(tmp_path, har(text="%", encoding="base64")).left_out == ["exchange 1: its body is no base64"]
    broken = base64.b64encode(b"\x1f\x8bxxxx").decode()
    headers = [{"name": "content-encoding", "value": "gzip"}]
    assert "its body is no gzip" in imported(tmp_path, har(text=broken, encoding="base64", headers=headers)).left_out[0]


def test_cassettes_of_other_shapes(tmp_path: Path) -> None:
    """Ruby's VCR, and vcrpy's older stub of httpx, keep the same things under other names."""
    ruby = """
http_interactions:
- request: {method: post, uri: "https://api.anthropic.com/v1/messages", body: {encoding: UTF-8, string: '{}'}}
  response: {status: {code: 200, message: OK}, headers: {Content-Type: [application/json]}, body: {base64_string: e30=}}
"""
    found = imported(tmp_path, ruby).exchanges[0]
    assert (found.method, found.path, found.reply, found.headers) == (
        "POST", "/v1/messages", "{}", {"content-type": "application/json"},
    )  # fmt: skip
    old = """
interactions:
- request: {method: GET, uri: "http://x/v1/models", body: ""}
  response: {status_code: 200, content: "{}", headers: {}}
"""
    assert imported(tmp_path, old).exchanges[0].path == "/v1/models"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "it is no HAR file, no VCR cassette and no transcript of Claude Code"),
        ("{]", "it is broken"),
        ('{"log": {}}', "it is broken: KeyError: 'entries'"),
        ("interactions: [{request: {}}]", "it is broken"),
        ("!!python/object:os.system {}", "it is broken"),
        ("", "it is no HAR file"),
    ],
)
def test_files_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str) -> None:
    """A file of another kind, or a broken one, ends the command with 2 and a reason."""
    path = tmp_path / "file"
    path.write_text(text)
    assert main(["--import", str(path), "--record", str(tmp_path / "out.jsonl")]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_an_import_without_an_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import needs a file to write to, in a folder that is there, and something to write."""
    assert main(["--import", str(DATA / "vcrpy.yaml")]) == 2
    assert "needs --record OUT" in capsys.readouterr().err
    assert main(["--import", str(DATA / "vcrpy.yaml"), "--record", str(tmp_path / "no" / "out.jsonl")]) == 2
    assert f"there is no folder {tmp_path / 'no'}; make it first" in capsys.readouterr().err
    assert main(["--import", str(tmp_path / "gone"), "--record", str(tmp_path / "out.jsonl")]) == 2
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "empty").write_text('{"log": {"entries": []}}')
    assert main(["--import", str(tmp_path / "empty"), "--record", str(tmp_path / "out.jsonl")]) == 2
    assert "there was nothing to import" in capsys.readouterr().err
