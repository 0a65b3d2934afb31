"""The pages as Sphinx reads them: a folder with all that is on the site, made anew at each build.

Pages are copied from `docs/` and from the repository's root, and their links changed where the site has another place for a file.
Those of the reference get signatures, docstrings and tables from the code. Nothing is generated into the tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from website import reference, tables
from website.links import external_problem, outside, rewritten, targets, titled
from website.navigation import with_toctrees

__all__ = ["pages", "problems", "stage"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
_TABLES = "- [Tables](reference/tables.md): errors, options, keys, commands, beta tags, methods, from the code\n"
_ASSETS = {".svg", ".png", ".json", ".css"}
_CODE = {".py": "python", ".yaml": "yaml", ".service": "ini", ".json": "json", ".yml": "yaml"}


def pages() -> list[Path]:
    """Return the pages that are written by hand: those of `docs/`, and those of the root that one of them links to."""
    own = sorted([*DOCS.glob("*.md"), *REFERENCE.glob("*.md")])
    linked = {
        ROOT / file
        for page in own
        for target in targets(page.read_text("utf-8"))
        if (file := outside(target, page, ROOT))
        and file.suffix == ".md"
        and len(file.parts) == 1
        and file.name != "README.md"
    }
    return [*own, *sorted(linked)]


def problems() -> list[str]:
    """Say of each link to the web what is wrong with its syntax, and of each page whether the index leaves it out."""
    wrong = [
        f"{page.name}: {problem}"
        for page in pages()
        for target in targets(page.read_text("utf-8"))
        if "://" in target and (problem := external_problem(target))
    ]
    listed = [(DOCS / each).resolve() for each in targets((DOCS / "index.md").read_text("utf-8"))]
    wrong += [
        f"{page.relative_to(ROOT)}: docs/index.md must link to it once"
        for page in pages()
        if page.name != "index.md" and listed.count(page) != 1
    ]
    return wrong


def _place(file: Path) -> str:
    """Return where the site has a file of the repository that is not in `docs/`; the README's place is taken by the index."""
    if file.name == "README.md":
        return "index.md"
    if file.suffix == ".md" and len(file.parts) == 1:
        return f"{file.stem.lower()}.md"
    return f"files/{file.as_posix().replace('/', '-').replace('.', '-')}.md"


def _listing(path: Path) -> str:
    """Return a page with the text of a file, or of each file of a folder."""
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    parts = ["---\norphan: true\n---\n", f"# {path.relative_to(ROOT).as_posix()}\n"]
    for file in files:
        if path.is_dir():
            parts.append(f"## {file.name}\n")
        parts.append(f"``````{_CODE.get(file.suffix, 'text')}\n{file.read_text('utf-8').rstrip()}\n``````\n")
    return "\n".join(parts)


def stage(target: Path) -> None:
    """Write the pages of the site into a folder, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for asset in DOCS.rglob("*"):
        if asset.suffix in _ASSETS and "website" not in asset.parts:
            copy = target / asset.relative_to(DOCS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(asset, copy)
    others: set[Path] = set()

    def place(file: Path) -> str:
        if not (file.suffix == ".md" and len(file.parts) == 1):
            others.add(file)
        return _place(file)

    for page in pages():
        text = reference.page(page) if page.parent == REFERENCE else page.read_text("utf-8")
        text = rewritten(titled(text, page), page, ROOT, place)
        if page.parent == ROOT:
            text = text.replace("](docs/", "](")
        if page == DOCS / "index.md":
            text = text.replace("## Reference\n\n", f"## Reference\n\n{_TABLES}", 1)
            text = with_toctrees(text, lambda link: link.removesuffix(".md"))
        name = page.relative_to(DOCS) if page.is_relative_to(DOCS) else _place(page.relative_to(ROOT))
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_text(text, "utf-8")
    (target / "reference" / "tables.md").write_text(tables.page(), "utf-8")
    (target / "files").mkdir()
    for file in others:
        (target / _place(file)).write_text(_listing(ROOT / file), "utf-8")
