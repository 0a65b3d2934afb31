"""A history while it is being mended: its turns with their places, and the list of changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from keybearer.conversation.accept import Turn, blocks_of, role_of
from keybearer.types.messages import Message

__all__ = ["Change", "DraftTurn", "HistoryDraft", "Placed", "joined"]


class Change(NamedTuple):
    """Something that `repair` changed.

    Attributes:
        where: The place in the history that was given, such as `messages[3].content[1]`, or `line 12` of a transcript.
        what: What was wrong there and what was done, in words.
    """

    where: str
    what: str


class Placed(NamedTuple):
    """A content block with the place that it had in the history that was given."""

    where: str
    block: dict[str, Any]

    @property
    def kind(self) -> str:
        """The block's type."""
        return str(self.block.get("type"))


@dataclasses.dataclass(eq=False)
class DraftTurn:
    """A turn that may be changed.

    Attributes:
        where: The place that it had.
        role: Its role.
        blocks: Its blocks.
        origin: The turn as it was given, which it stays unless `changed`; None for one that was made here.
        changed: Whether anything in it was changed.
    """

    where: str
    role: str
    blocks: list[Placed]
    origin: Turn | None = None
    changed: bool = False

    @classmethod
    def of(cls, where: str, turn: Turn) -> DraftTurn:
        """Make the draft of a turn."""
        blocks: Any = blocks_of(turn)
        plain = isinstance(turn, dict) and isinstance(turn.get("content"), str)
        places = [where] if plain else [f"{where}.content[{index}]" for index in range(len(blocks))]
        return cls(where, role_of(turn), [Placed(*each) for each in zip(places, blocks, strict=True)], turn)

    @property
    def silent(self) -> bool:
        """Whether it says nothing, and is there for its settings."""
        return self.role == "system" and isinstance(self.origin, dict) and bool(self.origin.get("output_config"))

    def replace(self, blocks: Iterable[Placed]) -> None:
        """Give it other blocks."""
        self.blocks, self.changed = list(blocks), True

    def finished(self) -> Turn:
        """Return the turn: the given value itself when nothing in it was changed."""
        if self.origin is not None and not self.changed:
            return self.origin
        content = [placed.block for placed in self.blocks]
        if isinstance(self.origin, Message) and self.role == "assistant":
            changed = Message.of({**self.origin.to_dict(), "content": content})
            return changed.with_headers(self.origin.headers)
        fields = self.origin if isinstance(self.origin, dict) else {}
        return {**fields, "role": self.role, "content": content}


class RoleSpan(NamedTuple):
    """Turns of one role in a row, which the service takes as one; system turns in between belong to none."""

    role: str
    turns: list[DraftTurn]

    @property
    def blocks(self) -> list[Placed]:
        """Its blocks."""
        return [placed for turn in self.turns for placed in turn.blocks]


class HistoryDraft:
    """The turns that are being mended.

    Attributes:
        turns: The turns.
        system: The system prompt; None without one.
        changes: What was changed so far.
    """

    def __init__(self) -> None:
        self.turns: list[DraftTurn] = []
        self.system: Any = None
        self.changes: list[Change] = []

    def note(self, where: str, what: str) -> None:
        """Add a change to the list."""
        self.changes.append(Change(where, what))

    def spans(self) -> list[RoleSpan]:
        """Return the turns as the service joins them."""
        found: list[RoleSpan] = []
        for turn in self.turns:
            if turn.role == "system":
                continue
            if found and found[-1].role == turn.role:
                found[-1].turns.append(turn)
            else:
                found.append(RoleSpan(turn.role, [turn]))
        return found

    def of(self, kind: str) -> Iterator[tuple[DraftTurn, Placed]]:
        """Yield the blocks of a type, each with its turn."""
        for turn in self.turns:
            yield from ((turn, placed) for placed in list(turn.blocks) if placed.kind == kind)


_SHOWN: Final = 60


def joined(names: Iterable[Any]) -> str:
    """Return names as an enumeration for a change's words."""
    from keybearer.errors.sanitize import sanitize

    return ", ".join(sanitize(str(name), _SHOWN) for name in names)
