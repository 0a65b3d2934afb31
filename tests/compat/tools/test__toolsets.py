"""The names of toolsets: all of the wheel's, which can be imported and subclassed, and raise when they are made."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.tools.tool import ToolError


@pytest.mark.parametrize("module", ["tools", "tools.browser", "tools.computer", "tools.memory"])
def test_each_name_of_the_wheel_is_there(module: str) -> None:
    """What raises and what is raised are distinct."""
    theirs, ours = (importlib.import_module(f"{root}.{module}") for root in ("anthropic", "keybearer.compat"))
    names = [
        name
        for name, value in vars(theirs).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    ]
    assert len(names) >= 4
    for name in names:
        value = getattr(theirs, name)
        is_error = inspect.isclass(value) and issubclass(value, Exception)
        found: Any = getattr(ours, name)
        assert (inspect.isclass(found) and issubclass(found, ToolError)) == is_error, name
        assert getattr(ours, name) is found


def test_a_toolset_can_be_subclassed_and_raises_when_it_is_made() -> None:
    """In words that say what to keep."""
    browser: Any = importlib.import_module("keybearer.compat.tools.browser")
    mine: Any = type("Mine", (browser.BetaAbstractBrowserToolset20260801,), {})
    with pytest.raises(UsageError, match="has no Mine: it runs no toolset of the service"):
        mine()
    with pytest.raises(AttributeError, match="Did you mean BetaURLPolicy"):
        _ = browser.BetaURLPolic
