"""Binds the arguments of calls to a clause: a call for each path, place, address or command that the clause lists, in its order.

What a tool with effects gets is judged by `effects` before the call is planned.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.client_tools import CLIENT_TOOLS, client_input
from keybearer.simulator.engine.effects import (
    COMMAND_NAMES,
    commands_of,
    effect_of,
    is_allowed,
    is_destructive,
    properties_of,
    required_of,
    targets_of,
)
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.mentions import Mention
from keybearer.simulator.engine.prompt import ToolOutcome
from keybearer.simulator.engine.roles import name_words, short_name
from keybearer.simulator.engine.schema import make_instance
from keybearer.simulator.engine.segments import Clause
from keybearer.simulator.engine.values import FINDERS, kind_of

__all__ = ["Binding", "bind", "covers", "given_input", "is_delegating", "make_arguments"]

LONGEST_INPUT: Final = 20_000
MOST_CALLS: Final = 50
"""How many calls one clause makes."""
LISTED: Final = {kind: find for kind, _, find in FINDERS if kind in {"path", "place", "url", "email"}}
"""The kinds of which each value is a call of its own."""
BACK_REFERENCE: Final = lazy(
    r"\b(?:it|its|that|them|those|this|the (?:result|output|answer|contents?|summary))\b", re.IGNORECASE
)
SAYING: Final = lazy(
    r"\b(?:saying|containing|that says|with (?:the )?(?:contents?|text))\s*:?\s+(?P<said>[^\0]+?)\s*[.]?$|\S:\s+(?P<after>[^\0\n]+)$",
    re.IGNORECASE,
)


class Binding(Struct, frozen=True):
    """What a clause gives a tool.

    Args:
        inputs: The arguments of each call, in order.
        reason: Why there is none, if a call would have an effect that the clause does not ask for.
        waits: The arguments need what an earlier call gives.
    """

    inputs: list[dict[str, Any]]
    reason: str = ""
    waits: bool = False


def given_input(name: str, text: str) -> dict[str, Any] | None:
    """Return arguments that the prompt gives as JSON: `get_weather {"city": "Oslo"}`."""
    match = re.search(rf"(?<![\w]){re.escape(name)}[`'\"]?(?:\s+with)?[\s(:]*(\{{)", text)
    if not match:
        return None
    tail = text[match.start(1) :][:LONGEST_INPUT]
    for end in (index + 1 for index, character in enumerate(tail) if character == "}"):
        try:
            value = msgspec.json.decode(tail[:end])
        except msgspec.DecodeError:
            continue
        return value if isinstance(value, dict) else None
    return None


def is_delegating(tool: Mapping[str, Any]) -> bool:
    """Return whether a tool hands a task to a subagent."""
    known = properties_of(tool)
    return "prompt" in known and ("subagent_type" in known or str(tool.get("name")) in {"Agent", "Task"})


def _delegate(tool: Mapping[str, Any], clause: Clause) -> dict[str, Any]:
    """Make a subagent's arguments: the rest of the sentence is its task."""
    rest = clause.rest
    match = re.search(
        r"\b(?:sub)?agent\b[^.]*?(?:\bto\s+|:\s*)(?P<task>.+)", rest, re.IGNORECASE | re.DOTALL
    ) or re.search(r"\b(?:tool|Task|Agent)\b\s+(?:to|for|on)?\s*(?P<task>.+)", rest, re.DOTALL)
    task = match["task"].strip() if match else rest.strip()
    words = re.sub(r"[^\w\s./-]", "", task).split()
    made: dict[str, Any] = {"description": " ".join(words[:4]).rstrip("."), "prompt": task}
    known = properties_of(tool)
    kind = re.search(r"\b(?!a\b|an\b|the\b|with\b|one\b)([\w-]+)\s+sub-?agent\b", rest, re.IGNORECASE)
    if "subagent_type" in known:
        made["subagent_type"] = kind[1] if kind else "general-purpose"
    if "run_in_background" in known:
        made["run_in_background"] = False
    return {name: value for name, value in made.items() if name in known}


def _listed(
    tool: Mapping[str, Any], clause: Clause, targets: Sequence[str], commands: Sequence[str]
) -> list[dict[str, str]]:
    """Return the values by kind of each call: one for each item that the clause lists."""
    effect = effect_of(tool)
    if effect == "runs":
        return [{"command": command} for command in commands]
    if effect == "writes" and targets:
        return [{"path": target} for target in targets]
    kinds = [kind for name in properties_of(tool) if (kind := kind_of(name)) in LISTED]
    for kind in dict.fromkeys(kinds):
        if kinds.count(kind) == 1 and kind is not None:
            values = [span.text for span in clause.paths] if kind == "path" else LISTED[kind](clause.text)
            values = list(dict.fromkeys(values))
            if len(values) > 1:
                return [{kind: value} for value in values]
    return [{}]


def _content(clause: Clause, done: Sequence[ToolOutcome]) -> str | None:
    """Return the text for a tool that writes: what the clause says after a colon or `saying`, else the latest result if it is good."""
    match = SAYING.search(clause.masked)
    if match:
        name = "said" if match["said"] else "after"
        return clause.text[match.start(name) : match.end(name)].strip()
    return done[-1].text if done and not done[-1].is_error else None


def covers(tool: Mapping[str, Any], hints: Hints) -> bool:
    """Return whether a text gives a value for every required argument; if none is required, for one."""
    known, required = properties_of(tool), required_of(tool)
    if not required:
        return not known or any(hints.offers(each, name) for name, each in known.items() if isinstance(each, dict))
    strings = [name for name in required if _type(known.get(name)) == "string" and not hints.offers(known[name], name)]
    numbers = [name for name in required if _type(known.get(name)) == "number" and not hints.offers(known[name], name)]
    return hints.has_quotes(len(strings)) and hints.has_numbers(len(numbers))


def _type(schema: Any) -> str:
    if not isinstance(schema, dict) or schema.get("enum"):
        return ""
    kind = schema.get("type")
    return "number" if kind in ("integer", "number") else str(kind)  # a type may be a list


def make_arguments(tool: Mapping[str, Any], hints: Hints) -> dict[str, Any]:
    """Make the arguments of one call from hints, as its schema asks."""
    schema = tool.get("input_schema")
    made = make_instance(schema, hints) if isinstance(schema, dict) else {}
    if isinstance(made, dict) and not made and not (isinstance(schema, dict) and schema.get("required")):
        first = next(iter(properties_of(tool).items()), None)
        if first and isinstance(first[1], dict) and first[1].get("type") == "string" and (value := hints.quoted()):
            made = {first[0]: value}
    return made if isinstance(made, dict) else {}


def _absolute(tool: Mapping[str, Any], made: dict[str, Any], folder: str) -> dict[str, Any]:
    """Make paths absolute for the arguments that ask for it."""
    for name, schema in properties_of(tool).items():
        value = made.get(name)
        wants = isinstance(schema, dict) and "absolute" in str(schema.get("description", "")).lower()
        if folder and wants and isinstance(value, str) and kind_of(name) == "path" and not re.match(r"[/~]|\w:", value):
            made = {**made, name: posixpath.join(folder, value.removeprefix("./"))}
    return made


def _reason(tool: Mapping[str, Any]) -> str:
    what = "a command to run" if effect_of(tool) == "runs" else "a file to write and what to write"
    return f"I did not call {tool.get('name')}: the prompt does not clearly give {what}."


def bind(
    tool: Mapping[str, Any],
    clause: Clause,
    whole: str,
    how: Mention,
    *,
    done: Sequence[ToolOutcome] = (),
    folder: str = "",
) -> Binding:
    """Bind a tool's arguments to a clause.

    Args:
        tool: The tool.
        clause: The clause that asks for it.
        whole: The whole prompt, for what the clause leaves out.
        how: How the clause asks for it.
        done: What came back so far.
        folder: The working directory, for arguments that take an absolute path.

    Returns:
        The calls' arguments.
    """
    name, effect = str(tool.get("name")), effect_of(tool)
    given = given_input(name, clause.text) or given_input(short_name(name), clause.text)
    if given is not None:
        return Binding([given])
    if is_delegating(tool):
        return Binding([_delegate(tool, clause)])
    targets = [span.text for span in targets_of(clause, short_name(name))] if effect == "writes" else []
    commands = commands_of(clause, short_name(name)) if effect == "runs" else []
    if how != "named":
        commands = [command for command in commands if not is_destructive(command)]
    if name in CLIENT_TOOLS and "input_schema" not in tool:
        made = client_input(name, clause, targets, commands)
        calls = (
            [{"command": command} for command in commands] if name == "bash" and commands else [made] if made else []
        )
        return Binding(calls, "" if calls else _reason(tool))
    return _bind_schema(tool, clause, whole, how, targets=targets, commands=commands, done=done, folder=folder)


def _bind_schema(
    tool: Mapping[str, Any],
    clause: Clause,
    whole: str,
    how: Mention,
    *,
    targets: list[str],
    commands: list[str],
    done: Sequence[ToolOutcome],
    folder: str,
) -> Binding:
    effect, hidden = effect_of(tool), frozenset(name_words(str(tool.get("name"))))
    values = [dict(outcome.values) for outcome in reversed(done) if outcome.values]
    answer = _content(clause, done) if effect == "writes" else None

    def hints(text: str, chosen: Mapping[str, str]) -> Hints:
        return Hints(text, chosen=chosen, results=values, answer=answer, hidden=hidden)

    inputs: list[dict[str, Any]] = []
    refused = effect == "runs" and not commands
    for chosen in _listed(tool, clause, targets, commands)[:MOST_CALLS]:
        own = hints(clause.text, chosen)
        covered = covers(tool, own)
        if how == "subject" and not covered and not covers(tool, hints(whole, chosen)):
            continue
        if not covered and (how not in {"named", "subject"} or effect != "none"):
            refused = refused or effect != "none"
            if effect == "none" or not _may_guess(tool, how, answer):
                continue
        text = clause.text if covered or effect != "none" else whole
        made = make_arguments(tool, hints(text, chosen))
        if not is_allowed(tool, made, targets, commands) or _repeats_quote(made):
            refused = True
        elif made not in inputs or effect != "none":
            inputs.append(_absolute(tool, made, folder))
    waits = bool(BACK_REFERENCE.search(clause.masked))
    says_why = refused and not inputs and (how == "named" or bool(clause.paths))
    return Binding(inputs, _reason(tool) if says_why else "", waits)


def _may_guess(tool: Mapping[str, Any], how: Mention, answer: str | None) -> bool:
    """Return whether what a clause leaves out may come from an earlier result: one free text, so never both of an edit."""
    required = required_of(tool)
    texts = [name for name in required if kind_of(name) != "path"]
    if effect_of(tool) == "runs":
        return how == "named" or all(name.lower() in COMMAND_NAMES for name in required)
    return len(texts) <= 1 and answer is not None


def _repeats_quote(made: Mapping[str, Any]) -> bool:
    """Return whether an edit would replace a text by itself, which means that a text was missing."""
    old = [value for name, value in made.items() if name.startswith("old")]
    new = [value for name, value in made.items() if name.startswith("new")]
    return bool(old) and old == new
