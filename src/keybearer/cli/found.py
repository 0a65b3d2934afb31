"""Which configuration a command goes by: the one that is named, else the folder's own."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Final

from keybearer.cli.output import complain

if TYPE_CHECKING:
    from keybearer.config.files import ConfigFiles

__all__ = ["DEFAULT_CONFIG", "complain_once", "config_file"]

DEFAULT_CONFIG: Final = "config/llm.yaml"
_MISNAMED: Final = "config/llm.yml"
"""What it is called by mistake."""


def config_file(named: str | None, *, ask: bool = False) -> ConfigFiles | None:
    """Return the configuration: the one named on the command line or by `KEYBEARER_CONFIG`, else `config/llm.yaml` if it is there.

    One that was only found, as a relative `KEYBEARER_CONFIG` finds one in every folder, has to be trusted where it asks for more than
    any file may.

    Args:
        named: The value of `--config`.
        ask: Whether a person may be asked to trust it.

    Raises:
        ConfigError: It is not trusted, or cannot be read.
    """
    from keybearer.config.files import ConfigFiles

    variable = os.environ.get("KEYBEARER_CONFIG")
    if named or (variable and os.path.isabs(variable)):  # noqa: PTH117 - pathlib costs an import here
        return ConfigFiles(named or variable or "")
    found = variable or DEFAULT_CONFIG
    if variable or os.path.exists(found):  # noqa: PTH110 - as above
        files = ConfigFiles(found)
        _check(files, ask=ask)
        return files
    if os.path.exists(_MISNAMED):  # noqa: PTH110 - as above
        complain_once(f"keybearer: {_MISNAMED} is not read: call it {DEFAULT_CONFIG}, or name it with --config.")
    return None


@functools.cache
def complain_once(text: str) -> None:
    """Print a line on standard error, the first time: a command may ask for its configuration more than once."""
    complain(text)


def _check(files: ConfigFiles, *, ask: bool) -> None:
    from keybearer.cli.trusted import Trusted, check_trusted
    from keybearer.errors import ConfigError

    try:
        check_trusted(files)
    except ConfigError as error:
        if not ask or not error.key:
            raise
        complain(f"keybearer: {error.message}")
        print("Trust this file, as it is now? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin is None or sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise
        Trusted().add(files)
