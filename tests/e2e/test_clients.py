"""A walk through the API with the official TypeScript SDK, and through the compatible door with `openai`."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from e2e.running import HERE, node_folder, python_of, run, run_examples
from keybearer.simulator import Simulator


def test_the_typescript_sdk(tmp_path: Path) -> None:
    """The official TypeScript SDK: plain, streamed, tools, a retry, a refusal, files, batches, models, counts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    with Simulator(on=date(2026, 11, 25)) as sim:
        program = node_folder("typescript") / "talk.mjs"
        seen = json.loads(
            run(node, program, cwd=tmp_path, environment={"SIM_URL": sim.base_url, "SIM_KEY": sim.api_key})
        )
        assert sim.verdict == []
        assert sum(entry.path == "/v1/models" for entry in sim.requests) > 1  # it walked through the pages
    assert seen == {
        "plain": "hello",
        "streamed": [" ".join(map(str, range(1, 21))), "end_turn"],
        "tool": [{"city": "Oslo"}, "I asked get_weather about Oslo, and it says: snow."],
        "retried": "again",
        "refused": ["NotFoundError", 404, "string"],
        "file": ["notes.txt", 5],
        "batch": "in_progress",
        "models": 18,
        "counted": 5,
    }


def test_the_openai_client(tmp_path: Path) -> None:
    """The official `openai` client, on the compatible door: plain, streamed, tools and their results, refusals."""
    program = HERE / "openai_client/talk.py"
    seen = run_examples(python_of("openai_client"), program, home=tmp_path, refused={400, 401})
    assert seen == {
        "plain": ["hello", "stop", "chat.completion"],
        "usage": True,
        "streamed": " ".join(map(str, range(1, 21))),
        "last": [[], True, "stop"],
        "call": ["get_weather", {"city": "Oslo"}, "tool_calls"],
        "result": "I asked get_weather about Oslo, and it says: snow.",
        "streamed call": ["get_weather", {"city": "Oslo"}],
        "refused": [400, "invalid_request_error", "n: must be 1"],
        "key": 401,
    }
