"""`keybearer lint --fix`: each mend makes the request one that the service takes, and changes nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from keybearer import lint
from keybearer.cli.lint_fixes import fixed
from keybearer.wire.request.headers import API_VERSION
from support.command import keybearer

USER: dict[str, Any] = {"role": "user", "content": "hi"}
BODY: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 2000, "messages": [USER]}
MARK = {"cache_control": {"type": "ephemeral"}}


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **more}


def turns(*content: Any) -> list[dict[str, Any]]:
    """Return turns, the user's first."""
    return [{"role": ("user", "assistant")[n % 2], "content": each} for n, each in enumerate(content)]


CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"temperature": 1, "top_p": 0.5}, {}),
    ({"stop_sequences": [" ", "END"]}, {"stop_sequences": ["END"]}),
    ({"stop_sequences": ["\n"]}, {}),
    ({"thinking": {"type": "enabled", "budget_tokens": 10}}, {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 9000}},
        {"thinking": {"type": "enabled", "budget_tokens": 1999}},
    ),
    ({"messages": turns("hi", "so ")}, {"messages": turns("hi", "so")}),
    ({"messages": turns([text("a"), text("")])}, {"messages": turns([text("a")])}),
    ({"messages": turns([text("a", citations=[{"x": 1}])])}, {"messages": turns([text("a")])}),
    (
        {
            "messages": turns(*([text("a", **MARK)] if n % 2 == 0 else "b" for n in range(5))),
            "system": [text("s", **MARK), text("t", **MARK)],
        },
        {"messages": turns([text("a")], "b", [text("a", **MARK)], "b", [text("a", **MARK)])},
    ),
]


@pytest.mark.parametrize(("mistake", "mended"), CASES, ids=range(len(CASES)))
def test_a_mend(mistake: dict[str, Any], mended: dict[str, Any]) -> None:
    """The problem is gone, what was given is untouched, the change is said, and mending again changes nothing."""
    body = BODY | mistake
    before = copy.deepcopy(body)
    assert any(problem.sure for problem in lint(body))
    new, changes = fixed(body, API_VERSION)
    assert body == before
    assert (
        new == {name: value for name, value in body.items() if name not in mistake or name == "system"} | BODY | mended
    )
    assert changes
    assert [problem for problem in lint(new) if problem.sure] == []
    assert fixed(new, API_VERSION) == (new, [])


def test_a_call_without_a_result_and_a_missing_limit() -> None:
    """The history is mended as `repair` does."""
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    body = {"model": "claude-haiku-4-5", "tools": tools, "messages": turns("hi", [call], "go on")}
    new, changes = fixed(body, API_VERSION)
    assert [change.where for change in changes] == ["max_tokens", "messages[1].content[0]"]
    assert new["messages"][2]["content"][0]["tool_use_id"] == "t1"
    assert [problem for problem in lint(new) if problem.sure] == []


@pytest.mark.parametrize(
    "body", [BODY, BODY | {"messages": 5}, BODY | {"messages": [], "stop_sequences": 3, "thinking": []}]
)
def test_what_has_no_mend_is_left(body: dict[str, Any]) -> None:
    """A good request stays, and so does one that only a person can mend."""
    assert fixed(body, API_VERSION) == (body, [])


def test_the_old_version_keeps_its_parameters() -> None:
    """What it takes is no mistake."""
    body = BODY | {"temperature": 0.5}
    assert fixed(body, "2023-06-01") == (body, [])


def test_the_command_mends_the_file(tmp_path: Path) -> None:
    """It is written with its own indentation and mode, each change is said, and what is left is the answer with its code."""
    file = tmp_path / "r.json"
    file.write_text(json.dumps(BODY | {"top_k": 3, "tool_choice": {"type": "tool", "name": "x"}}, indent=4))
    file.chmod(0o640)
    done = keybearer("lint", str(file), "--fix")
    assert done.returncode == 3
    assert f"{file}: top_k: " in done.stderr
    assert "tool_choice" in done.stdout
    assert file.read_text().startswith('{\n    "model"')
    assert "top_k" not in json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o640
    good = tmp_path / "good.json"
    good.write_text(json.dumps(BODY, indent=1))
    before = good.stat()
    assert keybearer("lint", str(good), "--fix").returncode == 0
    assert good.stat() == before


def test_standard_input_is_printed_mended() -> None:
    """The request is the answer then, and all else is on standard error."""
    done = keybearer("lint", "-", "--fix", text=json.dumps(BODY | {"top_k": 3}))
    assert (done.returncode, json.loads(done.stdout)) == (0, BODY)
    assert "top_k" in done.stderr
