"""The pages' tables of what each platform offers are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keybearer.providers.features import FEATURES
from keybearer.providers.table import PLATFORMS

DOCS = Path(__file__).parents[2] / "docs"
_TABLE = re.compile(r"<!-- features: ([a-z_ ]+) -->\n(.*?)<!-- end of features -->", re.DOTALL)
WORDS = {"": "yes", "wheel": "no", "guess": "no (*guess*)"}


def features(kinds: list[str]) -> str:
    """Return the table of what some platforms offer."""
    head = f"| feature | in `allow` | {' | '.join(f'`{kind}`' for kind in kinds)} |\n|---|---|{'---|' * len(kinds)}\n"
    rows = (
        f"| {words} | `{name}` | {' | '.join(WORDS[PLATFORMS[kind].lacks.get(name, '')] for kind in kinds)} |\n"
        for name, words in FEATURES.items()
    )
    return head + "".join(rows)


def filled(page: str) -> str:
    """Return a page with its table as the code has it."""
    return _TABLE.sub(
        lambda found: f"<!-- features: {found[1]} -->\n{features(found[1].split())}<!-- end of features -->", page
    )


@pytest.mark.parametrize("name", ["platforms", "aws", "google", "azure"])
def test_the_table_is_the_codes(name: str) -> None:
    """Each page has a table, and it is what the code says; `python tests/providers/test_pages.py` writes them anew."""
    page = (DOCS / f"{name}.md").read_text()
    assert _TABLE.search(page)
    assert filled(page) == page


def test_every_platform_is_on_a_page() -> None:
    """The overview's table has each kind."""
    page = (DOCS / "platforms.md").read_text()
    assert [kind for kind in PLATFORMS if f"| `{kind}` |" not in page] == []


if __name__ == "__main__":
    for each in ("platforms", "aws", "google", "azure"):
        file = DOCS / f"{each}.md"
        file.write_text(filled(file.read_text()))
