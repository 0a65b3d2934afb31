"""Replies in fields, for programs that read values from text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine import answer

SCHEMA = '{"type": "array", "items": {"type": "string"}, "minItems": 2}'
REACT = """Your goal is to use one or more of the supplied tools to collect any necessary information.

        (1) get_weather, whose description is <desc>Get the weather.</desc>. It takes arguments {'city': {'type': 'string'}}.
        (2) finish, whose description is <desc>Marks the task as complete.</desc>. It takes arguments {}.
"""


def reply(system: str, message: str) -> str:
    """Ask once."""
    messages = [{"role": "user", "content": message}]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 1000, "system": system, "messages": messages}
    return "".join(block["text"] for block in answer(body, Ids(0)).content)


def fields(inputs: dict[str, str], outputs: dict[str, str], *, system: str = "") -> dict[str, str]:
    """Ask for output fields, each with the note of its type, in dspy's markers; read the reply as dspy does."""
    noted = "\n\n".join(
        f"[[ ## {name} ## ]]\n{{{name}}}" + (f"        # note: the value you produce {note}" if note else "")
        for name, note in outputs.items()
    )
    given = "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in inputs.items())
    wanted = ", then ".join(f"`[[ ## {name} ## ]]`" for name in outputs)
    said = reply(
        f"{noted}\n\n{system}",
        f"{given}\n\nRespond with the corresponding output fields, starting with the field {wanted}, "
        "and then ending with the marker for `[[ ## completed ## ]]`.",
    )
    parts = re.split(r"^\[\[ ## (\w+) ## \]\]\n?", said, flags=re.MULTILINE)
    found = {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}
    assert list(found) == [*outputs, "completed"]
    return found


def test_a_question_is_answered_with_a_number() -> None:
    """The result of a sum fills a field that is a number."""
    found = fields({"question": "What is 6 * 7?"}, {"reasoning": "", "answer": "must be a single float value"})
    assert found["answer"] == "42.0"
    assert found["reasoning"] != ""


@pytest.mark.parametrize(
    ("note", "allowed"),
    [
        ("must be True or False", {"True", "False"}),
        ("must be one of: red; green", {"green"}),
        ("must exactly match (no extra characters) one of: dog; cat", {"dog", "cat"}),
        ("must be a single int value", {"4"}),
    ],
)
def test_a_field_has_its_type(note: str, allowed: set[str]) -> None:
    """A value is one that its note allows, from the input where that has one."""
    assert fields({"text": "All 4 are green."}, {"kind": note})["kind"] in allowed


def test_a_schema_is_kept() -> None:
    """A list is JSON that fits its schema."""
    made = json.loads(
        fields({"text": "Tea, then rain."}, {"headings": f"must adhere to the JSON schema: {SCHEMA}"})["headings"]
    )
    assert len(made) >= 2
    assert all(isinstance(each, str) for each in made)


def test_an_answer_is_looked_up_in_the_other_fields() -> None:
    """Beside a question, the other inputs are its context."""
    story = "The keeper trimmed the lamp. " * 20 + "The captain of the ship is called Ada."
    found = fields({"context": story, "question": "What is the captain called?"}, {"response": ""})
    assert "The captain of the ship is called Ada." in found["response"]


def test_a_react_loop_calls_its_tool_and_then_finishes() -> None:
    """The listed functions are tools, and the trajectory holds the calls so far."""
    outputs = {"next_thought": "", "next_tool_name": "", "next_tool_args": ""}
    question = "What is the weather like in Tokyo?"
    first = fields({"question": question, "trajectory": ""}, outputs, system=REACT)
    assert (first["next_tool_name"], json.loads(first["next_tool_args"])) == ("get_weather", {"city": "Tokyo"})
    steps = {
        "thought_0": "x",
        "tool_name_0": "get_weather",
        "tool_args_0": '{"city": "Tokyo"}',
        "observation_0": "snow",
    }
    second = fields({"question": question, "trajectory": "", **steps}, outputs, system=REACT)
    assert (second["next_tool_name"], json.loads(second["next_tool_args"])) == ("finish", {})
    last = fields({"question": question, "trajectory": "", **steps}, {"reasoning": "", "answer": ""})
    assert "snow" in last["answer"]


def test_the_json_adapter_gets_one_object() -> None:
    """The same fields are one JSON object where that is asked for; its notes stand in JSON strings."""
    note = "        # note: the value you produce must adhere to the JSON schema: "
    lines = ['  "count": "{count}        # note: the value you produce must be a single int value",']
    lines += [f'  "tags": "{{tags}}{note}{json.dumps(SCHEMA)[1:-1]}"']
    system = "Outputs will be a JSON object with the following fields.\n\n{\n" + "\n".join(lines) + "\n}"
    wanted = "Respond with a JSON object in the following order of fields: `count` (must be formatted), then `tags`."
    made: dict[str, Any] = json.loads(reply(system, f"[[ ## text ## ]]\nThere are 3.\n\n{wanted}"))
    assert list(made) == ["count", "tags"]
    assert made["count"] == 3
    assert len(made["tags"]) >= 2


@pytest.mark.parametrize("listed", ["{[]: 1}", "[1]", "{'a'", "{" * 300 + "}" * 300])
def test_a_listed_function_that_cannot_be_read_has_no_arguments(listed: str) -> None:
    """Arguments that are no Python literal are passed over."""
    system = REACT.replace("{'city': {'type': 'string'}}", listed)
    outputs = {"next_tool_name": "", "next_tool_args": ""}
    found = fields({"question": "Use get_weather", "trajectory": ""}, outputs, system=system)
    assert found["next_tool_name"] in {"get_weather", "finish"}


def test_a_note_that_cannot_be_read_leaves_the_field_as_text() -> None:
    """A broken escape in the JSON adapter's notes is passed over."""
    line = '  "count": "{count}        # note: the value you produce must be a \\q value"'
    wanted = "Respond with a JSON object in the following order of fields: `count`."
    made = json.loads(reply(line, f"[[ ## text ## ]]\nThere are 3.\n\n{wanted}"))
    assert isinstance(made["count"], str)


def test_other_prompts_get_an_ordinary_answer() -> None:
    """Without the request for fields there are no markers."""
    assert "[[" not in reply("", "Respond, please.")
