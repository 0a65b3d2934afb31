"""`keybearer models`: what the service lists, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import keybearer
from support.rawserver import Peer, raw_server


def test_a_table_and_json(llm_yaml: Path) -> None:
    """The table has one line a model below its head, in 80 columns; JSON has the same models with every field."""
    done = keybearer("models", "list", "--config", str(llm_yaml))
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["MODEL", "CONTEXT", "OUTPUT", "STAGE"]
    assert max(map(len, rows)) <= 80
    listed = json.loads(keybearer("models", "list", "--json", "--config", str(llm_yaml)).stdout)
    assert [each["id"] for each in listed] == [row.split()[0] for row in rows]
    assert all(each["type"] == "model" for each in listed)
    more = keybearer("models", "list", "--all", "--config", str(llm_yaml)).stdout.splitlines()
    assert len(more) > len(rows) + 1
    assert any(row.endswith("retired") for row in more)


def test_one_model(llm_yaml: Path) -> None:
    """One is shown with its capabilities by their paths; one that is not there is exit code 5."""
    done = keybearer("models", "show", "claude-haiku-4-5", "--config", str(llm_yaml))
    assert "id: claude-haiku-4-5" in done.stdout
    assert "capabilities.batch.supported: yes" in done.stdout.splitlines()
    shown = json.loads(keybearer("models", "show", "claude-haiku-4-5", "--json", "--config", str(llm_yaml)).stdout)
    assert shown["capabilities"]["batch"]["supported"] is True
    missing = keybearer("models", "show", "claude-zork", "--config", str(llm_yaml))
    assert (missing.returncode, missing.stdout) == (5, "")
    assert "claude-zork" in missing.stderr


def test_names_from_a_server_cannot_steer_the_terminal() -> None:
    """An id with escape sequences and line ends is one harmless line, as JSON too."""
    model = {
        "type": "model",
        "id": "a\x1b]52;c;eA==\x07\nb",
        "display_name": "\x9b2J",
        "created_at": "2026-01-01T00:00:00Z",
    }

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(json.dumps({"data": [model], "has_more": False, "first_id": "a", "last_id": "a"}).encode())

    for flags in ((), ("--json",)):
        with raw_server(script) as server:
            done = keybearer(
                "models", "list", *flags, "--base-url", server.url, environ={"ANTHROPIC_API_KEY": "sk-ant-x"}
            )
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout)
        assert flags or len(done.stdout.splitlines()) == 2
