"""The official Python SDK's own API tests, of every group of endpoints that the simulator serves."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path

import pytest

from e2e.running import HERE, python_of, run
from keybearer.simulator import Simulator

GROUPS = {
    "test_messages.py": 65,
    "beta/test_messages.py": 60,
    "test_models.py": 45,
    "beta/test_models.py": 45,
    "messages/test_batches.py": 115,
    "beta/messages/test_batches.py": 115,
    "test_files.py": 95,
    "beta/test_files.py": 95,
    "test_skills.py": 90,
    "skills/test_versions.py": 100,
    "beta/test_skills.py": 90,
    "beta/skills/test_versions.py": 105,
    "beta/test_memory_stores.py": 140,
    "beta/memory_stores/test_memories.py": 125,
    "beta/memory_stores/test_memory_versions.py": 75,
}
"""Each group's file below `tests/api_resources` to its number of tests."""

STRICT = {**GROUPS, "test_messages.py": 45, "beta/test_messages.py": 45}
"""The same with every rule on."""

PLACEHOLDERS = frozenset(
    {"tool-schema", "format-closed", "model-known", "model-retired", "beta-known", "beta-params", "compaction-alone"}
)
"""Rules that the tests break: they send placeholders such as `{"location": "bar"}` for a JSON schema and `string` for a beta tag.

Their request with every parameter has both `compaction` and `context_management`, which the SDK's guide says is refused.
"""

MOCKED = "not (results or test_method_download or response_download)"
"""Their replies come from a mock within the process, so no server is asked."""

IDS = (
    (r'(\.(?:delete|results)\(\s*message_batch_id)="message_batch_id"', r"\1=fresh.batch(ended=True)"),
    (r'="message_batch_id"', "=fresh.batch()"),
    (r'="file_id"', "=fresh.file()"),
    (r'files=\[b"Example data"\]', "files=fresh.SKILL"),
    (r'version="version",\s+skill_id="skill_id"', "**fresh.version()"),
    (r'memory_id="memory_id",\s+memory_store_id="memory_store_id"', "**fresh.memory()"),
    (r"(\.update\(\s+\*\*fresh\.memory\(\),)(\s+extra_query)", r'\1 content="x",\2'),
    (r'memory_version_id="memory_version_id",\s+memory_store_id="memory_store_id"', "**fresh.memory_version()"),
    (r'="skill_id"', "=fresh.skill()"),
    (r'="memory_store_id"', "=fresh.store()"),
    (r'path_prefix="path_prefix"', 'path_prefix="/P/"'),
    (r'expected_content_sha256="expected_content_sha256"', "expected_content_sha256=fresh.DIGEST"),
    (r'"content_sha256": "[0-9a-f]{64}"', '"content_sha256": fresh.DIGEST'),
    (r"limit=0,", "limit=1,"),
    (r'page="page"', "page=fresh.page()"),
    (r'="model_id"', '="claude-opus-5-5"'),
    (r'before_id="before_id",', ""),
    (r'file=b"Example data"', 'file=("example.txt", b"Example data")'),
)
"""A placeholder to what stands for it: the simulator refuses ids of nothing, both cursors at once, cursors of its
own making only, a file without a name, a skill without a `SKILL.md`, a limit of 0, and a
change that changes nothing."""


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the SDK's source archive, unpacked, whose placeholder ids are those of real objects."""
    python = python_of("python_sdk")
    version = run(python, "-c", "import anthropic; print(anthropic.__version__)", cwd=HERE).strip()
    kept = python.parents[1] / f"anthropic-{version}.tar.gz"
    if not kept.exists():
        source = ("--no-deps", "--no-binary", "anthropic", f"anthropic=={version}")
        run(python, "-m", "pip", "download", "--quiet", *source, cwd=kept.parent)
    folder = tmp_path_factory.mktemp("sdk")
    with tarfile.open(kept) as archive:
        archive.extractall(folder, filter="data")
    root = folder / f"anthropic-{version}"
    shutil.copy(HERE / "python_sdk/fresh.py", root / "tests/fresh.py")
    substitute(root / "tests/conftest.py", ("my-anthropic-api-key", "sk-ant-sim-own-tests"))
    for group in GROUPS:
        cursor = '"claude-opus-5-5"' if "models" in group else "fresh.batch()"
        imported = ("from tests.utils import", "from tests import fresh\nfrom tests.utils import")
        if "messages.py" not in group:
            substitute(root / "tests/api_resources" / group, imported, ('="after_id"', f"={cursor}"), *IDS)
    return root


def substitute(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace patterns in a file, at least one of which must be there."""
    text = path.read_text(encoding="utf-8")
    changed = text
    for old, new in pairs:
        changed = re.sub(old, new, changed)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def passed(sdk: Path, sim: Simulator) -> dict[str, int]:
    """Run the tests of every group, and count those that passed."""
    printed = run(
        python_of("python_sdk"), "-m", "pytest", "-q", "-rA", "--no-header", "-p", "no:cacheprovider",
        "-o", "addopts=", "-o", "filterwarnings=", "--show-capture=no", "-k", MOCKED,
        *(f"tests/api_resources/{name}" for name in GROUPS),
        cwd=sdk, may_fail=True, environment={"TEST_API_BASE_URL": sim.base_url, "SIM_TOKEN": sim.token},
    )  # fmt: skip
    found = re.findall(r"^PASSED tests/api_resources/(\S+?)::", printed, re.MULTILINE)
    return {name: found.count(name) for name in GROUPS}


def test_all_pass_with_the_placeholders_let_through(sdk: Path) -> None:
    """With the rules off that placeholders break, every test of every group passes."""
    with Simulator(lenient=PLACEHOLDERS) as sim:
        assert passed(sdk, sim) == GROUPS


def test_only_placeholders_are_refused_with_every_rule_on(sdk: Path) -> None:
    """With every rule on, the groups that have none pass whole, and no other rule refuses anything."""
    with Simulator() as sim:
        assert passed(sdk, sim) == STRICT
        assert {entry.note["rule"] for entry in sim.requests if entry.status >= 400} <= PLACEHOLDERS
