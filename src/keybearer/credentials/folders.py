"""The folders of credentials: those that variables name, and those in the home.

Contract: a folder is an absolute path. If another program's variable holds anything else, that is an error with its name, because
another folder could belong to another account. `XDG_CONFIG_HOME` and `APPDATA` are ignored then, as their specifications say. For a
user without a home, everything in the home is absent (`no_home`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from keybearer.config.paths import absolute, expanded
from keybearer.errors import CredentialError
from keybearer.errors.sanitize import sanitize

__all__ = ["configured_folder", "home_folder", "own_folder", "roaming"]


def own_folder(environ: Mapping[str, str], home: Path | None, platform: str = sys.platform) -> Path:
    """Return keybearer's own folder in the user's configuration.

    Raises:
        CredentialError: There is no home, and no variable that names another place.
    """
    if platform == "win32":
        return roaming(environ, home, "keybearer's own files") / "keybearer"
    base = absolute(environ.get("XDG_CONFIG_HOME"))
    return (base or home_folder(home, "keybearer's own files") / ".config") / "keybearer"


def roaming(environ: Mapping[str, str], home: Path | None, what: str) -> Path:
    """Return the folder of a Windows user's configuration.

    Raises:
        CredentialError: There is no home, and no variable that names another place.
    """
    return absolute(environ.get("APPDATA")) or home_folder(home, what) / "AppData" / "Roaming"


def home_folder(home: Path | None, what: str) -> Path:
    """Return the home.

    Raises:
        CredentialError: There is none.
    """
    if home is None:
        raise CredentialError(
            f"There is no place for {what}: this user has no home.",
            source=what,
            problem="no_home",
            hint="Set HOME to an absolute path, or name the file in llm.yaml, or use an API key.",
        )
    return home


def configured_folder(variable: str, environ: Mapping[str, str], home: Path | None, what: str) -> Path | None:
    """Return the folder that a variable names; None when it is not set, or empty.

    Raises:
        CredentialError: It is no absolute path.
    """
    text = environ.get(variable)
    if not text:
        return None
    try:
        path, problem = expanded(text, home), "it is no absolute path"
    except ValueError as error:
        path, problem = Path(), str(error)
    if path.is_absolute():
        return path
    raise CredentialError(
        f"{variable}, the folder of {what}, is '{sanitize(text, 100)}': {problem}.",
        source=variable,
        problem="bad_path",
        hint=f"Set {variable} to an absolute path, or unset it.",
    )
