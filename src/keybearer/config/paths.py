"""Paths in `llm.yaml` and in variables: the home, `~`, and texts that cannot be a path.

Strategy: a mistake is a `ValueError` in words, and the caller adds where it stands.

Contract: a home is an absolute path or None. A variable with anything else (`~`, nothing, a relative path) gives None, because a guess
could find another account. Only if the variable is not set at all is the system's list of users read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["absolute", "expanded", "user_home"]


def user_home(environ: Mapping[str, str]) -> Path | None:
    """Return the user's home; None where there is none, as in a container whose user is in no list.

    Args:
        environ: The environment.
    """
    name = "USERPROFILE" if sys.platform == "win32" else "HOME"
    if (text := environ.get(name)) is not None:
        return absolute(text)
    return _listed(None)


def absolute(text: str | None) -> Path | None:
    """Return a variable's value as a path; None when it is not set, empty, relative, or no path (XDG Base Directory, 0.8)."""
    if not text or _impossible(text) or not Path(text).is_absolute():
        return None
    return Path(text)


def expanded(text: str, home: Path | None) -> Path:
    """Return a path with its `~` or `~user` replaced.

    Args:
        text: The path.
        home: The user's home, for `~`; None for a user who has none.

    Raises:
        ValueError: It can be no path, or there is no such home; in words.
    """
    if problem := _impossible(text):
        raise ValueError(problem)
    if not text.startswith("~"):
        return Path(text)
    first, *rest = Path(text).parts
    if first == "~":
        problem = "it begins with ~, and there is no home: set HOME to an absolute path"
    else:
        home, problem = _listed(first[1:]), f"it begins with {first}, and the system knows no such user"
    if home is None:
        raise ValueError(problem)
    return home.joinpath(*rest)


def _impossible(text: str) -> str:
    """Return why a text can be no path, in words."""
    if "\0" in text:
        return "it has a NUL in it, which no path has"
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return "it has half of a character in it, which no path has"
    return ""


def _listed(name: str | None) -> Path | None:
    """Return the home of a user, or of this one, as the system's list has it."""
    try:
        import pwd

        entry = pwd.getpwuid(os.getuid()) if name is None else pwd.getpwnam(name)
    except (ImportError, KeyError, ValueError):
        return None  # there is no such list (Windows), or no such user in it
    return absolute(entry.pw_dir)
