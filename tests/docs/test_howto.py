"""The tutorial and the how-to pages, done as a reader would: files are written under their names, and run."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import keybearer
from keybearer import Client, errors
from keybearer.simulator import Simulator
from website.llms import llms_txt

DOCS = Path(__file__).parents[2] / "docs"
FILE = re.compile(r"`(\w+\.py)`[^\n`]*:\n\n```python\n(.*?)```", re.DOTALL)
TUTORIAL = dict(FILE.findall((DOCS / "tutorial.md").read_text("utf-8")))


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Any]]:
    """Write a file into the reader's folder, and import it; all of them are forgotten at the end."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)

    def write(name: str, text: str) -> Any:
        (tmp_path / name).write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(name.removesuffix(".py"))

    yield write
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_tutorial_works(
    imported: Callable[[str, str], Any], claude_env: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file runs, and each test of the suite that it ends with passes, in the order of the page."""
    assert list(TUTORIAL) == ["first.py", "shop.py", "agent.py", "test_agent.py"]
    imported("first.py", TUTORIAL["first.py"])
    assert "tokens in" in capsys.readouterr().out
    imported("shop.py", TUTORIAL["shop.py"])
    imported("agent.py", TUTORIAL["agent.py"])
    exec(compile(TUTORIAL["agent.py"], "agent.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page
    printed = capsys.readouterr().out
    assert "ended: end_turn" in printed
    assert "find_order {'number': 'A17'} ->" in printed
    tests = run_tests(imported("test_agent.py", TUTORIAL["test_agent.py"]), claude_env)
    assert tests == 4


def run_tests(module: Any, sim: Simulator) -> int:
    """Call each test of a module with a simulator as new; return how many there were."""
    tests = [each for name, each in vars(module).items() if name.startswith("test_")]
    for test in tests:
        sim.reset()
        wanted = inspect.signature(test).parameters
        for fault in (
            [None]
            if "fault" not in wanted
            else next(mark.args[1] for mark in test.pytestmark if mark.args[0] == "fault")
        ):
            test(**{"claude_env": sim} | ({"fault": fault} if fault else {}))
            sim.reset()
    return len(tests)


def test_the_tests_of_the_page_on_testing_pass(imported: Callable[[str, str], Any], claude_env: Simulator) -> None:
    """Each test of its first program passes, with every fault."""
    program = re.findall(r"```py\n(.*?)```", (DOCS / "testing.md").read_text("utf-8"), re.DOTALL)[0]
    assert run_tests(imported("test_page.py", program), claude_env) == 3


def test_the_tests_of_an_agent_pass(
    imported: Callable[[str, str], Any], claude_env: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test of the page's agent passes, whose tool is another one while they run."""
    page = (DOCS / "testing.md").read_text("utf-8").replace("```py\n", "```python\n")
    programs = dict(FILE.findall(page))
    weather = imported("weather.py", programs["weather.py"])
    with pytest.raises(AttributeError):
        monkeypatch.setattr(weather.get_weather, "function", print)  # as the page says, a tool's function stays
    tests = imported("test_weather.py", programs["test_weather.py"])
    inspect.unwrap(tests.other_weather)(monkeypatch)
    assert run_tests(tests, claude_env) == 4


def test_an_error_s_text_is_not_the_sdk_s(claude_env: Simulator) -> None:
    """It begins as docs/moving.md says."""
    text = re.findall(r'the text is another: "([^"]+)\.\.\."', (DOCS / "moving.md").read_text("utf-8"))[0]
    claude_env.fail("404")
    with Client() as client, pytest.raises(errors.NotFound) as caught:
        client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": "Hello"}])
    assert str(caught.value).startswith(text)
    assert caught.value.message.startswith(text)


@pytest.mark.parametrize("page", ["jupyter.md", "workers.md", "keys.md"])
def test_the_programs_of_the_how_to_pages_run(
    page: str,
    claude_env: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What needs no other library runs as it stands, and has an answer to print."""
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(program, page, "exec"), space)  # noqa: S102 - our own page
    assert capsys.readouterr().out.strip()
    assert claude_env.requests or page == "keys.md"  # which has a simulator of its own
    if page != "keys.md":
        (space["client"]() if page == "workers.md" else space["client"]).close()


SKILL = Path(keybearer.__file__).parent / "skill" / "SKILL.md"
SHOWN = [
    (page.name, program)
    for page in (SKILL, DOCS / "streaming.md")
    for program in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
]


@pytest.mark.parametrize(("page", "program"), SHOWN, ids=[page for page, _ in SHOWN])
def test_the_programs_of_the_skill_run(page: str, program: str, claude_env: Simulator) -> None:
    """What Claude Code is taught works as it stands; the page on streams sees its own simulator cut one."""
    exec(compile(program, page, "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page
    assert claude_env.requests or page == "streaming.md"
    assert claude_env.verdict == []


def test_the_tests_of_the_skill_pass(imported: Callable[[str, str], Any], claude_env: Simulator) -> None:
    """Each test that it teaches passes."""
    (program,) = re.findall(r"```py\n(.*?)```", SKILL.read_text("utf-8"), re.DOTALL)
    assert run_tests(imported("test_skill.py", program), claude_env) == 3


def test_the_skill_is_one() -> None:
    """It begins with its name and what it is for, and every name of keybearer in it is public."""
    text = SKILL.read_text("utf-8")
    head = yaml.safe_load(text.split("---")[1])
    assert head["name"] == "keybearer"
    assert 40 < len(head["description"]) < 1024
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", text.partition("## Rules")[2]))
    classes = {name for name in named if name in errors.__all__ or name in keybearer.__all__}
    assert classes >= {"AsyncClient", "SpendLimit", "StreamTruncated", "PromptTooLong"}
    assert named - classes <= {"TypedDicts"}


def test_the_text_for_models_lists_the_pages() -> None:
    """A title, a summary, and the sections with their links, without the navigation's own marks."""
    index = "# T\n\nWhat it is.\nMore.\n\n## How\n\n- [a.md](a.md): x\n\n```{toctree}\n:hidden:\n\na\n```\n"
    assert llms_txt(index) == "# T\n\n> What it is.\n\nMore.\n\n## How\n\n- [a.md](a.md): x\n"
