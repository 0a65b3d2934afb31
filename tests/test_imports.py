"""What an import loads: little."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import keybearer

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
