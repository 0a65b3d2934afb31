"""Chooses the next calls of a turn: the first steps of the plan that are not done, then what ends the work.

`tool_choice` comes first: `tool` forces one call, `any` some call, `none` forbids them.
Every conversation ends: each planned call is made once, and a forced call that came back the same three times is not made again.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.binding import bind, covers, make_arguments
from keybearer.simulator.engine.client_tools import CLIENT_TOOLS
from keybearer.simulator.engine.effects import effect_of, is_allowed, properties_of, required_of
from keybearer.simulator.engine.finals import final_input, plan_text
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.plan import (
    Plan,
    PlannedCall,
    callable_tools,
    clauses_of,
    make_plan,
    plan_file,
    working_folder,
)
from keybearer.simulator.engine.prompt import Prompt
from keybearer.simulator.engine.prose import say
from keybearer.simulator.engine.roles import about_words, is_final, is_search, name_words

__all__ = ["plan_calls", "reasons_against"]

MOST_REPEATS: Final = 3
"""How often a forced call may come back the same."""

MOST_FORCED: Final = 100
"""How many calls one question makes at most where calls are forced."""

IN_TURN: Final = lazy(
    r"\bone (?:after the other|after another|at a time|by one)\b|\bin (?:its|their) own (?:call|turn)s?\b|\bin turn\b|"
    r"\bstep by step\b",
    re.IGNORECASE,
)
Tool = dict[str, Any]


def reasons_against(prompt: Prompt) -> list[str]:
    """Say why tools that the prompt asks for are not called."""
    return make_plan(prompt).reasons if prompt.tools and prompt.tool_choice.get("type") != "none" else []


def plan_calls(prompt: Prompt, ids: Ids) -> list[dict[str, Any]]:
    """Decide the tool calls of a turn.

    Args:
        prompt: The prompt.
        ids: The source of ids for the calls.

    Returns:
        `tool_use` blocks; empty when the answer is text.

    Raises:
        ServiceError: A call is forced whose effect nobody asked for.
    """
    kind, tools = prompt.tool_choice.get("type", "auto"), callable_tools(prompt)
    if kind == "none" or not tools:
        return []
    plan = make_plan(prompt)
    if kind == "tool":
        steps = _forced(prompt, plan, [tool for tool in tools if tool.get("name") == prompt.tool_choice.get("name")])
    else:
        steps = (
            _due(prompt, plan, tools) or (_fitting(prompt, tools) if kind == "any" else []) or _ending(prompt, tools)
        )
        if kind == "any" and not steps:
            steps = _any(prompt, plan, tools)
    if prompt.tool_choice.get("disable_parallel_tool_use") or kind == "tool":
        steps = steps[:1]
    return [
        {
            "type": "tool_use",
            "id": ids.new("toolu_"),
            "name": step.name,
            "input": step.input or {},
            "caller": {"type": "direct"},
        }
        for step in steps
    ]


def _undone(prompt: Prompt, plan: Plan) -> list[PlannedCall]:
    """Return the steps that were not called yet; calls count by their tool, because a program may change their arguments."""
    called = Counter(outcome.name for outcome in prompt.done)
    left = []
    for step in plan.steps:
        if step.input is None or not called[step.name]:
            left.append(step)
        else:
            called[step.name] -= 1
    return left


def _due(prompt: Prompt, plan: Plan, tools: list[Tool]) -> list[PlannedCall]:
    """Return the next steps of the plan that can go together."""
    due: list[PlannedCall] = []
    for step in _undone(prompt, plan):
        if step.input is None:
            found = _search(prompt, step, tools)
            if found is None:
                continue
            return due or [found]
        if step.alone:
            return due or [step]
        due.append(step)
    return due[:1] if IN_TURN.search(prompt.text) else due


def _search(prompt: Prompt, step: PlannedCall, tools: list[Tool]) -> PlannedCall | None:
    """Return the search that loads a tool; None if there is none, or it was made already."""
    tool = next((each for each in tools if is_search(str(each.get("name")))), None)
    if tool is None:
        return None
    arguments = required_of(tool) or list(properties_of(tool))
    words = about_words(step.name) or name_words(step.name)
    query = f"select:{step.name}" if tool["name"] == "ToolSearch" else words[0]
    search = PlannedCall(str(tool["name"]), {arguments[0]: query} if arguments else {})
    is_made = any((outcome.name, outcome.input) == (search.name, search.input) for outcome in prompt.done)
    return None if is_made else search


def _ending(prompt: Prompt, tools: list[Tool]) -> list[PlannedCall]:
    """Return the call that ends the work, if there is a tool for it that was not called.

    In plan mode these are the plan's file, then its approval.
    """
    called = {outcome.name for outcome in prompt.done}
    file = plan_file(prompt)
    by_name = {str(tool.get("name")): tool for tool in tools}
    plan = plan_text(prompt.text, prompt.done) if file is not None else ""
    if file and "Write" in by_name and "Write" not in called:
        return [PlannedCall("Write", {"file_path": file, "content": plan})]
    if file is not None and "ExitPlanMode" in by_name and "ExitPlanMode" not in called:
        takes_plan = "plan" in ((by_name["ExitPlanMode"].get("input_schema") or {}).get("properties") or {})
        return [PlannedCall("ExitPlanMode", {"plan": plan} if takes_plan else {})]
    final = next((tool for tool in tools if is_final(tool) and tool["name"] not in called), None)
    return [PlannedCall(str(final["name"]), final_input(final, prompt, say(prompt)))] if final else []


def _fitting(prompt: Prompt, tools: list[Tool]) -> list[PlannedCall]:
    """Return a first call, where some call must be made, of a tool that the prompt has a word or all values for."""
    spoken = set(re.findall(r"[a-z0-9]+", prompt.text.lower()))
    for tool in tools if not prompt.done else ():
        if is_final(tool) or is_search(str(tool["name"])) or effect_of(tool) != "none" or "input_schema" not in tool:
            continue
        hints = Hints(prompt.text, hidden=frozenset(name_words(str(tool["name"]))))
        if spoken & set(about_words(str(tool["name"]))) or (required_of(tool) and covers(tool, hints)):
            return [PlannedCall(str(tool["name"]), make_arguments(tool, hints))]
    return []


def _any(prompt: Prompt, plan: Plan, tools: list[Tool]) -> list[PlannedCall]:
    """Return a call where some call must be made: of the tool that the prompt has most words for, and that may be called so."""
    if _is_stuck(prompt):
        return []
    spoken = set(re.findall(r"[a-z0-9]+", prompt.text.lower()))
    called = {outcome.name for outcome in prompt.done}
    ranked = sorted(
        (tool for tool in tools if not is_search(str(tool.get("name"))) or len(tools) == 1),
        key=lambda tool: (
            tool.get("name") in called and not is_final(tool),
            effect_of(tool) != "none",
            -len(spoken & set(name_words(str(tool["name"])))),
        ),
    )
    return _forced(prompt, plan, ranked)


def _is_stuck(prompt: Prompt) -> bool:
    """Return whether forced calls lead nowhere."""
    if len(prompt.done) >= MOST_FORCED:
        return True
    last = [(outcome.name, outcome.input, outcome.text) for outcome in prompt.done[-MOST_REPEATS:]]
    return len(last) == MOST_REPEATS and all(each == last[0] for each in last)


def _forced(prompt: Prompt, plan: Plan, tools: list[Tool]) -> list[PlannedCall]:
    """Return the call of the first tool that may be called; the plan's own call of it, if there is one."""
    if _is_stuck(prompt):
        return []
    for tool in tools:
        name = str(tool.get("name"))
        planned = [step for step in plan.steps if step.name == name and step.input is not None]
        undone = [step for step in _undone(prompt, plan) if step.name == name and step.input is not None]
        if undone or planned:
            return (undone or planned)[:1]
        made = _made(prompt, tool)
        if made is not None:
            return [PlannedCall(name, made)]
    names = ", ".join(str(tool.get("name")) for tool in tools)
    raise ServiceError(
        "invalid_request_error",
        f"This is the keybearer simulator, and its engine calls {names} only with a file to write or a command that the prompt gives. "
        "Script the answer instead.",
        rule="engine-effects",
    )


def _made(prompt: Prompt, tool: Tool) -> dict[str, Any] | None:
    """Make the arguments of a forced call from the whole prompt; None if it would have an effect that the prompt does not ask for."""
    name = str(tool.get("name"))
    if is_final(tool):
        return final_input(tool, prompt, say(prompt))
    for clause in clauses_of(prompt) if effect_of(tool) != "none" else ():
        if bound := bind(tool, clause, prompt.text, "named", done=prompt.done, folder=working_folder(prompt)).inputs:
            return bound[0]
    if name in CLIENT_TOOLS and "input_schema" not in tool:
        return dict(CLIENT_TOOLS[name])
    examples = tool.get("input_examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], dict) and effect_of(tool) == "none":
        return dict(examples[0])
    values = [dict(outcome.values) for outcome in reversed(prompt.done) if outcome.values]
    made = make_arguments(tool, Hints(prompt.text, results=values, hidden=frozenset(name_words(name))))
    return made if is_allowed(tool, made, (), ()) else None
