"""`llms.txt`: the site for a language model, as llmstxt.org asks for it: the index, whose links lead to the pages as Markdown."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

__all__ = ["llms_txt", "write"]


def llms_txt(index: str) -> str:
    """Return the text for an index page: its title, its first sentence as the summary, and its sections as they are.

    Args:
        index: The staged index, whose tables of contents are left out.
    """
    title, summary, *rest = re.sub(r"\n```\{toctree\}.*?```\n", "", index, flags=re.DOTALL).split("\n\n")
    first, *more = summary.split("\n")
    body = "\n\n".join([*more, *rest]).strip()
    return f"{title}\n\n> {first}\n\n{body}\n"


def write(source: Path, output: Path) -> None:
    """Put `llms.txt` and the pages as Markdown beside the built pages."""
    for page in source.rglob("*.md"):
        copy = output / page.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, copy)
    (output / "llms.txt").write_text(llms_txt((source / "index.md").read_text("utf-8")), "utf-8")
