"""The engine's view of a request: the last question, its context, its tools, what was called for it and what came back."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from keybearer.simulator.core.once import once
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.search import holds
from keybearer.simulator.engine.segments import excerpt

__all__ = ["Prompt", "ToolOutcome", "read_prompt"]

Block = dict[str, Any]

REMINDERS: Final = lazy(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
"""Notes that command-line agents add to the user's turn, and that the user did not write."""
NOTIFICATION: Final = lazy(
    r"<task-notification>.*?<tool-use-id>(?P<id>[^<]*)</tool-use-id>.*?<result>(?P<result>.*?)</result>", re.DOTALL
)
"""The end of a subagent that ran in the background (Claude Code 2.1)."""
HANDED_BACK: Final = lazy(
    r"\[Subagent hand-back\].*?The report follows:\n(?P<report>.*?)(?:\nagentId: .*|<usage>.*|\Z)", re.DOTALL
)
"""The report of a subagent, among what the agent says about it (Claude Code 2.1)."""
WRITTEN_CALLS: Final = "Calling tools:"
WRITTEN_RESULT: Final = lazy(r"Observation:\s*")
"""How smolagents gives calls and results back, as text."""
LONGEST_WRITTEN: Final = 100_000


class ToolOutcome(Struct, frozen=True, dict=True):
    """A tool's result, with the name and input of its call."""

    name: str
    input: dict[str, Any]
    text: str
    is_error: bool

    @once
    def values(self) -> Mapping[str, Any]:
        """The result's values by name, if it is a JSON object."""
        if not self.text.startswith("{"):
            return {}
        try:
            value = msgspec.json.decode(self.text)
        except msgspec.DecodeError:
            return {}
        return value if isinstance(value, dict) else {}


class Prompt(Struct, frozen=True, dict=True):
    """The last question of a conversation.

    Args:
        text: The user's words in the last turn that is not only results or notes.
        context: The system prompt and the user's text before the last words.
        images: Image blocks of the turn of `text`.
        documents: Document and search-result blocks of the whole conversation, in order.
        outcomes: The results in the last turn; empty when it has none.
        done: All results since `text`, in order.
        loaded: Names of tools that a search of tools has found.
        tools: The request's tools.
        tool_choice: The request's choice, `{"type": "auto"}` when omitted.
        body: The request itself.
    """

    text: str
    context: str
    images: list[Block]
    documents: list[Block]
    outcomes: list[ToolOutcome]
    done: list[ToolOutcome]
    loaded: frozenset[str]
    tools: list[Block]
    tool_choice: Block
    body: dict[str, Any]

    @once
    def small_letters(self) -> str:
        """The part of `text` that is searched, in small letters."""
        return excerpt(self.text).lower()

    @once
    def notes(self) -> str:
        """What the program says beside the user: the system prompt, system messages and reminders, as they stand."""
        parts = [_raw_text(self.body.get("system"))]
        for message in self.body.get("messages") or []:
            if isinstance(message, dict):
                text = _raw_text(message.get("content"))
                parts += [text] if message.get("role") == "system" else REMINDERS.findall(text)
        return "\n".join(parts)


def blocks_of(content: Any) -> list[Block]:
    """List a content's blocks, a plain string being one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)] if isinstance(content, list) else []


def _raw_text(content: Any) -> str:
    return content if isinstance(content, str) else _text_in(blocks_of(content))


def _text_in(blocks: list[Block]) -> str:
    return "\n".join([str(block.get("text", "")) for block in blocks if block.get("type") == "text"])


def text_of(content: Any) -> str:
    """Join the text of a content, reminders left out."""
    return _without_reminders(_raw_text(content))


def _without_reminders(text: str) -> str:
    return (REMINDERS.sub("", text) if holds(text, "<system-reminder>", rarest="<") else text).strip()


def _result_text(content: Any) -> str:
    """Return a tool result as text, with the type of every block that is not text, and a subagent's report alone."""
    words = []
    for block in blocks_of(content):
        kind = block.get("type")
        words.append(str(block.get("text", "")) if kind == "text" else f"[{kind}]")
    text = _without_reminders("\n".join(words))
    report = HANDED_BACK.search(text) if "[Subagent hand-back]" in text else None
    return "\n".join(line.removeprefix("  ") for line in report["report"].splitlines()).strip() if report else text


def _written_calls(text: str) -> list[Block]:
    """Read calls that an agent gives back as text."""
    try:
        listed = ast.literal_eval(text.removeprefix(WRITTEN_CALLS).strip()[:LONGEST_WRITTEN])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    calls = [each.get("function") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [{"name": each.get("name"), "input": each.get("arguments")} for each in calls if isinstance(each, dict)]


class _Pairing:
    """Walks the turns since the question, and pairs calls with results."""

    def __init__(self) -> None:
        self.calls: dict[Any, Block] = {}
        self.written: list[Block] = []
        self.outcomes: list[ToolOutcome] = []

    def call(self, block: Block) -> None:
        """Note a block of the assistant."""
        text = str(block.get("text", "")) if block.get("type") == "text" else ""
        if block.get("type") == "tool_use":
            self.calls[block.get("id")] = block
        elif text.lstrip().startswith(WRITTEN_CALLS):
            self.written = _written_calls(text.strip())

    def result(self, block: Block) -> None:
        """Note a block of the user."""
        text = str(block.get("text", "")) if block.get("type") == "text" else ""
        if block.get("type") == "tool_result":
            call = self.calls.get(block.get("tool_use_id"), {})
            self._add(call, _result_text(block.get("content")), is_error=bool(block.get("is_error")))
        elif self.written and WRITTEN_RESULT.match(text):
            self._add(self.written.pop(0), WRITTEN_RESULT.sub("", text, count=1).strip())
        for match in NOTIFICATION.finditer(text) if "<task-notification>" in text else ():
            self._add(self.calls.get(match["id"], {}), html.unescape(match["result"]).strip())

    def _add(self, call: Block, text: str, *, is_error: bool = False) -> None:
        given = call.get("input")
        outcome = ToolOutcome(
            str(call.get("name", "the tool")), given if isinstance(given, dict) else {}, text, is_error
        )
        known = [each for each in self.outcomes if (each.name, each.input) == (outcome.name, outcome.input)]
        if known and known[-1].text.startswith("Async agent launched"):
            self.outcomes.remove(known[-1])
        self.outcomes.append(outcome)


class _Said(NamedTuple):
    """A message: its role, its blocks, and their text as it stands."""

    role: Any
    blocks: list[Block]
    text: str


def _read(message: Block) -> _Said:
    blocks = blocks_of(message.get("content"))
    return _Said(message.get("role"), blocks, _text_in(blocks))


def _is_asking(message: _Said, *, after_written_calls: bool) -> bool:
    """Return whether a message has words of the user, and not only results, notes of the program or what comes with results."""
    kinds = [block.get("type") for block in message.blocks]
    if message.role != "user" or "tool_result" in kinds:
        return False
    if after_written_calls and WRITTEN_RESULT.match(message.text):
        return False
    return (
        not kinds
        or bool(_without_reminders(message.text))
        or not message.text.strip()
        or any(kind != "text" for kind in kinds)
    )


def _is_written_calls(message: _Said) -> bool:
    return message.role == "assistant" and message.text.lstrip().startswith(WRITTEN_CALLS)


def _added(blocks: list[Block]) -> tuple[frozenset[str], list[Block]]:
    """Return the names of tools that results and system messages refer to, and the tools that are defined there."""
    inner = [each for block in blocks if block.get("type") == "tool_result" for each in blocks_of(block.get("content"))]
    blocks = [*blocks, *inner]
    names = [block.get("tool_name") for block in blocks if block.get("type") == "tool_reference"]
    defined = []
    for block in blocks:
        tool = block.get("tool") if block.get("type") == "tool_addition" else None
        if isinstance(tool, dict):
            definition = tool.get("definition")
            defined += [definition] if isinstance(definition, dict) else []
            names.append(tool.get("name"))
    return frozenset(str(name) for name in names if name), defined


def _results(turns: list[_Said], asking: int) -> tuple[list[ToolOutcome], list[ToolOutcome]]:
    """List the results since the question, and those of the last turn."""
    reader = _Pairing()
    before: list[ToolOutcome] = []
    for index, turn in enumerate(turns):
        if turn.role == "assistant":
            for block in turn.blocks:
                reader.call(block)
        elif index > asking:
            before = list(reader.outcomes)
            for block in turn.blocks:
                reader.result(block)
    is_last = asking < len(turns) - 1 and turns[-1].role == "user"
    return reader.outcomes, [
        each for each in reader.outcomes if all(each is not earlier for earlier in before)
    ] if is_last else []


def read_prompt(body: dict[str, Any]) -> Prompt:
    """Read a request that has passed the rules.

    Args:
        body: The request's body.

    Returns:
        The prompt.
    """
    said = [_read(message) for message in body.get("messages") or [] if isinstance(message, dict)]
    turns = [each for each in said if each.role != "system"]
    asking = -1
    for index, turn in enumerate(turns):
        if _is_asking(turn, after_written_calls=index > 0 and _is_written_calls(turns[index - 1])):
            asking = index
    blocks = turns[asking].blocks if asking >= 0 else []
    earlier = [_without_reminders(turn.text) for turn in turns[:asking] if turn.role == "user"]
    last = [text for block in blocks if block.get("type") == "text" and (text := text_of([block]))]
    everything = [block for turn in turns for block in turn.blocks]
    done, latest = _results(turns, asking)
    loaded, defined = _added([block for each in said for block in each.blocks])
    return Prompt(
        text="\n".join(last),
        context="\n".join(filter(None, [text_of(body.get("system")), *earlier, *last[:-1]])),
        images=[block for block in blocks if block.get("type") == "image"],
        documents=[block for block in everything if block.get("type") in {"document", "search_result"}],
        outcomes=latest,
        done=done,
        loaded=loaded,
        tools=[tool for tool in [*(body.get("tools") or []), *defined] if isinstance(tool, dict)],
        tool_choice=body.get("tool_choice") or {"type": "auto"},
        body=body,
    )
