"""What an import loads: little."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import keybearer
from keybearer.simulator import Simulator

HEAVY = {
    "aiohttp",
    "urllib3",
    "httpx2",
    "httpcore2",
    "yaml",
    "argparse",
    "asyncio",
    "ssl",
    "truststore",
    "starlette",
    "anthropic",
    "http.client",
    "pydantic",
    "httpx",
}


def modules(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has after running code."""
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(run.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import keybearer",
        "from keybearer import Client; Client(api_key='sk-ant-test')",
        "from keybearer import AsyncClient; AsyncClient(api_key='sk-ant-test')",
        "from keybearer import SSEParser, MessageAccumulator, KeybearerError",
        "import keybearer.compat as anthropic; anthropic.Anthropic(api_key='sk-ant-test'); anthropic.RateLimitError",
        "from keybearer.compat.types import Message, MessageParam; from keybearer.compat.types.beta import BetaSkillParams",
    ],
)
def test_no_library_is_loaded_before_it_is_needed(code: str) -> None:
    """Importing keybearer, and making a client, loads no HTTP library, no YAML and no command line."""
    assert modules(code) & HEAVY == set()


UNASKED = HEAVY - {"argparse", "ssl", "http.client"} | {
    "hashlib",
    "prompt_toolkit",
    "rich",
    "secrets",
    "shutil",
    "sqlite3",
    "subprocess",
    "tempfile",
    "keybearer.cli.approvals",
    "keybearer.cli.markdown",
    "keybearer.cli.results",
    "keybearer.config.loader",
    "keybearer.conversation.repair",
    "keybearer.credentials.oauth.login",
    "keybearer.credentials.stores.file",
    "keybearer.prices",
    "keybearer.schema",
    "keybearer.shell.ledger",
    "keybearer.simulator",
    "keybearer.tools",
}


QUIETLY = "import io, sys; from keybearer.cli import main; sys.stdout = io.StringIO(); "
"""Code before a command whose output is not to be read."""


def test_a_question_loads_only_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`keybearer ask` with a key of the environment loads at most 350 modules, and none of what other commands and flags need."""
    with Simulator() as sim:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
        loaded = modules(QUIETLY + "assert main(['ask', 'hello', '--no-stdin']) == 0; sys.stdout = sys.__stdout__")
    assert loaded & UNASKED == set()
    assert len(loaded) <= 350


def test_help_loads_the_table_of_commands_and_no_command() -> None:
    """`keybearer --help` loads ten modules of keybearer at most, and no library."""
    loaded = modules(QUIETLY + "\ntry: main(['--help'])\nexcept SystemExit: sys.stdout = sys.__stdout__")
    assert len([name for name in loaded if name.startswith("keybearer")]) <= 10
    assert loaded & (HEAVY - {"argparse"} | {"msgspec", "logging", "shutil", "pathlib"}) == set()


def test_import_keybearer_loads_only_itself() -> None:
    """`import keybearer` alone loads two modules of ours and nothing of others'."""
    ours = {name for name in modules("import keybearer") if name.startswith("keybearer")}
    assert ours == {"keybearer", "keybearer._version"}


def test_every_public_name_is_there() -> None:
    """Each exported name can be loaded, and `dir` lists it."""
    for name in keybearer.__all__:
        assert getattr(keybearer, name) is not None
    assert set(dir(keybearer)) == set(keybearer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Clinet'"):
        keybearer.Clinet  # noqa: B018 - the access is the test
