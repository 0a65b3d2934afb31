"""The tools that a user names: Python functions by their import path, and the service's own.

Contract: code is loaded only from what was named. The folder of the command is searched last, so that no file in it stands in for a
module of Python or of an installed package.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize
from keybearer.tools.tool import Tool, tool

__all__ = ["SERVER_TOOLS", "load_tools", "python_tools", "tool_name"]

SERVER_TOOLS: Final = {
    "web_search": "web_search_20260318",
    "web_fetch": "web_fetch_20260318",
    "code_execution": "code_execution_20260521",
}
"""The service's tools and their newest types. Source: the `anthropic` 2.14.0 wheel, `types/web_search_tool_*_param.py` and so on."""


def load_tools(words: Iterable[str], folder: str = "") -> list[Tool[..., Any] | dict[str, Any]]:
    """Return the tools that `--tools` names.

    Args:
        words: `MODULE:NAME`, `FILE.py:NAME`, either without a name for all its `@tool`s, or one of the service's; commas between them.
        folder: What a file's path is relative to; the working folder when empty.

    Raises:
        UsageError: There is no such tool.
    """
    found: list[Tool[..., Any] | dict[str, Any]] = []
    for word in (part.strip() for words_ in words for part in words_.split(",")):
        if kind := SERVER_TOOLS.get(word):
            found.append({"type": kind, "name": word})
        elif word:
            found += python_tools(word, folder)
    return found


def python_tools(path: str, folder: str = "") -> list[Tool[..., Any]]:
    """Return the tools of an import path.

    Args:
        path: `MODULE:NAME` or `FILE.py:NAME`; without a name all the `@tool`s there.
        folder: What a file's path is relative to, and where modules are searched last; the working folder when empty.

    Raises:
        UsageError: There is no such module or tool, or it cannot be loaded.
    """
    place, _, name = path.rpartition(":") if ":" in path[2:] else (path, "", "")
    module = _loaded(place, folder or os.getcwd())  # noqa: PTH109 - a text is due
    if not name:
        if found := [each for each in vars(module).values() if isinstance(each, Tool)]:
            return found
        raise UsageError(f"{sanitize(place, 200)} has no @tool.", hint=f"Name a function: {sanitize(place, 200)}:NAME.")
    value = getattr(module, name, None)
    if isinstance(value, Tool):
        return [value]
    if callable(value):
        return [tool(value)]
    known = [each for each, held in vars(module).items() if not each.startswith("_") and callable(held)]
    what = f"`{sanitize(name, 80)}` in {sanitize(place, 200)}"
    if value is not None:
        raise UsageError(f"{what} is no function.")
    raise UsageError(f"There is no {what}.{did_you_mean(name, known)}")


def _loaded(place: str, folder: str) -> ModuleType:
    shown = sanitize(place, 200)
    try:
        if place.endswith(".py"):
            return _from_file(os.path.join(folder, os.path.expanduser(place)))  # noqa: PTH111, PTH118 - any text
        if not place.isprintable() or place.startswith("."):
            raise UsageError(f"{shown} is no module's name.", hint="A tool is MODULE:NAME or FILE.py:NAME.")
        if folder not in sys.path:
            sys.path.append(folder)
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name and (error.name == place or place.startswith(f"{error.name}.")):
            near = did_you_mean(place, SERVER_TOOLS)
            raise UsageError(
                f"There is no module {shown}.{near}", hint="A tool is MODULE:NAME or FILE.py:NAME."
            ) from None
        raise UsageError(f"{shown} cannot be loaded: {sanitize(str(error), 200)}.") from None
    except (ImportError, SyntaxError, OSError, ValueError) as error:
        raise UsageError(f"{shown} cannot be loaded: {sanitize(str(error), 200)}.") from None


def _from_file(path: str) -> ModuleType:
    name = f"keybearer_tools_{os.path.basename(path)[:-3]}"  # noqa: PTH119 - a text is due
    if not os.path.isfile(path):  # noqa: PTH113 - any text
        raise FileNotFoundError(2, "there is no such file")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101 - its name ends in .py
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations are looked up there
    spec.loader.exec_module(module)
    return module


def tool_name(given: Any) -> str:
    """Return the name of a tool: of ours, or of the service's."""
    return str(given["name"] if isinstance(given, dict) else given.name)
