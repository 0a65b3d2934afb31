"""The tools that a user names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from keybearer.cli.tooling import load_tools
from keybearer.errors import UsageError
from keybearer.tools.tool import Tool

SOURCE = '''
from __future__ import annotations
from keybearer import tool

number = 3

@tool(read_only=True)
def weather(city: str) -> str:
    """The weather in a city."""
    return f"Snow in {city}."

def plain(text: str) -> str:
    """Something."""
    return text
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a file of tools."""
    (tmp_path / "my_weather_tools.py").write_text(SOURCE)
    (tmp_path / "broken.py").write_text("def (:")
    (tmp_path / "needs.py").write_text("import no_such_package_at_all")
    (tmp_path / "json.py").write_text("raise SystemExit('a file of the folder stood in for a module of Python')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def names(*words: str) -> list[str]:
    """Return the names of the tools that words name."""
    return [each.name if isinstance(each, Tool) else each["name"] for each in load_tools(words)]


@pytest.mark.usefixtures("folder")
def test_tools_by_their_import_path() -> None:
    """A file or a module, a function or all its tools, and the service's own; commas stand between them."""
    assert names("my_weather_tools.py") == ["weather"]
    assert names("my_weather_tools.py:plain, web_search") == ["plain", "web_search"]
    assert names("my_weather_tools:weather", "code_execution") == ["weather", "code_execution"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("my_weather_tools.py:wether", "There is no `wether` in my_weather_tools.py. Did you mean weather?"),
        ("my_weather_tools.py:number", "`number` in my_weather_tools.py is no function."),
        ("needs.py", "needs.py cannot be loaded: No module named 'no_such_package_at_all'"),
        ("broken.py", "broken.py cannot be loaded: invalid syntax"),
        ("none.py:x", "none.py cannot be loaded"),
        ("web_serch", "There is no module web_serch. Did you mean web_search?"),
        ("json:dumps", "The parameter `obj` of dumps has no type."),
        ("..", "is no module's name"),
        ("textwrap", "textwrap has no @tool. Name a function: textwrap:NAME."),
    ],
)
def test_what_is_no_tool_is_named(word: str, says: str) -> None:
    """With what is near."""
    with pytest.raises(UsageError) as caught:
        load_tools([word])
    assert says in str(caught.value)
