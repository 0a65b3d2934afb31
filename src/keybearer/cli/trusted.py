"""The configurations that the user has trusted, each as it was then.

Strategy: as in direnv. The user's own folder keeps the path of each trusted `llm.yaml` and one digest of it and of every file that it
reads. After any change it is no longer trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

from keybearer.config.files import ConfigFiles
from keybearer.config.keys import unknown_error
from keybearer.config.paths import user_home
from keybearer.config.untrusted import Demand, demands, digest
from keybearer.credentials.folders import own_folder
from keybearer.credentials.stores.private_files import private_folder, private_opener
from keybearer.errors import ConfigError, CredentialError
from keybearer.errors.sanitize import sanitize

__all__ = ["Trusted", "check_keys", "check_trusted", "listed"]

MOST: Final = 8
"""How many of a file's demands are named."""


class Trusted:
    """The list of what is trusted; for a user without a home, an empty one that cannot be written.

    Attributes:
        hint: How to allow a configuration, as a sentence; the place is `{}`.
    """

    hint = "Look at it; then allow it with `keybearer config trust`, or name it once with --config {}."

    def __init__(self) -> None:
        self._file: Path | None = None
        try:
            self._file = own_folder(os.environ, user_home(os.environ)) / "trusted.json"
        except CredentialError:
            self.hint = "Look at it; then name it with --config {}: without a home, nothing can be kept as trusted."

    def holds(self, files: ConfigFiles) -> bool:
        """Return whether a configuration is trusted as it is now."""
        return self._read().get(_name(files)) == digest(files, os.environ)

    def knows(self, files: ConfigFiles) -> bool:
        """Return whether it was trusted once, as it was then."""
        return _name(files) in self._read()

    def add(self, files: ConfigFiles) -> None:
        """Trust a configuration as it is now.

        Raises:
            OSError: The list cannot be written.
            ConfigError: There is no place for it.
        """
        self._write(self._read() | {_name(files): digest(files, os.environ)})

    def remove(self, files: ConfigFiles) -> bool:
        """Trust it no longer; return whether it was.

        Raises:
            OSError: The list cannot be written.
        """
        held = self._read()
        if held.pop(_name(files), None) is None:
            return False
        self._write(held)
        return True

    def _read(self) -> dict[str, str]:
        if self._file is None:
            return {}
        try:
            held = json.loads(self._file.read_text(encoding="utf-8"))["trusted"]
            return {str(name): str(value) for name, value in held.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}  # nothing is trusted by a list that cannot be read

    def _write(self, held: dict[str, str]) -> None:
        if self._file is None:
            raise ConfigError(
                "There is no place for the list of what is trusted: this user has no home.",
                hint="Set HOME to an absolute path; or name the file with --config, which needs no trust.",
            )
        private_folder(self._file.parent)
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        try:
            with open(draft, "w", encoding="utf-8", opener=private_opener) as file:
                json.dump({"version": 1, "trusted": held}, file, indent=2)
            draft.replace(self._file)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise


def _name(files: ConfigFiles) -> str:
    """Return a file's name for the list: where it is, whatever the links that led there."""
    path = Path(files)
    return str(Path(os.path.realpath(path.parent)) / path.name)


def listed(asked: list[Demand]) -> str:
    """Return what a configuration asks for, in words."""
    words = [f"{sanitize(each.key, 80)} (line {each.line})" for each in asked[:MOST]]
    more = f" and {len(asked) - MOST} more" if len(asked) > MOST else ""
    return ", ".join(words) + more


def check_keys(asked: list[Demand]) -> None:
    """Refuse a configuration with a key that there is not: that is a mistake, which trust would not mend.

    Raises:
        ConfigError: It has one.
    """
    for each in asked:
        if each.unknown is not None:
            raise unknown_error(each.file, each.line, each.unknown)


def check_trusted(files: ConfigFiles) -> None:
    """Refuse a configuration that was merely found, and asks for what only a trusted one may have.

    Raises:
        ConfigError: It does, and is not trusted; the message says what it asks for, and the command that allows it.
    """
    asked = demands(files, os.environ)
    if not asked:
        return
    trusted = Trusted()
    if trusted.holds(files):
        return
    check_keys(asked)
    lately = "has changed since you trusted it" if trusted.knows(files) else "was found here, not named by you"
    raise ConfigError(
        f"{files} {lately}, and asks for what decides where credentials go: {listed(asked)}. Nothing was read for it or sent.",
        file=asked[0].file,
        line=asked[0].line,
        key=asked[0].key,
        hint=trusted.hint.format(files),
    )
