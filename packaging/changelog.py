"""Gathers the fragments of `changes/` into `CHANGELOG.md`: `python packaging/changelog.py 0.2.0`, or `--draft` to only print.

A fragment is `<word>.<kind>.md`, one or two sentences. What was gathered is deleted, once the whole changelog is written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
from pathlib import Path
from typing import Final

__all__ = ["HEAD", "KINDS", "FragmentError", "gather", "main"]

ROOT: Final = Path(__file__).resolve().parent.parent
HEAD: Final = "# Changelog\n\nUnreleased changes are fragments in `changes/`; a release gathers them here.\n"
KINDS: Final = ("added", "changed", "deprecated", "removed", "fixed", "security")
"""The kinds of fragments, in the order of their sections (keepachangelog.com)."""
NAME: Final = re.compile(rf"[\w-]+\.({'|'.join(KINDS)})\.md")
VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


class FragmentError(ValueError):
    """What cannot be gathered, in words."""


def gather(fragments: dict[str, str], version: str, day: str) -> str:
    """Return the section of a release.

    Args:
        fragments: The texts of the fragments, by their files' names.
        version: The release.
        day: The day of the release, such as `2026-11-26`.

    Raises:
        FragmentError: There is none, one is of no known kind or empty, or the version is none.
    """
    if not VERSION.fullmatch(version):
        raise FragmentError(f"{version!r} is no version such as 0.2.0 or 0.2.0rc1")
    if not fragments:
        raise FragmentError("there is nothing in changes/ to gather")
    parts: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name, text in sorted(fragments.items()):
        found = NAME.fullmatch(name)
        if found is None:
            raise FragmentError(f"changes/{name} should be called <word>.<{'|'.join(KINDS)}>.md")
        words = " ".join(text.split())
        if not words:
            raise FragmentError(f"changes/{name} is empty")
        parts[found[1]].append(f"- {words}\n")
    sections = [f"### {kind.capitalize()}\n\n{''.join(lines)}" for kind, lines in parts.items() if lines]
    return "\n".join([f"## {version} ({day})\n", *sections])


def _whole(before: str, section: str, version: str) -> str:
    """Return the changelog with a section above the others."""
    if not before.startswith(HEAD):
        raise FragmentError("CHANGELOG.md does not begin as this program writes it")
    if f"\n## {version} (" in before:
        raise FragmentError(f"CHANGELOG.md has a section for {version} already")
    rest = before.removeprefix(HEAD).lstrip("\n")
    return f"{HEAD}\n{section}" + (f"\n{rest}" if rest else "")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Gather; return the exit code."""
    parser = argparse.ArgumentParser(description="Gather changes/ into CHANGELOG.md.")
    parser.add_argument("version")
    parser.add_argument("--date", default=dt.datetime.now(dt.UTC).date().isoformat())
    parser.add_argument("--draft", action="store_true", help="print the section, and change nothing")
    args = parser.parse_args(arguments)
    files = {path.name: path for path in sorted((root / "changes").iterdir()) if not path.name.startswith(".")}
    changelog = root / "CHANGELOG.md"
    try:
        section = gather(
            {name: path.read_text(encoding="utf-8") for name, path in files.items()}, args.version, args.date
        )
        whole = _whole(changelog.read_text(encoding="utf-8"), section, args.version)
    except FragmentError as error:
        sys.stderr.write(f"changelog: {error}\n")
        return 1
    if args.draft:
        sys.stdout.write(section)
        return 0
    draft = changelog.with_suffix(".new")
    draft.write_text(whole, encoding="utf-8")
    os.replace(draft, changelog)  # noqa: PTH105 - the whole file or the old one
    for path in files.values():
        path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
