"""Builds one content block from its start and its deltas."""

from __future__ import annotations

import itertools
from typing import Any

from keybearer.types import events as ev
from keybearer.types.content import BLOCKS, Citation, ContentBlock, citation, content_block
from keybearer.types.messages import Message
from keybearer.wire.json import loads
from keybearer.wire.response.deltas import DELTAS, DeltaKind, Merge
from keybearer.wire.response.parse import cut_call
from keybearer.wire.response.partial_json import Pieces, join_surrogates
from keybearer.wire.response.transitions import StreamState

__all__ = ["BlockBuilder", "finished_event"]


class BlockBuilder:
    """Build a block from its start and its deltas.

    Most blocks consist of one text, which comes in pieces: the block's text deltas. The accumulator appends these pieces itself; all
    other deltas go through `merge`.

    Attributes:
        index: Its index in the message, from 0.
        source: The block's JSON object from its start event, with the fields that deltas have set since.
        state: `STREAMING` or `ENDED`.
        kind: The row of its text deltas in `DELTAS`; None in a block without text, or until an unknown block's first text delta.
        delta: The class of its text deltas.
        field: The field of a text delta that has the text.
        event: Makes the helper events of its text deltas.
        pieces: The texts of its text deltas, in order.
        block: The finished block; None while it streams, and if its tool input is not a JSON object.
        known: Whether its type is one of `BLOCKS`.
    """

    __slots__ = (
        "_merged",
        "block",
        "delta",
        "event",
        "field",
        "index",
        "kind",
        "known",
        "pieces",
        "source",
        "state",
    )

    def __init__(self, source: dict[str, Any], index: int) -> None:
        self.source = source
        self.index = index
        self.state = StreamState.STREAMING
        self.pieces: Pieces = Pieces()
        self.block: ContentBlock | None = None
        self._merged: dict[str, list[Any]] = {}  # the values that deltas add to fields with a text or a list
        kind = source.get("type")
        self.known = isinstance(kind, str) and kind in BLOCKS
        self.kind: DeltaKind | None = None
        self.delta: type | None = None
        self.field = ""
        self.event: Any = None
        for each in DELTAS.values():
            if each.is_text and kind in each.blocks:
                self.made_of(each)

    def made_of(self, kind: DeltaKind) -> None:
        """Set the row of the block's text deltas."""
        self.kind, self.delta, self.field = kind, kind.cls, kind.field
        self.event = kind.event(self) if kind.event is not None else None

    def changes(self, kind: DeltaKind, delta: ev.ContentDelta) -> dict[str, Any]:
        """Return the fields of the block that a delta changes, without a text that the accumulator appends to `pieces`."""
        fields = delta.to_dict()
        fields.pop("type", None)
        if kind is self.kind:
            fields.pop(self.field, None)
        elif kind.merge is Merge.ITEM:
            fields[kind.target] = [fields.pop(kind.field, None)]
        return fields

    def merge(self, kind: DeltaKind, fields: dict[str, Any]) -> None:
        """Merge the fields that `changes` returned into the block."""
        if kind.merge is Merge.ITEM:
            self.source.setdefault(kind.target, None)
        for name, value in fields.items():
            is_set = kind.merge is Merge.SET and name in kind.fields
            if isinstance(value, str | list) and name in self.source and not is_set:
                old = self.source[name]
                if isinstance(old, type(value)) or (old is None and isinstance(value, list)):
                    self._merged.setdefault(name, []).append(value)
                    continue
            self.source[name] = value
            self._merged.pop(name, None)

    def helper(self, kind: DeltaKind, delta: ev.ContentDelta) -> ev.Event | None:
        """Return the helper event of a merged delta; None without one."""
        if kind.event is None:
            return None
        count = len(self._merged.get(kind.target, ())) if kind.merge is Merge.ITEM else len(self.pieces)
        return kind.event(self)(self.pieces, count, getattr(delta, kind.field))

    def citations(self, count: int) -> list[Citation]:
        """Return the citations of the block's start, and the first `count` of those that deltas added."""
        started = self.source.get("citations")
        later = itertools.chain.from_iterable(self._merged.get("citations", ())[:count])
        return [citation(each) for each in (*(started if isinstance(started, list) else ()), *later)]

    def _object(self) -> dict[str, Any]:
        """Return the block's JSON object so far, without the pieces of a tool input."""
        source = dict(self.source)
        for name, values in self._merged.items():
            old = source[name]
            if isinstance(old, str):
                source[name] = join_surrogates(old + "".join(values))
            else:
                source[name] = [*(old or []), *(item for value in values for item in value)]
        if self.pieces and self.kind is not None and self.kind.merge is Merge.TEXT:
            field = self.kind.target
            source[field] = join_surrogates(str(source.get(field) or "") + "".join(self.pieces))
        return source

    @property
    def _is_call(self) -> bool:
        return self.kind is not None and self.kind.merge is Merge.JSON

    def finish(self) -> None:
        """End the block, and build it unless its tool input is not a JSON object."""
        self.state = StreamState.ENDED
        source = self._object()
        if self._is_call and (text := "".join(self.pieces)):
            try:
                source["input"] = loads(text)
            except ValueError:
                return
            if not isinstance(source["input"], dict):
                return
        self.block = content_block(source)

    @property
    def may_be_cut(self) -> bool:
        """Whether the block is a tool call whose input is incomplete if the answer reached `max_tokens` in this block."""
        return self._is_call and (self.block is None or not (any(self.pieces) or self.source.get("input")))

    def cut(self) -> None:
        """Build the finished block of a tool call with an incomplete input, marked `incomplete`."""
        self.block = self._cut()

    def _cut(self) -> ContentBlock:
        source = self._object()
        value = self.pieces.json() if self.pieces else source.get("input")
        return content_block(cut_call(source, "".join(self.pieces), value))

    def snapshot(self) -> ContentBlock:
        """Build the block as far as it came; a tool call whose input is not complete is marked `incomplete`."""
        if self.block is not None:
            return self.block
        return self._cut() if self._is_call else content_block(self._object())


def finished_event(event: ev.RawEvent, block: BlockBuilder | None, message: Message | None) -> ev.Event | None:
    """Return a raw event as `messages.stream()` gives it: a stop event with its block or message. None if it gives none."""
    if isinstance(event, ev.RawContentBlockStopEvent):
        # A tool input that is not JSON has no finished block; message_stop brings the error.
        finished = block is not None and block.block
        return ev.ContentBlockStopEvent(event.index, finished) if finished else None
    if isinstance(event, ev.RawMessageStopEvent):
        return None if message is None else ev.MessageStopEvent(message)
    return None if isinstance(event, ev.ErrorEvent) else event
