"""`keybearer lint`: the places of a request's mistakes, and an exit code that says whether it would be refused."""

from __future__ import annotations

import json

import pytest

from support.command import keybearer

GOOD = '{"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}'


@pytest.mark.parametrize(
    ("text", "flags", "code", "says"),
    [
        (GOOD, (), 0, ""),
        (GOOD.replace("hi", ""), (), 3, "-: messages[0]: it has no content."),
        (GOOD[:-1] + ', "temperature": 3}', (), 3, "-: temperature: anthropic-version"),
        (GOOD[:-1] + ', "temperature": 1}', ("--api-version", "2023-06-01"), 0, ""),
        ("{}", (), 3, "-: model: it is missing."),
        ('{"model": "a\\u001b[2J", "messages": 5}', (), 3, "-: messages: there is none."),
        ("{", (), 2, "Standard input:1:2: it is not JSON"),
        ("[]", (), 2, "it is not a JSON object"),
        ("[" * 100_000, (), 2, "nested too deeply"),
    ],
)
def test_problems_have_their_places(text: str, flags: tuple[str, ...], code: int, says: str) -> None:
    """A problem is `file: place: what. fix` on standard output; a file that is no request is wrong usage."""
    done = keybearer("lint", "-", *flags, text=text)
    assert done.returncode == code, done.stderr
    assert says in (done.stderr if code == 2 else done.stdout)
    assert bool(done.stdout) is (code == 3)
    assert "\x1b" not in done.stdout + done.stderr


def test_problems_as_json() -> None:
    """For a program each problem has its fields."""
    done = keybearer("lint", "-", "--json", text=GOOD.replace("hi", ""))
    (problem,) = json.loads(done.stdout)
    assert (done.returncode, problem["where"], problem["sure"]) == (3, "messages[0]", True)
    assert keybearer("lint", "-", "--json", text=GOOD).stdout == "[]\n"
    assert keybearer("lint", "gone.json").returncode == 1


def test_the_cost_is_said_to_whoever_asks() -> None:
    """`--cost` adds the estimate, and changes neither the problems nor the exit code."""
    done = keybearer("lint", "-", "--cost", text=GOOD.replace("hi", "abc"))
    assert (done.returncode, done.stdout) == (0, "-: about 9 tokens in, at most 9 out: from $0.000009 to $0.000054.\n")
    wrong = keybearer("lint", "-", "--cost", "--json", text='{"model": "a\\u001b[2J", "messages": 5}')
    assert (wrong.returncode, json.loads(wrong.stdout)["estimate"]) == (3, None)
    unknown = keybearer("lint", "-", "--cost", text=GOOD.replace("claude-haiku-4-5", "a\\u001b[2J"))
    assert "there is no price of this model" in unknown.stdout
    assert "\x1b" not in unknown.stdout
