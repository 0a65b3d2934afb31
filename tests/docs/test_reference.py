"""The reference: every public name has a docstring and an example, and every example runs."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.whole import WHOLE
from website import docstrings, reference, tables
from website.names import public_names

PAGES = sorted((Path(__file__).parents[2] / "docs" / "reference").glob("*.md"))
EXAMPLES = [(page, example) for page in PAGES for example in reference.examples(page.read_text("utf-8"))]
SLOW = {"MCPToolset", "testing.claude_sim"}
"""Examples that start processes: run where nothing is sampled."""

SAMPLE = [
    (page, example)
    for number, (page, example) in enumerate(EXAMPLES)
    if WHOLE or not (number % 4 or SLOW & {*example.names})
]


def test_every_public_name_has_an_example() -> None:
    """Each stands in one heading of the reference, and no other name does."""
    shown = [name for _, example in EXAMPLES for name in example.names]
    assert len(shown) > 200
    assert sorted(shown) == sorted(public_names()), "docs/reference has a heading and a program for each public name"


def test_each_example_is_about_its_names() -> None:
    """A section has a program, which uses every name of the heading."""
    wrong = [
        (page.name, name)
        for page, example in EXAMPLES
        for name in example.names
        if not re.search(rf"\b{name.rpartition('.')[2]}\b", "\n".join(example.programs))
    ]
    assert wrong == []


def test_every_public_name_has_a_docstring() -> None:
    """An alias shows what it stands for instead."""
    aliases = {name for name, value in public_names().items() if typing.get_origin(value) is not None}
    assert aliases == {"ContentBlock", "MessageParam", "StopReason", "events.Event", "events.RawEvent"} | (
        aliases & {"events.ContentDelta", "events.FastEvent"}
    )
    bare = [name for name, value in public_names().items() if name not in aliases and not docstrings.summary(value)]
    assert bare == []


@pytest.mark.parametrize(("page", "example"), SAMPLE, ids=[f"{page.stem}-{each.names[0]}" for page, each in SAMPLE])
def test_an_example_runs(
    page: Path, example: reference.Example, sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends without an error, in an empty folder, with the simulator as the service."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.chdir(tmp_path)
    for program in example.programs:
        exec(compile(program, page.name, "exec"), {"__name__": "__main__"})  # noqa: S102 - our own pages


def test_a_page_gets_signatures_and_links() -> None:
    """Each name becomes a section with an anchor, how it is called, and its docstring, whose public names are links."""
    text = reference.page(PAGES[0].parent / "tools.md")
    assert "(api-allow)=\n## Allow" in text
    assert "(api-tool)=\n## Tool\n" in text
    assert "(api-tool-2)=\n## tool\n" in text or "(api-tool)=\n## tool\n" in text
    assert "[`ToolError`](#api-toolerror)" in text


def test_a_docstring_becomes_markdown() -> None:
    """Sections become lists, and examples become programs."""

    def shorten(text: str, *, limit: int = 10) -> str:
        """Shorten a text.

        Args:
            text: What is
                shortened.
            limit: How long it may be.

        Returns:
            The text.

        Example:
            >>> shorten("a")
            'a'
        """
        return text[:limit]

    assert docstrings.signature("shorten", shorten) == "shorten(text: str, *, limit: int = 10) -> str"
    assert docstrings.markdown(shorten) == (
        "Shorten a text.\n\n**Args**\n\n- `text`: What is\n  shortened.\n- `limit`: How long it may be.\n\n"
        "**Returns**\n\nThe text.\n\n```pycon\n>>> shorten(\"a\")\n'a'\n```"
    )


def test_the_tables_have_what_the_code_has() -> None:
    """A row for each error, option, key, command, exit code, beta tag, platform and method."""
    page = tables.page()
    for row in (
        "| `Overloaded` | 529: the service is overloaded for everyone. | `ServerError` | 8 |",
        "| `requests_per_second` |",
        "| `rate_limit.concurrency` |",
        "| `keybearer doctor` |",
        "| 13 | spend limit |",
        "| `mcp-client-2025-11-20` | `mcp_servers` |",
        "| `vertex` |",
        "| `client.beta.sessions.create` | `POST /v1/sessions",
    ):
        assert row in page, row
