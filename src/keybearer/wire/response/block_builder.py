"""One content block while it streams: what it started with, and the pieces that came since."""

from __future__ import annotations

import itertools
from typing import Any, Final

from keybearer.types import events as ev
from keybearer.types.content import BLOCKS, TOOL_CALLS, Citation, ContentBlock, citation, content_block
from keybearer.wire.json import loads
from keybearer.wire.response.parse import cut_call
from keybearer.wire.response.partial_json import PartialJSON, join_surrogates

__all__ = ["PIECES", "OpenBlock"]

PIECES: Final[dict[type, tuple[str, str, frozenset[str]]]] = {
    ev.TextDelta: ("text", "text", frozenset({"text"})),
    ev.ThinkingDelta: ("thinking", "thinking", frozenset({"thinking"})),
    ev.InputJSONDelta: ("partial_json", "input", TOOL_CALLS),
}
"""Delta to the field that holds its text, the block's field that it makes, and the known blocks that it may belong to."""


class OpenBlock:
    """A block while it streams.

    Attributes:
        index: Its place in the message.
        source: The block's JSON object as it started, with what the rarer deltas have set since.
        delta: The class of its main deltas; None until it is known.
        field: Their field that holds the text.
        pieces: The text of its main deltas.
        stopped: The finished block, once it is complete.
    """

    __slots__ = ("_folded", "_partial", "delta", "field", "index", "known", "pieces", "source", "stopped")

    def __init__(self, source: dict[str, Any], index: int) -> None:
        self.source = source
        self.index = index
        self.pieces: list[str] = []
        kind = source.get("type")
        self.known = isinstance(kind, str) and kind in BLOCKS
        self.delta: type | None = None
        self.field = ""
        self.take(next((delta for delta, (_, _, kinds) in PIECES.items() if kind in kinds), None))
        self.stopped: ContentBlock | None = None
        self._folded: dict[str, list[Any]] = {}  # text and list fields that rarer deltas add to
        self._partial: PartialJSON | None = None

    def take(self, delta: type | None) -> None:
        """Set the class of the block's main deltas."""
        self.delta = delta
        self.field = PIECES[delta][0] if delta is not None else ""

    def fold(self, fields: dict[str, Any], whole: frozenset[str] = frozenset()) -> None:
        """Add a rarer delta's fields: text to text, list to list, anything else set, and so are the fields that it has whole."""
        for name, value in fields.items():
            if isinstance(value, str | list) and name in self.source and name not in whole:
                old = self.source[name]
                if isinstance(old, type(value)) or (old is None and isinstance(value, list)):
                    self._folded.setdefault(name, []).append(value)
                    continue
            self.source[name] = value
            self._folded.pop(name, None)

    def folded(self, name: str) -> int:
        """Return how many values have been folded onto a field."""
        return len(self._folded.get(name, ()))

    def citations(self, count: int) -> list[Citation]:
        """Build the citations that the block started with and those that the first `count` folded values brought."""
        started = self.source.get("citations")
        later = itertools.chain.from_iterable(self._folded.get("citations", ())[:count])
        return [citation(each) for each in (*(started if isinstance(started, list) else ()), *later)]

    def partial_input(self, count: int | None = None) -> Any:
        """Return a tool's input as far as it can be read from the first `count` pieces; all of them when omitted."""
        if count is not None and count < len(self.pieces):
            reader = PartialJSON()
            reader.feed("".join(self.pieces[:count]))
            return reader.value
        if self._partial is None:
            self._partial = PartialJSON()
        self._partial.feed_pieces(self.pieces)
        return self._partial.value

    def _whole(self) -> dict[str, Any]:
        """Return the block's object, without its tool input."""
        source = dict(self.source)
        for name, values in self._folded.items():
            old = source[name]
            if isinstance(old, str):
                source[name] = join_surrogates(old + "".join(values))
            else:
                source[name] = [*(old or []), *(item for value in values for item in value)]
        if self.pieces and self.delta is not None and self.delta is not ev.InputJSONDelta:
            field = PIECES[self.delta][1]
            source[field] = join_surrogates(str(source.get(field) or "") + "".join(self.pieces))
        return source

    def finish(self) -> ContentBlock | None:
        """Build the finished block; None when a tool's input is not a JSON object."""
        source = self._whole()
        if self.delta is ev.InputJSONDelta and (text := "".join(self.pieces)):
            try:
                source["input"] = loads(text)
            except ValueError:
                return None
            if not isinstance(source["input"], dict):
                return None
        self.stopped = content_block(source)
        return self.stopped

    @property
    def may_be_cut(self) -> bool:
        """Whether the block, if the answer reached `max_tokens` in it, is a tool call whose input did not come whole."""
        if self.delta is not ev.InputJSONDelta:
            return False
        return self.stopped is None or not (any(self.pieces) or self.source.get("input"))

    def cut(self) -> ContentBlock:
        """Build the finished block of a tool call whose input did not come whole: it is marked `incomplete`."""
        self.stopped = self._cut()
        return self.stopped

    def _cut(self) -> ContentBlock:
        source = self._whole()
        value = self.partial_input() if self.pieces else source.get("input")
        return content_block(cut_call(source, "".join(self.pieces), value))

    def snapshot(self) -> ContentBlock:
        """Build the block as far as it came; a tool call whose input is not whole is marked `incomplete`."""
        if self.stopped is not None:
            return self.stopped
        return self._cut() if self.delta is ev.InputJSONDelta else content_block(self._whole())
