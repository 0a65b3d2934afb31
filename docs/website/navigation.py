"""The navigation is the list of `docs/index.md`: a section is a caption, and each page it links to an entry.

So it is written once, and a forge shows the same list.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from website.links import targets

__all__ = ["sections", "with_toctrees"]

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def sections(index: str) -> dict[str, list[str]]:
    r"""Return the pages of each section of the index, by its heading: relative links as they are written.

    Example:
        >>> sections("# Title\n\n## Start\n\n- [guide.md](guide.md): the tasks\n")
        {'Start': ['guide.md']}
    """
    _, *parts = _SECTION.split(index)
    found = {}
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        found[heading] = [target for target in targets(body) if target.endswith(".md")]
    return found


def with_toctrees(index: str, place: Callable[[str], str]) -> str:
    """Return the index with one hidden table of contents a section; `place` gives a page's name on the site."""
    trees = [
        "\n".join([f"```{{toctree}}\n:hidden:\n:caption: {heading}\n", *(place(page) for page in pages), "```\n"])
        for heading, pages in sections(index).items()
    ]
    return "\n".join([index.rstrip() + "\n", *trees])
