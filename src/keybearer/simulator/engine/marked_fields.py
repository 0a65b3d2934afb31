"""Replies in fields, as dspy's adapters ask for: `[[ ## name ## ]]` before each value, or one JSON object.

The system prompt gives the type of each output field, and the last message the input fields and the order of the output fields.
dspy's ReAct lists its functions there too, and keeps the calls so far in a field of their own.
The wording is that of dspy 3.4.1, adapters/chat_adapter.py, adapters/json_adapter.py and predict/react.py.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from typing import Any, Final

import msgspec

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.search import holds
from keybearer.simulator.engine.calls import plan_calls
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.native_form import Step, native_prompt
from keybearer.simulator.engine.prompt import Prompt, text_of
from keybearer.simulator.engine.prose import say, sentences
from keybearer.simulator.engine.schema import make_instance

__all__ = ["fill_fields"]

MARKER: Final = lazy(r"^\[\[ ## (\w+) ## \]\]\n?", re.MULTILINE)
WANTED: Final = (
    (lazy(r"Respond with the corresponding output fields, starting with the field (.*)\Z", re.DOTALL), "markers"),
    (lazy(r"Respond with a JSON object in the following order of fields: (.*)\Z", re.DOTALL), "json"),
)
"""The request for fields at the end of the last message, and the form it asks for."""
BEGINNING: Final = "Respond with "
"""What both requests begin with, so that a long prompt is searched once."""
NAMED: Final = lazy(r"`(?:\[\[ ## )?(\w+)(?: ## \]\])?`")
NOTE: Final = lazy(r"\{(\w+)\} +# note: the value you produce (.+)")
TOOL: Final = lazy(
    r"^\s*\(\d+\) (\w+)(?:, whose description is <desc>(.*?)</desc>)?\. It takes arguments (\{.*\})\.", re.MULTILINE
)
STEP: Final = lazy(r"(thought|tool_name|tool_args|observation)_(\d+)")
FINISH: Final = "finish"
TOOL_NAME, TOOL_ARGS = "next_tool_name", "next_tool_args"
SCALARS: Final = {"True or False": "boolean", "single int": "integer", "single float": "number"}
REASONS: Final = lazy(r"reason|rationale|thought")
SPOKEN: Final = lazy(r"answer|response|reply|output|result|summary")
QUESTIONS: Final = lazy(r"question|query|request|task|instruction")


def fill_fields(prompt: Prompt, ids: Ids) -> str | None:
    """Reply to a program that wants fields.

    Args:
        prompt: The prompt.
        ids: The source of ids for calls.

    Returns:
        The fields, each after its marker or as one JSON object; None if the last message asks for none.
    """
    if not holds(prompt.text, BEGINNING, rarest="R"):
        return None
    found = next(((asked, form) for pattern, form in WANTED if (asked := pattern.search(prompt.text))), None)
    if found is None:
        return None
    asked, form = found
    system = text_of(prompt.body.get("system"))
    names = [name for name in NAMED.findall(asked[1]) if name != "completed"]
    inputs, steps = _read(prompt.text[: asked.start()])
    native = _native(inputs, steps, [_tool(match) for match in TOOL.finditer(system) if match[1] != FINISH])
    schemas = _schemas(system, names)
    calling = TOOL_NAME in names and TOOL_ARGS in names
    values = _next_call(native, schemas, ids) if calling else _values(native, schemas)
    if form == "json":
        return msgspec.json.encode(values).decode()
    return "\n\n".join([*(f"[[ ## {name} ## ]]\n{_text(values[name])}" for name in names), "[[ ## completed ## ]]"])


def _read(message: str) -> tuple[dict[str, str], list[Step]]:
    """Return a message's input fields, and the calls so far."""
    parts = MARKER.split(message)
    fields = {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}
    numbered: dict[int, dict[str, str]] = {}
    for name in [*fields]:
        if found := STEP.fullmatch(name):
            numbered.setdefault(int(found[2]), {})[found[1]] = fields.pop(name)
    fields.pop("trajectory", None)
    steps = [
        Step(tool=step["tool_name"], input=_object(step.get("tool_args", "")), result=step.get("observation", ""))
        for _, step in sorted(numbered.items())
        if step.get("tool_name", FINISH) != FINISH
    ]
    return fields, steps


def _object(text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _native(inputs: dict[str, str], steps: list[Step], tools: list[dict[str, Any]]) -> Prompt:
    """Make the question of the field that is called so, with the others as its context; without one, of all fields."""
    asking = next((name for name in inputs if QUESTIONS.search(name)), None)
    if asking is None:
        return native_prompt("\n".join(inputs.values()), tools=tools, steps=steps)
    context = "\n".join(value for name, value in inputs.items() if name != asking)
    return native_prompt(inputs[asking], tools=tools, steps=steps, context=context)


def _tool(listed: re.Match[str]) -> dict[str, Any]:
    """Return `(1) add. It takes arguments {'a': {'type': 'integer'}}.` as a tool."""
    try:
        properties = ast.literal_eval(listed[3])
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        properties = {}
    properties = properties if isinstance(properties, dict) else {}
    required = [name for name, schema in properties.items() if not (isinstance(schema, dict) and "default" in schema)]
    schema = {"type": "object", "properties": properties, "required": required}
    return {"name": listed[1], "description": listed[2] or "", "input_schema": schema}


def _schemas(system: str, names: list[str]) -> dict[str, Any]:
    """Return the JSON schema of each output field, text where the system prompt says nothing about it."""
    notes: dict[str, str] = {}
    for line in system.splitlines():
        if found := NOTE.search(line):
            note = found[2]
            if line.startswith('  "'):  # the JSON adapter writes it within a JSON string
                with contextlib.suppress(ValueError):
                    note = json.loads('"' + note.rstrip(",").removesuffix('"') + '"')
            notes[found[1]] = note
    return {name: _schema(notes.get(name, "")) for name in names}


def _schema(note: str) -> dict[str, Any]:
    if "JSON schema: " in note:
        return _object(note.partition("JSON schema: ")[2])
    if "one of: " in note:
        return {"enum": note.partition("one of: ")[2].split("; ")}
    return {"type": next((kind for words, kind in SCALARS.items() if words in note), "string")}


def _next_call(native: Prompt, schemas: dict[str, Any], ids: Ids) -> dict[str, Any]:
    """Choose the next call of a ReAct loop, or its end."""
    calls = plan_calls(native, ids)
    name, given = (calls[0]["name"], calls[0]["input"]) if calls else (FINISH, {})
    thought = f"I will call {name}." if calls else "Every call is made, so I can finish."
    return {each: {TOOL_NAME: name, TOOL_ARGS: given}.get(each, thought) for each in schemas}


def _values(native: Prompt, schemas: dict[str, Any]) -> dict[str, Any]:
    """Fill the output fields: what can be answered in words or looked up, else values from the input's text."""
    said = say(native)
    if said.startswith("You said: "):
        said = (sentences(native.text) or [native.text])[0]
    found = make_instance(
        {"type": "object", "properties": schemas, "required": [*schemas]}, Hints(native.text), everything=True
    )
    is_result = native.outcomes or "=" in said  # of an equation too, the last number is the answer
    counted = re.findall(r"-?\d+(?:\.\d+)?", said) if is_result else []
    values: dict[str, Any] = {}
    for name, schema in schemas.items():
        value, kind = found[name], schema.get("type")
        if kind == "string" and REASONS.search(name):
            value = "Let us think step by step: I answer from what the input fields say."
        elif kind == "string" and (value == name or SPOKEN.search(name)):
            value = said
        elif kind in {"number", "integer"} and counted:
            value = float(counted[-1]) if kind == "number" else int(float(counted[-1]))
        values[name] = value
    return values


def _text(value: Any) -> str:
    """Write a value as the format does: text and scalars as they are, the rest as JSON."""
    return str(value) if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
