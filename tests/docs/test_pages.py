"""The docs say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from keybearer.config.schema import ProviderConfig, is_section

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


def test_the_readme_s_python_runs_against_the_twin(
    sim: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ten lines of the README work as they stand."""
    from keybearer.simulator import Simulator

    assert isinstance(sim, Simulator)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own page
    assert "sky" in capsys.readouterr().out
