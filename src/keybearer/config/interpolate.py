"""`${VAR}`, `${VAR:-default}`, `${file:path}` and `$$` in a scalar.

Strategy: it works on a scalar that YAML has already parsed, so a value can never inject structure.

Contract: `${VAR}` must be set; `${VAR:-default}` takes the default when VAR is unset or empty, as a shell does; `${file:path}` is the
file's text without a byte order mark and without line ends at its end; `$$` is a dollar; any other dollar stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from keybearer.config.files import ConfigFiles
from keybearer.config.paths import expanded, user_home

__all__ = ["interpolate"]

_PATTERN: Final = re.compile(r"\$(?:(\$)|\{([^}]*)\}|(\{))")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_FILE: Final = 1 << 20


def interpolate(text: str, environ: Mapping[str, str], folder: Path, files: ConfigFiles) -> str:
    """Return the text with everything in it replaced.

    Args:
        text: The scalar.
        environ: The environment.
        folder: Relative file paths are against it.
        files: What files are read through.

    Raises:
        ValueError: In words, without any value: a variable is not set, a file cannot be read, a `${` has no `}`.
    """

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        if match[3]:
            raise ValueError("a ${ has no }; write $$ for a dollar")
        return _one(match[2], environ, folder, files)

    return _PATTERN.sub(replace, text)


def _one(body: str, environ: Mapping[str, str], folder: Path, files: ConfigFiles) -> str:
    if body.startswith("file:"):
        return _file(body.removeprefix("file:").strip(), folder, files)
    name, has_default, default = body.partition(":-")
    if not _NAME.fullmatch(name):
        raise ValueError(f"${{{name}}} is not a variable's name, nor ${{file:...}}")
    value = environ.get(name)
    if has_default:
        return value or default
    if value is None:
        raise ValueError(f"the environment has no {name}; set it, or write ${{{name}:-default}}")
    return value


def _file(text: str, folder: Path, files: ConfigFiles) -> str:
    try:
        path = folder / expanded(text, user_home(os.environ))
    except ValueError as error:
        raise ValueError(f"${{file:}}: {error}") from None
    try:
        data = files.read(path, MAX_FILE)
        if len(data) > MAX_FILE:
            raise ValueError(f"the file {path} is larger than {MAX_FILE >> 20} MiB")
        return data.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\r\n")
    except OSError as error:
        problem = f"the file {path} cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        problem = f"the file {path} is not UTF-8 text"
    raise ValueError(problem)
