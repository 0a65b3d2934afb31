"""Replies of an agent whose model calls functions by writing Python, as smolagents' `CodeAgent` asks for.

Its system prompt gives the two tags that code stands between, and a stub of each function.
Each reply is a thought and a piece of code: one call whose result is printed, or `final_answer(...)` when no call is left to make.
The wording is that of smolagents 1.26.0, prompts/code_agent.yaml; with other words there is no such reply.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.calls import plan_calls
from keybearer.simulator.engine.native_form import Step, native_prompt
from keybearer.simulator.engine.prompt import Prompt, blocks_of, text_of
from keybearer.simulator.engine.prose import say

__all__ = ["write_code"]

TAGS: Final = lazy(r"code sequence must be opened with '([^'\n]{1,80})', and closed with '([^'\n]{1,80})'")
STUB: Final = lazy(r'^def (\w+)\(([^()\n]*)\)(?: -> \w+)?:\n\s+"""(.*?)"""', re.MULTILINE | re.DOTALL)
TASK: Final = lazy(r"\A\s*New task:\s*")
OBSERVED: Final = lazy(r"\A\s*Observation:\s*(?:Execution logs:\s*)?")
LAST_OUTPUT: Final = lazy(r"\s*Last output from code snippet:\s*None\s*\Z")
FAILED: Final = lazy(r"\A\s*Error:\s*")
ANSWERS: Final = "final_answer"
UNREADABLE: Final = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
"""What `ast` raises for a text that is not Python."""
TYPES: Final = frozenset({"string", "integer", "number", "boolean", "array", "object"})


def write_code(prompt: Prompt, ids: Ids) -> str | None:
    """Reply to an agent that wants Python.

    Args:
        prompt: The prompt.
        ids: The source of ids for calls.

    Returns:
        A thought and code between the agent's tags; None if the system prompt asks for no code.
    """
    tags = TAGS.search(prompt.context)
    if tags is None:
        return None
    opening, closing = tags[1], tags[2]
    system = text_of(prompt.body.get("system"))
    tools = [_tool(match) for match in STUB.finditer(system) if match[1] != ANSWERS]
    question, steps = _conversation(prompt.body, opening, closing)
    native = native_prompt(question, tools=tools, steps=steps)
    if calls := plan_calls(native, ids):
        name, given = calls[0]["name"], calls[0]["input"]
        arguments = ", ".join(f"{argument}={value!r}" for argument, value in given.items())
        return f"Thought: I will call {name}, and print its result.\n{opening}\nprint({name}({arguments}))\n{closing}"
    answer = steps[-1].result if len(steps) == 1 else say(native)
    return f"Thought: I have the final answer.\n{opening}\n{ANSWERS}({_literal(answer)!r})\n{closing}"


def _tool(stub: re.Match[str]) -> dict[str, Any]:
    """Return a stub such as `def add(a: integer, b: integer) -> integer:` as a tool."""
    named = [part.partition(":") for part in stub[2].split(",") if part.strip()]
    properties: dict[str, Any] = {}
    for name, _, kind in named:
        properties[name.strip()] = {"type": kind.strip()} if kind.strip() in TYPES else {}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": stub[1], "description": stub[3].strip(), "input_schema": schema}


def _conversation(body: dict[str, Any], opening: str, closing: str) -> tuple[str, list[Step]]:
    """Return the last task, and the calls that were made for it."""
    code = re.compile(rf"{re.escape(opening)}(.*?)(?:{re.escape(closing)}|\Z)", re.DOTALL)
    question, steps, call = "", [], None
    for message in body.get("messages") or []:
        for block in blocks_of(message.get("content")):
            text = text_of([block])
            if message.get("role") == "assistant":
                call = _call(found[1]) if (found := code.search(text)) else call
            elif FAILED.match(text) or OBSERVED.match(text):
                if call is not None:
                    result = LAST_OUTPUT.sub("", OBSERVED.sub("", FAILED.sub("", text))).strip()
                    steps.append(Step(tool=call[0], input=call[1], result=result, is_error=bool(FAILED.match(text))))
                call = None
            elif text:
                question, steps, call = TASK.sub("", text), [], None
    return question, steps


def _call(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return the name and arguments of the call in `print(name(argument=value))`."""
    try:
        match ast.parse(code.strip()).body:
            case [
                ast.Expr(value=ast.Call(func=ast.Name("print"), args=[ast.Call(func=ast.Name(name), keywords=given)]))
            ]:
                return name, {each.arg: ast.literal_eval(each.value) for each in given if each.arg}
    except UNREADABLE:
        pass
    return None


def _literal(text: str) -> Any:
    """Return a number for the text of a number, and other text as it is."""
    try:
        value = ast.literal_eval(text.strip())
    except UNREADABLE:
        return text
    return value if isinstance(value, int | float) else text
