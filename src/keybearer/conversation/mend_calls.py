"""Mends tool calls and results: each call is answered in the very next turn of the user's, first; each result answers a call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from keybearer.conversation.draft import DraftTurn, HistoryDraft, Placed, RoleSpan

__all__ = ["mend_ids", "mend_pairs"]

NO_RESULT: Final = "No result was recorded for this call: whether it ran is not known."
_NOT_OF_AN_ID: Final = re.compile(r"[^a-zA-Z0-9_-]")


def mend_ids(history: HistoryDraft) -> None:
    """Give each tool call an id of its own, which the service takes, and its result the same."""
    spans, seen = history.spans(), set[str]()
    for number, span in enumerate(spans):
        if span.role != "assistant":
            continue
        answers = spans[number + 1] if number + 1 < len(spans) else None
        own: set[str] = set()
        for turn in span.turns:
            for placed in [each for each in turn.blocks if each.kind == "tool_use"]:
                given = placed.block.get("id")
                name = _free(given, seen)
                if name != given:
                    history.note(placed.where, f"its id {str(given)[:60]!r} {_fault(given)}; it is {name!r} now")
                    _put(turn, placed, {**placed.block, "id": name})
                    if answers is not None:
                        _rename(answers, given, name, last=given in own)
                own.add(name)
                seen.add(name)


def _fault(given: Any) -> str:
    if not isinstance(given, str) or not given:
        return "is no text"
    return "has characters that the service refuses" if _NOT_OF_AN_ID.search(given) else "is there twice"


def _free(given: Any, seen: set[str]) -> str:
    base = _NOT_OF_AN_ID.sub("_", given) if isinstance(given, str) and given else "toolu_without_id"
    name, number = base, 1
    while name in seen:
        number += 1
        name = f"{base}_{number}"
    return name


def _put(turn: DraftTurn, placed: Placed, block: dict[str, Any]) -> None:
    turn.replace(placed._replace(block=block) if each is placed else each for each in turn.blocks)


def _rename(answers: RoleSpan, given: Any, name: str, *, last: bool) -> None:
    """Rename the result of a call; with `last`, an earlier call of the same turn has the first one of that id."""
    found = [
        (turn, placed)
        for turn in answers.turns
        for placed in turn.blocks
        if placed.kind == "tool_result" and placed.block.get("tool_use_id") == given
    ]
    for turn, placed in found[1:2] if last else found[:1]:
        _put(turn, placed, {**placed.block, "tool_use_id": name})


def mend_pairs(history: HistoryDraft) -> None:
    """Put each result where its call needs it, make one where there is none, and take out what answers nothing."""
    spare: dict[str, Placed] = {}
    spans = history.spans()
    for number, span in enumerate(spans):
        if span.role == "user":
            _take_strays(span, _calls(spans[number - 1]) if number else [], spare)
    for number, span in enumerate(spans):
        if span.role == "assistant":
            answers = spans[number + 1] if number + 1 < len(spans) else None
            missing = list(_missing(history, span, answers, spare))
            if missing:
                _insert(history, span, answers, missing)
    for placed in spare.values():
        history.note(placed.where, f"it answers {_id(placed)!r}, which no turn calls; it was taken out")
    for span in history.spans():
        if span.role == "user":
            _results_first(history, span)


def _calls(span: RoleSpan) -> list[str]:
    return [str(placed.block.get("id")) for placed in span.blocks if placed.kind == "tool_use"]


def _id(placed: Placed) -> str:
    return str(placed.block.get("tool_use_id"))


def _take_strays(span: RoleSpan, calls: list[str], spare: dict[str, Placed]) -> None:
    """Take out the results that answer none of the calls before them, and those that answer one again."""
    wanted = set(calls)
    for turn in span.turns:
        kept = []
        for placed in turn.blocks:
            if placed.kind != "tool_result" or _id(placed) in wanted:
                kept.append(placed)
                if placed.kind == "tool_result":
                    wanted.discard(_id(placed))
            else:
                spare.setdefault(_id(placed) if _id(placed) not in spare else placed.where, placed)
        if len(kept) < len(turn.blocks):
            turn.replace(kept)


def _missing(
    history: HistoryDraft, span: RoleSpan, answers: RoleSpan | None, spare: dict[str, Placed]
) -> Iterator[Placed]:
    given = {_id(placed) for placed in answers.blocks if placed.kind == "tool_result"} if answers else set()
    for placed in span.blocks:
        call = str(placed.block.get("id"))
        if placed.kind != "tool_use" or call in given:
            continue
        found = spare.pop(call, None)
        if found is not None:
            history.note(found.where, f"it answers {call!r}, which is called elsewhere; it was moved behind that call")
            yield found
        else:
            history.note(placed.where, f"the call {call!r} has no result; one that says so was added")
            result = {"type": "tool_result", "tool_use_id": call, "content": NO_RESULT, "is_error": True}
            yield Placed(placed.where, result)


def _insert(history: HistoryDraft, span: RoleSpan, answers: RoleSpan | None, results: list[Placed]) -> None:
    if answers is not None:
        turn = answers.turns[0]
        before = sum(placed.kind == "tool_result" for placed in turn.blocks)
        turn.replace([*turn.blocks[:before], *results, *turn.blocks[before:]])
        return
    last = span.turns[-1]
    made = DraftTurn(last.where, "user", results)
    history.turns.insert(history.turns.index(last) + 1, made)


def _results_first(history: HistoryDraft, span: RoleSpan) -> None:
    """Put the results of a turn before what else it says."""
    kinds = [placed.kind == "tool_result" for placed in span.blocks]
    if kinds == sorted(kinds, reverse=True):
        return
    late = [placed for number, placed in enumerate(span.blocks) if kinds[number] and not all(kinds[:number])]
    for placed in late:
        history.note(placed.where, "it comes after what is no tool_result; it was moved to the front of its turn")
    front = [placed for number, placed in enumerate(span.blocks) if kinds[number] and all(kinds[:number])]
    marked = {id(placed) for placed in (*front, *late)}
    for turn in span.turns:
        if any(id(placed) in marked for placed in turn.blocks):
            turn.replace(placed for placed in turn.blocks if id(placed) not in marked)
    span.turns[0].replace([*front, *late, *span.turns[0].blocks])
