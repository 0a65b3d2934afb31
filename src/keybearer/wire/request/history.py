"""The earlier turns of a conversation, encoded and checked once.

Strategy: an agent sends its whole history with every request, and only the end of it is new. After the service has accepted a request,
its turns are kept as the caller gave them, with their JSON. If a later request begins with equal turns, that JSON is sent again, and
only the turns after them are converted, checked and encoded. Comparing costs a fiftieth of that.

Contract: the JSON value that is sent is the same as without this cache. Its text may differ in two ways, in which Python calls
values equal: the order of an object's keys, and a whole number other than 0 and 1 that is now a float. Every list and dict of the
caller's is copied, and so is the JSON behind an answer's values, so that a change anywhere in them is noticed, and the turns are
encoded again. The last two exchanges are not kept: their tool calls and results are checked against each other, and cache breakpoints
move there. The turns of a run are its own (`PlainList`), and neither copied nor compared; where no breakpoints are placed in them, all
of them are kept, and known again where the model's turn follows.

Limits: `MOST_CONVERSATIONS` and `MOST_BYTES`, for one client.
"""

from __future__ import annotations

import operator
from typing import Any, Final, NamedTuple

import msgspec

from keybearer.types.api_object import APIObject, source_of
from keybearer.wire.json import PlainList, dumps_strict
from keybearer.wire.request.headers import beta_tags
from keybearer.wire.request.lint_media import images
from keybearer.wire.request.turns import RequestView

__all__ = ["History", "Known", "cacheable_prefix", "prepend_cached"]

MOST_CONVERSATIONS: Final = 16
"""The most conversations that are kept."""

MOST_BYTES: Final = 8 << 20
"""The most bytes of JSON that are kept, for all conversations together."""

_PLAIN: Final = frozenset({str, type(None), bytes})
_NUMBERS: Final = frozenset({int, float, bool})


class Known(NamedTuple):
    """The first turns of a conversation, which were encoded and checked.

    Attributes:
        key: The API version and the beta tags, on which encoding and checks depend.
        turns: The turns as the caller gave them, with every list and dict copied.
        sources: The JSON objects of the answers' values among them, shared with those values.
        copies: Copies of `sources`, to notice a change.
        json: The turns' JSON, separated by commas.
        calls: The ids of their tool calls.
        marks: How many cache breakpoints they have.
        images: How many images they have.
        tags: The beta tags that they need.
        owned: Whether they are a run's, which nobody changes, and found by themselves alone.
        whole: Whether they are all turns of a request, its last exchanges too.
        tools: The tools that they were sent with, if those are a run's too.
    """

    key: tuple[str, str]
    turns: list[Any]
    sources: list[Any]
    copies: list[Any]
    json: bytes
    calls: frozenset[str]
    marks: int
    images: int
    tags: tuple[str, ...]
    owned: bool = False
    whole: bool = False
    tools: PlainList | None = None

    def matches(self, turns: list[Any]) -> bool:
        """Return whether a conversation begins with these turns."""
        count = len(self.turns)
        if self.whole and (len(turns) <= count or _role(turns[count]) != "assistant"):
            return False
        if self.owned:
            return type(turns) is PlainList and len(turns) >= count and all(map(operator.is_, turns, self.turns))
        return (
            len(turns) >= count
            and turns[0] == self.turns[0]
            and turns[:count] == self.turns
            and self.sources == self.copies
        )

    def extends(self, other: Known) -> bool:
        """Return whether these turns begin with the other ones."""
        return self.key == other.key and self.json.startswith(other.json)


class History:
    """The known turns of one client's conversations. Threads may share it: its tuple is replaced, never changed."""

    def __init__(self) -> None:
        self._known: tuple[Known, ...] = ()

    def find(self, turns: list[Any], key: tuple[str, str], *, marked: bool) -> Known | None:
        """Return the longest known beginning of a conversation; None without one.

        Args:
            turns: The conversation.
            key: See `Known`.
            marked: Whether breakpoints are placed in its last exchanges.
        """
        found = [
            known for known in self._known if known.key == key and not (marked and known.whole) and known.matches(turns)
        ]
        return max(found, key=lambda known: len(known.turns), default=None)

    def remember(self, known: Known) -> None:
        """Keep turns that the service has accepted, in place of the shorter ones that they begin with."""
        room = MOST_BYTES - len(known.json)
        kept = [known] if room >= 0 else []
        for each in self._known:
            if len(kept) < MOST_CONVERSATIONS and not known.extends(each):
                room -= len(each.json)
                kept += [each] if room >= 0 else []
        self._known = tuple(kept)


def cacheable_prefix(
    turns: list[Any],
    sent: list[Any],
    known: Known | None,
    key: tuple[str, str],
    tools: Any = None,
    *,
    marked: bool,
    seen: RequestView | None = None,
) -> Known | None:
    """Return a conversation without its last two exchanges, or the whole of a run's, to keep once the service has accepted it.

    Args:
        turns: All its turns, as the caller gave them.
        sent: The turns after the known ones, as they are sent.
        known: The known turns at its beginning; None without any.
        key: See `Known`.
        tools: The tools that they are sent with.
        marked: Whether breakpoints are placed in its last exchanges.
        seen: The view of all that is sent, where there is one already.

    Returns:
        The turns to keep; None if they are no more than the known ones, or if a change of them could not be noticed.
    """
    begin = len(known.turns) if known else 0
    owned = type(turns) is PlainList
    whole = owned and not marked and _role(turns[-1]) == "user"
    end = len(turns) if whole else _end(turns, begin)
    copied = _Copied()
    if end <= begin or not (owned or all(map(copied.add, turns[begin:end]))):
        return None
    new = sent[: end - begin]
    request = seen if whole and seen is not None else RequestView({"messages": new}, key[0], frozenset())
    before = known or Known(key, [], [], [], b"", frozenset(), 0, 0, ())
    try:
        text = dumps_strict(new)[1:-1]
    except (TypeError, ValueError):  # it cannot be sent, or has a lone surrogate, which is sent as an escape
        return None
    return Known(
        key=key,
        turns=[*before.turns, *(turns[begin:end] if owned else copied.turns)],
        sources=[*before.sources, *copied.sources],
        copies=[*before.copies, *copied.copies],
        json=before.json + b"," + text if before.json else text,
        calls=before.calls.union(str(block.get("id")) for _, _, _, block in request.of("tool_use")),
        marks=before.marks + sum(where.startswith("messages[") for where, _ in request.marks),
        images=before.images + len(images(request)),
        tags=(*before.tags, *beta_tags({"messages": new})),
        owned=owned,
        whole=whole,
        tools=tools if type(tools) is PlainList else None,
    )


def _end(turns: list[Any], begin: int) -> int:
    """Return the index where the second-last exchange begins, with an assistant's turn after a user's."""
    seen = 0
    for index in range(len(turns) - 1, begin, -1):
        if _role(turns[index]) == "assistant" and _role(turns[index - 1]) == "user":
            seen += 1
            if seen == 2:
                return index
    return begin


def _role(turn: Any) -> Any:
    return turn.get("role") if type(turn) is dict else getattr(turn, "role", None)


class _Number:
    """A number that compares by type and sign too: to Python `1`, `1.0` and `True` are equal, and so are `0.0` and `-0.0`."""

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        value = self._value
        return type(other) is type(value) and other == value and (value != 0 or str(other) == str(value))

    def __hash__(self) -> int:
        return hash(self._value)


class _Answer:
    """An answer's value with such numbers in its JSON: equal to itself, and to a value with the same JSON."""

    __slots__ = ("_source", "_value")

    def __init__(self, value: APIObject, source: Any) -> None:
        self._value = value
        self._source = source

    def __eq__(self, other: object) -> bool:
        if other is self._value:
            return True
        return isinstance(other, APIObject) and other == self._value and bool(source_of(other) == self._source)

    def __hash__(self) -> int:
        return hash(self._value)


class _Copied:
    """Copies turns: every list and dict is copied, texts and answers' values are shared."""

    def __init__(self) -> None:
        self.turns: list[Any] = []
        self.sources: list[Any] = []
        self.copies: list[Any] = []
        self._doubtful = 0  # how many `_Number`s were made

    def add(self, turn: Any) -> bool:
        """Copy a turn; return False if it has a value whose change could not be noticed."""
        try:
            self.turns.append(self._copy(turn))
        except (TypeError, RecursionError):
            return False
        return True

    def _copy(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind in _NUMBERS:
            if kind is int and value not in {0, 1}:
                return value
            self._doubtful += 1
            return _Number(value)
        if kind is dict:
            return {key: self._copy(each) for key, each in value.items()}
        if kind is list:
            return [self._copy(each) for each in value]
        if isinstance(value, APIObject):
            doubtful, index = self._doubtful, len(self.copies)
            self._copy_source(value)
            return _Answer(value, self.copies[index]) if self._doubtful > doubtful else value
        raise TypeError(kind)

    def _copy_source(self, value: APIObject) -> None:
        inner = getattr(value, "content", None)
        parts = [each for each in inner if isinstance(each, APIObject)] if isinstance(inner, list) else []
        for each in (value, *parts):
            source = source_of(each)
            if source is None:  # made by a caller, possibly of mutable values
                raise TypeError(type(each))
            self.sources.append(source)
            self.copies.append(self._copy(source))


def prepend_cached(known: Known | None, turns: list[Any]) -> list[Any]:
    """Return turns with the known ones before them, for the encoder."""
    # msgspec writes a Raw as it is, so one Raw can hold several values with commas between them.
    return [msgspec.Raw(known.json), *turns] if known else turns
