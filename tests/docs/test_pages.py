"""The docs say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from keybearer.config.schema import ProviderConfig, is_section
from keybearer.simulator import Simulator

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def keys(cls: type, prefix: str = "") -> set[str]:
    """Return the key paths of a section of the schema."""
    found = set()
    for field in msgspec.structs.fields(cls):
        inner = field.type if is_section(field.type) else None
        found |= keys(inner, f"{prefix}{field.name}.") if inner else {prefix + field.name}
    return found


def test_the_page_of_the_configuration_has_every_key() -> None:
    """docs/configuration.md lists the schema's keys, all of them and no other."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)) == keys(ProviderConfig)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the project leads to one that is there."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


RUN = [page for page in PAGES if page.name in {"README.md", "requests.md", "streams.md", "guide.md"}]
CODE = [(page, code) for page in RUN for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]


@pytest.mark.parametrize(("page", "code"), CODE, ids=[page.name for page, _ in CODE])
def test_python_on_a_page_runs_against_the_simulator(
    page: Path, code: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows works as it stands."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    exec(compile(code, page.name, "exec"), {})  # noqa: S102 - our own pages
    assert sim.requests
