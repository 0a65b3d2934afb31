"""Which configuration a command goes by: the one that is named, else the folder's own."""

from __future__ import annotations

import os
from typing import Final

from keybearer.cli.output import complain

__all__ = ["DEFAULT_CONFIG", "config_file"]

DEFAULT_CONFIG: Final = "config/llm.yaml"
_MISNAMED: Final = "config/llm.yml"
"""What it is called by mistake."""


def config_file(named: str | None) -> str | None:
    """Return the configuration's path: the one named on the command line, `KEYBEARER_CONFIG`, or `config/llm.yaml` if it is there.

    Args:
        named: The value of `--config`.
    """
    path = named or os.environ.get("KEYBEARER_CONFIG")
    if path:
        return path
    if os.path.exists(DEFAULT_CONFIG):  # noqa: PTH110 - pathlib costs an import here
        return DEFAULT_CONFIG
    if os.path.exists(_MISNAMED):  # noqa: PTH110 - as above
        complain(f"keybearer: {_MISNAMED} is not read: call it {DEFAULT_CONFIG}, or name it with --config.")
    return None
