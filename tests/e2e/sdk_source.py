"""The tests of the official Python SDK's source archive, made ready for the simulator."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path

__all__ = ["GROUPS", "MOCKED", "PLACEHOLDERS", "prepare", "unpack"]

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

MOCKED = "not (results or test_method_download or response_download)"
"""Which tests are run: the replies of the others come from a mock within the process, so no server is asked."""

PLACEHOLDERS = frozenset(
    {
        *("tool-schema", "format-closed", "model-known", "model-retired", "beta-known", "beta-params"),
        *("compaction-alone", "fallback-credit", "fallback-model"),
    }
)
"""Rules that the tests break: they send placeholders such as `{"location": "bar"}` for a JSON schema and `string` for a beta tag.

Their request with every parameter has both `compaction` and `context_management`, which the SDK's guide says is refused, and both
`fallbacks` and a credit for one.
"""

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


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the archive into a folder, and return the folder of the SDK in it."""
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def prepare(root: Path) -> None:
    """Put ids of real objects in place of the placeholders of the tests.

    Args:
        root: The unpacked archive, whose tests are changed.
    """
    shutil.copy(Path(__file__).parent / "python_sdk/fresh.py", root / "tests/fresh.py")
    substitute(root / "tests/conftest.py", ("my-anthropic-api-key", "sk-ant-sim-own-tests"))
    for group in GROUPS:
        cursor = '"claude-opus-5-5"' if "models" in group else "fresh.batch()"
        imported = ("from tests.utils import", "from tests import fresh\nfrom tests.utils import")
        if "messages.py" not in group:
            substitute(root / "tests/api_resources" / group, imported, ('="after_id"', f"={cursor}"), *IDS)


def substitute(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace patterns in a file, at least one of which must be there."""
    text = path.read_text(encoding="utf-8")
    changed = text
    for old, new in pairs:
        changed = re.sub(old, new, changed)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
