"""The deltas of a stream, as one table.

Strategy: `DELTAS` has a row for each type of delta: how it is read, which blocks it may be merged into, how it is merged, and which
helper event is made from it. A new delta takes a class in `keybearer.types.events` and one row here. A test compares `FastDelta`,
the deltas of the fast decoder, with this table.

Contract: an inconsistent row raises when it is made. A delta without a row is an `UnknownDelta`: it may be merged into any block,
and each of its fields is merged by its type.

Source: the `anthropic` 2.14.0 wheel, `accumulate_event` of `lib/streaming/_beta_messages.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from msgspec import Struct

from keybearer.types import events as ev
from keybearer.types.api_object import APIObject
from keybearer.types.content import BLOCKS, TOOL_CALLS, citation

if TYPE_CHECKING:
    from keybearer.wire.response.block_builder import BlockBuilder

__all__ = ["DELTAS", "UNKNOWN", "DeltaKind", "Merge", "check_table", "kind_of"]


class Merge(Enum):
    """How a delta is merged into its block."""

    TEXT = "its text is added to the block's"
    JSON = "its text is added to a JSON text, which is decoded when the block ends"
    ITEM = "its value is added to a list of the block"
    SET = "its fields replace the block's"
    BY_KIND = "text is added to text, list to list, and any other field is set"


MakeEvent: TypeAlias = Callable[[list[str], int, Any], ev.Event]
"""Makes a helper event from the pieces of a block's text, the number of values that came so far, and the newest value."""


def _text(source: dict[str, Any], field: str) -> str:
    piece = source.get(field, 0)
    if piece is not None and not isinstance(piece, str):
        raise ValueError(f"a {source.get('type')} has no {field} text")
    return piece or ""


class DeltaKind(Struct, frozen=True, kw_only=True):
    """One type of delta.

    Attributes:
        cls: Its class; `UnknownDelta` if it has none of its own.
        fields: Its known fields: one, except with `Merge.SET`.
        blocks: The known types of blocks that it may be merged into.
        merge: How it is merged into its block.
        event: Returns, for a block, the function that makes its helper events; None for a delta without one.
        into: The block's field that it is merged into; empty if it has the name of the delta's own.
        read: Reads the value of a field from the delta's JSON object, given the field's name.
    """

    cls: type[APIObject]
    fields: tuple[str, ...]
    blocks: frozenset[str]
    merge: Merge
    event: Callable[[BlockBuilder], MakeEvent] | None
    into: str = ""
    read: Callable[[dict[str, Any], str], Any] = _text

    def __post_init__(self) -> None:
        name = self.cls.__name__
        if not self.blocks or not self.blocks <= BLOCKS.keys():
            raise ValueError(
                f"the blocks of {name} are {sorted(self.blocks)}; they must be known ones, and one at least"
            )
        if not isinstance(self.merge, Merge):
            raise TypeError(f"the merge of {name} is {self.merge!r}; it must be a Merge")
        if self.event is not None and not callable(self.event):
            raise TypeError(f"the event of {name} cannot be called")
        if self.cls is not ev.UnknownDelta and self.fields != self.cls.__struct_fields__:
            raise ValueError(f"the fields of {name} are {self.cls.__struct_fields__}, not {self.fields}")
        if self.merge in {Merge.TEXT, Merge.JSON, Merge.ITEM} and len(self.fields) != 1:
            raise ValueError(f"{name} has {len(self.fields)} fields; one that is added to a block has just one")

    @property
    def field(self) -> str:
        """The delta's first field, which for most is the only one."""
        return self.fields[0]

    @property
    def target(self) -> str:
        """The block's field that the delta is merged into."""
        return self.into or self.field

    @property
    def is_text(self) -> bool:
        """Whether the delta is a piece of its block's text."""
        return self.merge in {Merge.TEXT, Merge.JSON}

    def build(self, source: dict[str, Any]) -> ev.ContentDelta:
        """Build the delta from its JSON object.

        Raises:
            ValueError: A field that must be a text is not one.
        """
        if self.cls is ev.UnknownDelta:
            return ev.UnknownDelta.of(source)
        values = {name: self.read(source, name) for name in self.fields}
        return cast("ev.ContentDelta", self.cls.of(source, **values))

    def has_more(self, source: dict[str, Any]) -> bool:
        """Return whether a delta's JSON object has unknown fields."""
        return not source.keys() <= {"type", *self.fields}


_TEXT: Final = frozenset({"text"})
_THINKING: Final = frozenset({"thinking"})
_ANY: Final = frozenset(BLOCKS)

DELTAS: Final[dict[str, DeltaKind]] = {
    "text_delta": DeltaKind(
        cls=ev.TextDelta,
        fields=("text",),
        blocks=_TEXT,
        merge=Merge.TEXT,
        event=lambda _block: ev.TextEvent,
    ),
    "input_json_delta": DeltaKind(
        cls=ev.InputJSONDelta,
        fields=("partial_json",),
        blocks=TOOL_CALLS,
        merge=Merge.JSON,
        event=lambda block: block.pieces.event,
        into="input",
    ),
    "thinking_delta": DeltaKind(
        cls=ev.ThinkingDelta,
        fields=("thinking",),
        blocks=_THINKING,
        merge=Merge.TEXT,
        event=lambda _block: ev.ThinkingEvent,
    ),
    "signature_delta": DeltaKind(
        cls=ev.SignatureDelta,
        fields=("signature",),
        blocks=_THINKING,
        merge=Merge.SET,
        event=lambda _block: lambda _texts, _count, signature: ev.SignatureEvent(signature),
    ),
    "citations_delta": DeltaKind(
        cls=ev.CitationsDelta,
        fields=("citation",),
        blocks=_TEXT,
        merge=Merge.ITEM,
        event=lambda block: lambda _texts, count, cited: ev.CitationEvent(block.citations, count, cited),
        into="citations",
        read=lambda source, field: citation(source.get(field)),
    ),
    "compaction_delta": DeltaKind(
        cls=ev.UnknownDelta,
        fields=("content", "encrypted_content"),
        blocks=_ANY,
        merge=Merge.SET,
        event=None,
    ),
}
"""Type of a delta to its row."""


def check_table(table: Mapping[str, DeltaKind]) -> None:
    """Refuse a table in which two deltas are text of the same block: a block has one list of pieces.

    Raises:
        ValueError: There are two for a block.
    """
    for block in BLOCKS:
        texts = [name for name, kind in table.items() if kind.is_text and block in kind.blocks]
        if len(texts) > 1:
            raise ValueError(f"a {block} block is made of one text, not of {' and '.join(texts)}")


check_table(DELTAS)

UNKNOWN: Final = DeltaKind(cls=ev.UnknownDelta, fields=(), blocks=_ANY, merge=Merge.BY_KIND, event=None)
"""The row of every delta of an unknown type."""


def kind_of(delta: ev.ContentDelta) -> DeltaKind:
    """Return the row of a delta."""
    kind = DELTAS.get(delta.type, UNKNOWN)
    return kind if isinstance(delta, kind.cls) else UNKNOWN
