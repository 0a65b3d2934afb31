"""Mends what a history's turns hold: blocks of the other role's, empty ones, lost thinking, images, cache breakpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.conversation.draft import DraftTurn, HistoryDraft, Placed, joined
from keybearer.wire.json import dumps
from keybearer.wire.request.caching import MAX_BREAKPOINTS, breakpoints
from keybearer.wire.request.lint_media import image_limits
from keybearer.wire.request.media import image_header, is_base64
from keybearer.wire.request.turns import RequestView

__all__ = ["mend_cache", "mend_empty", "mend_images", "mend_last_thinking", "mend_roles", "mend_texts", "mend_thinking"]

_THINKING: Final = ("thinking", "redacted_thinking")
_OWNERS: Final = {
    "tool_use": "assistant",
    "server_tool_use": "assistant",
    "thinking": "assistant",
    "redacted_thinking": "assistant",
    "tool_result": "user",
    "document": "user",
}
"""Blocks that only one role may send. Source: docs/protocol.md; a document from version 2026-10-21 on."""


def mend_roles(history: HistoryDraft) -> None:
    """Split a turn that has blocks of the other role's: each part is a turn of the role that may send it."""
    turns: list[DraftTurn] = []
    for turn in history.turns:
        roles = [turn.role if turn.role == "system" else _OWNERS.get(placed.kind, turn.role) for placed in turn.blocks]
        if all(role == turn.role for role in roles):
            turns.append(turn)
            continue
        parts: list[DraftTurn] = []
        for role, placed in zip(roles, turn.blocks, strict=True):
            if role != turn.role:
                history.note(
                    placed.where, f"a turn of the {turn.role} has no {placed.kind}; it is in one of the {role} now"
                )
            if parts and parts[-1].role == role:
                parts[-1].blocks.append(placed)
            else:
                first = role == turn.role and all(part.role != role for part in parts)  # an answer's usage counts once
                parts.append(DraftTurn(turn.where, role, [placed], turn.origin if first else None, changed=True))
        turns += parts
    history.turns = turns


def mend_texts(history: HistoryDraft) -> None:
    """Take out empty texts, also in the results of tools, and what a text of the user's may not have."""
    for turn in history.turns:
        kept: list[Placed] = []
        for placed in turn.blocks:
            mended = _mended_text(history, turn, placed)
            if mended is not None:
                kept.append(mended)
        if kept != turn.blocks:
            turn.replace(kept)


def _mended_text(history: HistoryDraft, turn: DraftTurn, placed: Placed) -> Placed | None:
    where, block = placed
    if placed.kind == "text":
        if not isinstance(block.get("text"), str) or block["text"] == "":
            history.note(where, "its text is empty; it was taken out")
            return None
        if turn.role == "user" and block.get("citations") is not None:
            history.note(where, "a text of the user's has no citations; they were taken out")
            return placed._replace(block={name: value for name, value in block.items() if name != "citations"})
    if placed.kind == "tool_result":
        return _mended_result(history, placed)
    return placed


def _mended_result(history: HistoryDraft, placed: Placed) -> Placed:
    where, block = placed
    content = block.get("content")
    if isinstance(content, list):
        kept = [each for each in content if not _is_empty_text(each)]
        if len(kept) < len(content):
            history.note(where, "it has empty texts; they were taken out")
            return placed._replace(block={**block, "content": kept} if kept else _without(block, "content"))
        return placed
    if "content" in block and not isinstance(content, str):
        history.note(where, "its content is neither a text nor a list of blocks; it is its JSON text now")
        return placed._replace(
            block=_without(block, "content") if content is None else {**block, "content": dumps(content).decode()}
        )
    return placed


def _is_empty_text(block: Any) -> bool:
    return isinstance(block, Mapping) and block.get("type") == "text" and block.get("text") in ("", None)


def _without(block: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name not in names}


def mend_thinking(history: HistoryDraft) -> None:
    """Take out thinking that the service cannot know again: without its signature, or without its data."""
    for kind, proof in zip(_THINKING, ("signature", "data"), strict=True):
        for turn, placed in history.of(kind):
            if not isinstance(placed.block.get(proof), str) or not placed.block[proof]:
                history.note(
                    placed.where, f"its {proof} is lost, without which the service refuses it; it was taken out"
                )
                turn.replace(each for each in turn.blocks if each is not placed)
            elif placed.block.get("cache_control") is not None:
                history.note(placed.where, "thinking cannot be a cache breakpoint; its cache_control was taken out")
                mended = placed._replace(block=_without(placed.block, "cache_control"))
                turn.replace(mended if each is placed else each for each in turn.blocks)


def mend_last_thinking(history: HistoryDraft) -> None:
    """Take out thinking that ends an assistant's turn: what it led to was lost."""
    for span in history.spans():
        while span.role == "assistant" and span.blocks and span.blocks[-1].kind in _THINKING:
            turn = next(each for each in reversed(span.turns) if each.blocks)
            history.note(
                turn.blocks[-1].where, "the turn ends with thinking, which the service refuses; it was taken out"
            )
            turn.replace(turn.blocks[:-1])


def mend_empty(history: HistoryDraft) -> None:
    """Take out turns that say nothing."""
    for turn in list(history.turns):
        blank = all(placed.kind == "text" and not placed.block["text"].strip() for placed in turn.blocks)
        if not turn.silent and (not turn.blocks or (turn.role != "assistant" and blank)):
            history.note(turn.where, "it says nothing; it was taken out")
            history.turns.remove(turn)


def mend_images(history: HistoryDraft, most: int) -> None:
    """Put a note in the place of each image that the service refuses: too large, too many, or no image.

    Args:
        history: The history.
        most: The most images of a request; the first ones go.
    """
    _correct_images(history)
    count = len(list(_images(history)))
    for turn, placed, inner in list(_images(history))[: max(count - most, 0)]:
        _note_image(history, turn, placed, inner, f"there are {count} images, more than {most}")
    body = {
        "messages": [{"role": turn.role, "content": [placed.block for placed in turn.blocks]} for turn in history.turns]
    }
    wrong = {problem.where: problem.what for problem in image_limits(RequestView(body, "", frozenset()))}
    for number, turn in enumerate(history.turns):
        for index, placed in enumerate(list(turn.blocks)):
            where = f"messages[{number}].content[{index}]"
            if where in wrong:
                _note_image(history, turn, turn.blocks[index], None, wrong[where])
            inner = placed.block.get("content")
            for each in range(len(inner) if isinstance(inner, list) else 0):
                if f"{where}.content[{each}]" in wrong:
                    _note_image(history, turn, turn.blocks[index], each, wrong[f"{where}.content[{each}]"])


def _images(history: HistoryDraft) -> Any:
    """Yield each image: its turn, its block or that of the result which it is in, and its index in there."""
    for turn in history.turns:
        for placed in turn.blocks:
            inner = placed.block.get("content")
            if placed.kind == "image":
                yield turn, placed, None
            elif placed.kind == "tool_result" and isinstance(inner, list):
                for index, each in enumerate(inner):
                    if isinstance(each, Mapping) and each.get("type") == "image":
                        yield turn, placed, index


def _note_image(history: HistoryDraft, turn: DraftTurn, placed: Placed, inner: int | None, why: str) -> None:
    where = placed.where if inner is None else f"{placed.where}.content[{inner}]"
    history.note(where, f"{why}; a note is in its place")
    _put_inner(turn, placed, inner, {"type": "text", "text": f"[An image was taken out here: {why}.]"})


def _put_inner(turn: DraftTurn, placed: Placed, inner: int | None, block: dict[str, Any]) -> None:
    index = next(
        number for number, each in enumerate(turn.blocks) if each.where == placed.where and each.kind == placed.kind
    )
    now = turn.blocks[index]
    if inner is not None:
        content = list(now.block["content"])
        content[inner] = block
        block = {**now.block, "content": content}
    turn.replace([*turn.blocks[:index], now._replace(block=block), *turn.blocks[index + 1 :]])


def _correct_images(history: HistoryDraft) -> None:
    """Correct the type of an image that says another one than its bytes, and decode bytes that are base64 already."""
    for turn, placed, inner in list(_images(history)):
        block = (
            placed.block
            if inner is None
            else next(
                each.block["content"][inner]
                for each in turn.blocks
                if each.where == placed.where and each.kind == placed.kind
            )
        )
        source = block.get("source")
        data = source.get("data") if isinstance(source, Mapping) and source.get("type") == "base64" else None
        if not isinstance(data, str | bytes):
            continue
        where = placed.where if inner is None else f"{placed.where}.content[{inner}]"
        mended = dict(source)
        if isinstance(data, bytes) and is_base64(data):
            mended["data"] = data = data.decode("ascii", "replace")
            history.note(where, "its data is base64 already, as bytes; it is text now")
        seen = image_header(data)
        if seen is None:
            _note_image(history, turn, placed, inner, "its bytes are no image that the service takes")
            continue
        if seen.media_type != source.get("media_type"):
            mended["media_type"] = seen.media_type
            history.note(
                where,
                f"it says {joined([source.get('media_type')])}, but its bytes are {seen.media_type}; it says so now",
            )
        if mended != source:
            _put_inner(turn, placed, inner, {**block, "source": mended})


def mend_cache(history: HistoryDraft, fixed: Mapping[str, Any]) -> None:
    """Take out cache breakpoints over the limit, the first of the turns first, and one of an hour after one of five minutes.

    Args:
        history: The history.
        fixed: What goes before it, with breakpoints of its own: `system`, `tools`, and the call's `cache_control`.
    """
    before = [(where, mark) for where, mark in breakpoints(fixed)]
    short = any(mark.get("ttl") != "1h" for where, mark in before if where != "cache_control")
    marked = [(turn, placed, own) for turn in history.turns for placed in turn.blocks if (own := _marks(placed))]
    count = len(before) + sum(len(own) for _, _, own in marked)
    for turn, placed, own in marked:
        why = f"there are more than {MAX_BREAKPOINTS} cache breakpoints" if count > MAX_BREAKPOINTS else ""
        if not why and short and any(mark.get("ttl") == "1h" for mark in own):
            why = "its breakpoint of an hour comes after one of five minutes"
        if why:
            history.note(placed.where, f"{why}; its cache_control was taken out")
            count -= len(own)
            _put_inner(turn, placed, None, _unmarked(placed.block))
        short = short or (not why and any(mark.get("ttl") != "1h" for mark in own))


def _marks(placed: Placed) -> list[Mapping[str, Any]]:
    return [mark for _, mark in breakpoints({"messages": [{"content": [placed.block]}]})]


def _unmarked(block: Mapping[str, Any]) -> dict[str, Any]:
    inner = block.get("content")
    content = (
        [_without(each, "cache_control") if isinstance(each, Mapping) else each for each in inner]
        if isinstance(inner, list)
        else inner
    )
    mended = _without(block, "cache_control")
    return {**mended, "content": content} if "content" in block else mended
