"""Generates the tables of the docs pages from the tables of the code.

Run `python -m keybearer.simulator.process.reference docs/simulator*.md`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from keybearer.simulator.endpoints.admin_fields import AdminPage, Field
from keybearer.simulator.endpoints.admin_pages import PAGES
from keybearer.simulator.faults import FAULTS
from keybearer.simulator.rules import RULES

__all__ = ["fill"]


def _rules() -> str:
    rows = [f"| `{rule.name}` | {rule.summary} | {rule.source} | {rule.sure} |" for rule in RULES]
    return "\n".join(["| rule | what | source | how sure |", "|---|---|---|---|", *rows])


def _faults() -> str:
    rows = [
        f"| `{kind.name}` | {kind.summary} | {', '.join(f'`{name}`' for name in kind.parameters)} |"
        for kind in FAULTS.values()
        if kind.make is not FAULTS["error"].make or kind.name == "error"
    ]
    return "\n".join(["| fault | what | parameters |", "|---|---|---|", *rows])


def _fields(heading: str, fields: Iterable[Field]) -> list[str]:
    """Make the table of some fields, and below it one for the items of each list."""
    fields = list(fields)
    if not fields:
        return []
    lines = ["", f"| {heading} | type | |", "|---|---|---|"]
    lines += [f"| `{field.name}` | {field.type} | {field.words} |" for field in fields]
    for field in fields:
        lines += _fields(f"each of `{field.name}`", field.each)
    return lines


def _page(page: AdminPage) -> list[str]:
    tables = [*_fields("body", page.takes), *_fields("reply", page.gives)]
    return ["", f"## `{page.method} {page.path}`", "", page.words, *tables]


def _admin() -> str:
    return "\n".join(line for page in PAGES for line in _page(page)).strip()


def fill(page: str) -> str:
    """Fill the tables into a page.

    Args:
        page: The page, with marks such as `<!-- rules -->` and `<!-- end of rules -->`, of `rules`, `faults` and `admin`.

    Returns:
        The page with the current tables.
    """
    for name, table in (("rules", _rules()), ("faults", _faults()), ("admin", _admin())):
        marks = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        page = re.sub(marks, lambda match, table=table: f"{match[1]}{table}\n{match[2]}", page, flags=re.DOTALL)  # type: ignore[misc]
    return page


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8")
