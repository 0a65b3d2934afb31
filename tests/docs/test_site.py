"""The documentation site: its navigation, and its links."""

from __future__ import annotations

from pathlib import Path

import pytest

from website import links, measured, navigation, stage

ROOT = Path(__file__).parents[2]


def test_the_index_leads_to_every_page_once() -> None:
    """A page that the navigation leaves out, or a web link without a host, stops the build."""
    assert stage.problems() == []


def test_the_navigation_is_the_list_of_the_index() -> None:
    """A section is a caption, its links are the entries, and what is in a code block is no link."""
    index = "# T\n\n[a](a.md)\n\n## One\n\n- [b](b.md), [c](c.md): x\n- [d](d.svg)\n\n```\n[e](e.md)\n```\n\n## Two\n\n[f](../F.md)\n"
    assert navigation.sections(index) == {"One": ["b.md", "c.md"], "Two": ["../F.md"]}
    text = navigation.with_toctrees(index, lambda page: page.removesuffix(".md"))
    assert text.startswith(index)
    assert "```{toctree}\n:hidden:\n:caption: One\n\nb\nc\n```\n" in text


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("https://platform.claude.com/docs", False),
        ("http://localhost:8080/", False),
        ("https:///docs", True),
        ("https://docs", True),
        ("ftp://example.com/x", True),
    ],
)
def test_the_syntax_of_a_web_link_is_judged(target: str, wrong: bool) -> None:
    """It needs a scheme of the web and a host; nothing is fetched."""
    assert (links.external_problem(target) is not None) is wrong


def test_a_link_out_of_the_docs_leads_to_the_sites_own_copy() -> None:
    """Links to files elsewhere in the repository are rewritten; those in `docs/`, on the page or to the web are not."""
    page = ROOT / "docs" / "x.md"
    text = "[a](../examples/demo.py) [b](tools.md#c) [d](#e) [f](https://example.com)\n```\n[a](../examples/demo.py)\n```\n"
    assert links.rewritten(text, page, ROOT, lambda file: file.name) == text.replace(
        "../examples/demo.py", "demo.py", 1
    )
    assert links.outside("../elsewhere", page, ROOT) == Path("elsewhere")


def test_the_staged_pages_are_all_there(tmp_path: Path) -> None:
    """Pages, pictures, pages of the root, and a listing of what is linked elsewhere in the repository."""
    stage.stage(tmp_path / "pages")
    written = {file.relative_to(tmp_path / "pages").as_posix() for file in (tmp_path / "pages").rglob("*.*")}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= written
    assert {"contributing.md", "pictures/recording.svg", "files/examples-deployment.md"} <= written
    assert "kubernetes.yaml" in (tmp_path / "pages/files/examples-deployment.md").read_text()
    assert "](files/examples-deployment.md)" in (tmp_path / "pages/deployment.md").read_text()


def test_the_figures_of_the_readme_are_the_measured_ones() -> None:
    """Five lines, of the results that `make bench` wrote last."""
    page = (ROOT / "README.md").read_text("utf-8")
    assert measured.fill(page) == page
    assert len(measured.lines().splitlines()) == 5
    assert "| 1/" in page


def test_a_link_shows_the_title_of_its_page() -> None:
    """Where it would show a file's name; words of its own, and code, stay."""
    page = ROOT / "docs" / "index.md"
    text = (
        "[web.md](web.md), [limits.md](limits.md#closing-and-forks), [the chat](web.md)\n```\n[web.md](web.md)\n```\n"
    )
    assert links.titled(text, page) == (
        "[A chat or an agent in a web server](web.md), [Errors, retries, limits and deadlines](limits.md#closing-and-forks), "
        "[the chat](web.md)\n```\n[web.md](web.md)\n```\n"
    )
