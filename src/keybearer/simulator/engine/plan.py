"""Plans the calls that a prompt asks for: clause by clause, in order, each with the arguments of its own clause.

It depends on the prompt, the tools and what came back so far: every turn makes it anew, and finds what is still to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.binding import Binding, bind
from keybearer.simulator.engine.client_tools import CLIENT_TOOLS
from keybearer.simulator.engine.effects import effect_of, required_of
from keybearer.simulator.engine.mentions import Mention, how_wanted
from keybearer.simulator.engine.prompt import Prompt
from keybearer.simulator.engine.roles import about_words, is_final, short_name
from keybearer.simulator.engine.segments import Clause, split_clauses

__all__ = ["Plan", "PlannedCall", "callable_tools", "clauses_of", "make_plan", "plan_file", "working_folder"]

MOST_STEPS: Final = 50
"""How many calls one question makes."""

FOLDER: Final = lazy(r"(?:Primary working directory|Working directory|cwd): ?(\S+)")
DEFERRED: Final = lazy(r"deferred tools are now available via ToolSearch.*?:\n((?:[\w-]+\n?)+)", re.DOTALL)
"""The tools whose names alone Claude Code gives."""
PLAN_MODE: Final = lazy(r"Plan mode is active|[Ee]xited plan mode")
PLAN_FILE: Final = lazy(r"(?:create|write) your plan at (\S+)", re.IGNORECASE)
NOT_CALLED: Final = frozenset({"DeferredToolPlaceholder"})


class PlannedCall(Struct, frozen=True):
    """One call of a plan.

    Args:
        name: The tool.
        input: Its arguments; None for a tool that is not loaded yet.
        alone: It goes in a turn of its own, because it changes something or needs what came before.
    """

    name: str
    input: dict[str, Any] | None
    alone: bool = False


class Plan(Struct, frozen=True):
    """The calls of a prompt.

    Args:
        steps: In order.
        reasons: Why tools that the prompt asks for are not called.
    """

    steps: list[PlannedCall]
    reasons: list[str]


def callable_tools(prompt: Prompt) -> list[dict[str, Any]]:
    """List the tools that can be called now: those that the service runs itself and those that are not loaded cannot."""
    searched = any(str(tool.get("type", "")).startswith("tool_search_tool") for tool in prompt.tools)
    return [
        tool
        for tool in prompt.tools
        if ("input_schema" in tool or tool.get("name") in CLIENT_TOOLS)
        and tool.get("name") not in NOT_CALLED
        and (not tool.get("defer_loading") or searched or tool.get("name") in prompt.loaded)
    ]


def _deferred(prompt: Prompt, ready: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the tools that a search would load: those of the request, and those that a note names."""
    known = {tool.get("name") for tool in ready}
    found = [tool for tool in prompt.tools if tool.get("defer_loading") and tool.get("name") not in known]
    if any(tool.get("name") == "ToolSearch" for tool in prompt.tools) and "via ToolSearch" in prompt.notes:
        listed = (name for match in DEFERRED.finditer(prompt.notes) for name in match[1].split())
        found += [{"name": name} for name in dict.fromkeys(listed) if name not in known]
    return found


def working_folder(prompt: Prompt) -> str:
    """Return the working directory that the program's notes give; empty without one."""
    match = FOLDER.search(prompt.notes) if "directory:" in prompt.notes or "cwd:" in prompt.notes else None
    return match[1] if match else ""


def plan_file(prompt: Prompt) -> str | None:
    """Return the file for the plan in Claude Code's plan mode, empty if it names none; None outside that mode."""
    if "lan mode" not in prompt.notes:
        return None
    modes = PLAN_MODE.findall(prompt.notes)
    if not modes or "active" not in modes[-1]:
        return None
    match = PLAN_FILE.search(prompt.notes)
    return match[1].rstrip(".") if match else ""


def _wanted(clause: Clause, tools: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Mention]]:
    """Yield the tools that a clause asks for, in the order in which it names them; if it names any, no others."""
    found = [(tool, how) for tool in tools if (how := how_wanted(tool, clause))]
    named = [(tool, how) for tool, how in found if how == "named"]
    if named:
        yield from sorted(named, key=lambda each: _place(each[0], clause))
        return
    yield from (each for each in found if each[1] in {"subject", "sum"})
    yield from (each for each in found if each[1] == "verb")


def _place(tool: Mapping[str, Any], clause: Clause) -> int:
    at = clause.text.lower().find(short_name(str(tool["name"])).lower())
    return at if at >= 0 else len(clause.text)


class _Planner:
    """Collects the steps of one prompt."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.ready = [tool for tool in callable_tools(prompt) if not is_final(tool)]
        self.deferred = _deferred(prompt, self.ready)
        self.folder = working_folder(prompt) if prompt.tools else ""
        self.is_planning = plan_file(prompt) is not None
        self.steps: list[PlannedCall] = []
        self.reasons: list[str] = []
        self.skip_until = 0

    def read(self, clause: Clause) -> None:
        """Add the steps of a clause."""
        if clause.start < self.skip_until:
            return
        before = len(self.steps)
        for tool, how in _wanted(clause, self.ready):
            if len(self.steps) > before and how == "verb":
                break
            self._bind(tool, how, clause)
        if len(self.steps) == before:
            for tool, how in _wanted(clause, self.deferred):
                is_own = how == "named" or str(tool["name"]).startswith("mcp__") or "input_schema" in tool
                if is_own and self._add(PlannedCall(str(tool["name"]), None, alone=True)):
                    break

    def _bind(self, tool: dict[str, Any], how: Mention, clause: Clause) -> None:
        effect = effect_of(tool)
        if self.is_planning and effect != "none":
            return
        if effect != "none" and how == "subject":
            return
        bound: Binding = bind(tool, clause, self.prompt.text, how, done=self.prompt.done, folder=self.folder)
        if bound.reason:
            self.reasons.append(bound.reason)
        for made in bound.inputs:
            step = PlannedCall(str(tool["name"]), made, alone=effect != "none" or (bound.waits and bool(self.steps)))
            if effect != "none" or step not in self.steps:
                self._add(step)
        if bound.inputs and "prompt" in bound.inputs[0] and bound.inputs[0]["prompt"] in clause.rest:
            self.skip_until = clause.start + len(clause.rest)

    def _add(self, step: PlannedCall) -> bool:
        is_new = step.input is not None or step not in self.steps
        if is_new and len(self.steps) < MOST_STEPS:
            self.steps.append(step)
        return is_new


def clauses_of(prompt: Prompt) -> list[Clause]:
    """Split a prompt into clauses, which the tools' names begin too."""
    return split_clauses(prompt.text, [short_name(str(tool["name"])) for tool in prompt.tools if tool.get("name")])


def make_plan(prompt: Prompt) -> Plan:
    """Plan the calls that a prompt asks for.

    Args:
        prompt: The prompt.

    Returns:
        All of them, also those that are done.
    """
    planner = _Planner(prompt)
    if not planner.ready and not planner.deferred:
        return Plan([], [])
    for clause in clauses_of(prompt):
        planner.read(clause)
    steps = planner.steps + list(_following(planner))
    return Plan(steps, list(dict.fromkeys(planner.reasons)))


def _following(planner: _Planner) -> Iterator[PlannedCall]:
    """Yield calls of tools whose every argument an earlier result has by its name, and that the prompt has a word for.

    So `temperature` of a weather report goes to a tool that converts it.
    """
    planned = {step.name for step in planner.steps}
    spoken = set(re.findall(r"[a-z]+", planner.prompt.text.lower()))
    for tool in planner.ready:
        name, required = str(tool["name"]), required_of(tool)
        if name in planned or not required or effect_of(tool) != "none" or not spoken & set(about_words(name)):
            continue
        for outcome in reversed(planner.prompt.done):
            if outcome.name != name and all(each in outcome.values for each in required):
                yield PlannedCall(name, {each: outcome.values[each] for each in required}, alone=True)
                break
