"""Finds a chaos profile: one that ships with the package by its name, another by its file."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keybearer.simulator.control.wrong import ScriptError

if TYPE_CHECKING:
    from keybearer.simulator.chaos.profile import ChaosProfile

__all__ = ["load_profile", "profile_names"]

SHIPPED: Final = Path(__file__).parent / "profiles"


def profile_names() -> list[str]:
    """Return the names of the profiles that ship with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_profile(name: str | Path) -> ChaosProfile:
    """Read a profile.

    Args:
        name: The name of a shipped one, or a YAML file; `./calm` is a file.

    Returns:
        The profile.

    Raises:
        ValueError: There is none, or it is wrong; the message has its file, line and the nearest name.
    """
    # Slow to load, as YAML is, and most runs have no profile.
    from keybearer.simulator.chaos.profile import make_profile
    from keybearer.simulator.control.yaml_file import line_of, read_yaml

    path = SHIPPED / f"{name}.yaml" if str(name) in profile_names() else Path(name)
    if not path.exists():
        near = difflib.get_close_matches(str(name), profile_names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the package has {', '.join(profile_names())}"
        raise ValueError(f"no chaos profile, and no file, is called {str(name)!r}; {hint}")
    value, root = read_yaml(path, "a chaos profile")
    try:
        return make_profile(value, path.stem)
    except ScriptError as error:
        raise ValueError(f"{path}: line {line_of(root, error.path)}: {error}") from error
    except RecursionError as error:
        raise ValueError(f"{path}: it contains itself") from error
