"""Clients that nobody here wrote, each in its own process.

The TypeScript SDK, pydantic-ai, Claude Code, and the Python SDK's own API tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator import Simulator

HERE = Path(__file__).parent
PLACEHOLDERS = frozenset({"tool-schema", "format-closed", "model-known", "model-retired"})
"""Rules that the SDK's own tests break: their bodies are placeholders such as `{"location": "bar"}` for a JSON schema."""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command away from the developer's own keys, and return what it printed."""
    around = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=cwd, env={**around, **environment}, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def make_venv(folder: Path, *packages: str) -> Path:
    """Make a virtual environment with some packages, and return its python."""
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    python = folder / "bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages, cwd=folder)
    return python


def test_the_typescript_sdk(tmp_path: Path) -> None:
    """The official TypeScript SDK: plain, streamed, tools, a retry, a refusal, files, batches, models, counts."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("needs node and npm")
    shutil.copytree(HERE / "typescript", tmp_path, dirs_exist_ok=True)
    run(npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", cwd=tmp_path)
    with Simulator() as sim:
        seen = json.loads(run(node, "talk.mjs", cwd=tmp_path, SIM_URL=sim.base_url, SIM_KEY=sim.api_key))
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


def test_pydantic_ai(tmp_path: Path) -> None:
    """An agent of pydantic-ai: a tool loop, a stream, and a typed answer, pointed here by the environment alone."""
    python = make_venv(tmp_path / "venv", "pydantic-ai-slim[anthropic]")
    with Simulator() as sim:
        printed = run(
            python,
            HERE / "pydantic_ai/talk.txt",
            cwd=tmp_path,
            ANTHROPIC_BASE_URL=sim.base_url,
            ANTHROPIC_API_KEY=sim.api_key,
        )
        assert sim.verdict == []
    seen: dict[str, Any] = json.loads(printed)
    assert seen == {
        "tool": "I asked get_weather about Oslo, and it says: snow in Oslo.",
        "stream": " ".join(map(str, range(1, 13))),
        "typed": {"name": "Oslo", "population": 700000},
    }


def test_the_openai_client(tmp_path: Path) -> None:
    """The official `openai` client, on the compatible door: plain, streamed, tools and their results, refusals."""
    python = make_venv(tmp_path / "venv", "openai==3.57.0")
    with Simulator() as sim:
        around = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
        seen = json.loads(run(python, HERE / "openai_client/talk.txt", cwd=tmp_path, **around))
        assert sim.verdict == []
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


def test_the_python_sdks_own_tests(tmp_path: Path) -> None:
    """The Python SDK's own API tests for messages and models pass here, all of them, with the placeholders let through."""
    version = "2.12.0"
    packages = ("pytest", "pytest-asyncio", "inline-snapshot", "http-snapshot", "respx", "dirty-equals")
    python = make_venv(tmp_path / "venv", f"anthropic[aiohttp]=={version}", *packages)
    source = ("--no-deps", "--no-binary", "anthropic", f"anthropic=={version}")
    run(python, "-m", "pip", "download", "--quiet", *source, cwd=tmp_path)
    with tarfile.open(next(tmp_path.glob("anthropic-*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / f"anthropic-{version}"
    replace(root / "tests/conftest.py", ("my-anthropic-api-key", "sk-ant-sim-own-tests"))
    names = [(f'{name}="{name}"', f'{name}="claude-opus-5-5"') for name in ("model_id", "after_id")]
    names.append(('before_id="before_id",', ""))  # with `after_id` it is refused
    replace(root / "tests/api_resources/test_models.py", *names)
    with Simulator(lenient=PLACEHOLDERS) as sim:
        printed = run(
            python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings=",
            "tests/api_resources/test_messages.py", "tests/api_resources/test_models.py",
            cwd=root, TEST_API_BASE_URL=sim.base_url,
        )  # fmt: skip
    counted = re.search(r"(\d+) passed", printed)
    assert counted is not None
    assert int(counted[1]) == 110


def test_claude_code(tmp_path: Path) -> None:
    """Claude Code, with its own large requests: an answer, and a tool that really runs, with every rule on."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    (tmp_path / "package.json").write_text("{}")
    options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    run(npm, "install", *options, "@anthropic-ai/claude-code", cwd=tmp_path)
    programs = list(tmp_path.glob("node_modules/@anthropic-ai/claude-code-*/claude"))
    if not programs:
        pytest.skip("has no build for this machine")
    home = tmp_path / "home"
    home.mkdir()
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "CI": "1"}
    with Simulator() as sim:
        around = {"HOME": str(home), "ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key, **quiet}
        said = run(programs[0], "-p", "Reply with exactly: hello from the simulator", cwd=home, **around)
        tool = 'Use Bash {"command": "echo the-tool-ran", "description": "Say"}'
        done = run(programs[0], "-p", tool, "--allowedTools", "Bash", cwd=home, **around)
        asked = [entry for entry in sim.requests if entry.path == "/v1/messages"]
        assert sim.verdict == []
    assert said.strip() == "hello from the simulator"
    assert done.strip().endswith("it says: the-tool-ran.")
    assert [entry.status for entry in asked] == [200] * len(asked)
    assert asked[-1].note["usage"]["cache_read_input_tokens"] > 10_000


def replace(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace words in a file, each of which must be there."""
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
