"""The modules of the official SDK's types, such as `types.message_create_params`, made when they are imported.

The SDK has 2,800 of them, a type a module. `names.json` lists them; none is a file here, except those that a type checker is to find.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

__all__ = ["install", "lazily"]

ROOT: Final = "keybearer.compat."


class TypeModules(MetaPathFinder, Loader):
    """Finds the modules of types that are no files."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that the SDK has below `types`."""
        del path, target
        if not fullname.startswith(ROOT + "types."):
            return None
        from keybearer.compat.types.lookup import names

        modules = names().modules
        dotted = fullname.removeprefix(ROOT)
        package, _, module = dotted.rpartition(".")
        if dotted not in modules and module not in modules.get(package, ()):
            return None
        return ModuleSpec(fullname, self, is_package=dotted in modules)

    def exec_module(self, module: ModuleType) -> None:
        """Give a module its names, each when it is asked for."""
        module.__doc__ = f"The official SDK's {module.__name__.removeprefix(ROOT)}."
        module.__dict__["__getattr__"] = lazily(module.__dict__)


def lazily(module: dict[str, Any]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module of types: each name is looked up when it is first asked for.

    Args:
        module: What the module holds.
    """

    def found(name: str) -> Any:
        from keybearer.compat.types.lookup import named, names

        dotted = module["__name__"]
        if name == "__all__":
            return names().exports.get(dotted.removeprefix(ROOT), [])
        below = f"{dotted.removeprefix(ROOT)}.{name}"
        if below in names().modules or name in names().modules.get(dotted.removeprefix(ROOT), ()):
            return import_module(ROOT + below)
        value = module[name] = named(name, dotted)
        return value

    return found


def install() -> None:
    """Look for modules of types here too, after every other place."""
    if not any(isinstance(each, TypeModules) for each in sys.meta_path):
        sys.meta_path.append(TypeModules())
