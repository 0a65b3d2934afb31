"""Modules of the official SDK's insides that programs import names from, such as `anthropic.lib.streaming._types`.

None is a file here. `WHERE` lists them, each with the module that has its names; a name that it has not is looked for among all names
of `keybearer.compat` and of its types, since the SDK's modules also have what they import themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

__all__ = ["WHERE", "InsideModules", "install", "names_of"]

ROOT: Final = "keybearer.compat"

WHERE: Final[dict[str, str]] = {
    "_client": "client",
    "_constants": "limits",
    "_files": "files",
    "lib.aws": "unavailable",
    "lib.bedrock": "unavailable",
    "lib.foundry": "unavailable",
    "lib.google_cloud": "unavailable",
    "lib.streaming._beta_messages": "lib.streaming",
    "lib.streaming._beta_types": "lib.streaming",
    "lib.streaming._messages": "lib.streaming",
    "lib.streaming._types": "lib.streaming",
    "lib.vertex": "unavailable",
}
"""Module below `anthropic` to the module below `keybearer.compat` with its names."""


def names_of(module: str, where: str = "") -> Callable[[str], Any]:
    """Return the `__getattr__` of a module of the SDK's insides.

    Args:
        module: Its full name here.
        where: The module below `keybearer.compat` with its names; empty for one that has them itself.
    """

    def found(name: str) -> Any:
        if not name.startswith("__"):
            for place in filter(None, (where and f"{ROOT}.{where}", ROOT, f"{ROOT}.types")):
                try:
                    return getattr(import_module(place), name)
                except AttributeError:
                    pass
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return found


class InsideModules(MetaPathFinder, Loader):
    """Finds the modules in `WHERE`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module in `WHERE`."""
        del path, target
        inside = fullname.removeprefix(f"{ROOT}.")
        return ModuleSpec(fullname, self) if fullname.startswith(ROOT) and inside in WHERE else None

    def exec_module(self, module: ModuleType) -> None:
        """Give a module its names, each when it is asked for."""
        inside = module.__name__.removeprefix(f"{ROOT}.")
        module.__doc__ = f"The official SDK's {inside}."
        module.__dict__["__getattr__"] = names_of(module.__name__, WHERE[inside])


def install() -> None:
    """Look for these modules too, after every other place."""
    if not any(isinstance(each, InsideModules) for each in sys.meta_path):
        sys.meta_path.append(InsideModules())
