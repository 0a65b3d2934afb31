"""A run so far, as a list of records: what was asked, the replies, and what came of their calls.

Strategy: everything that happens is a record first, and the state is what the records come to. So a saved run and a journal are the
same thing, a JSON line for each record, and a run that was killed goes on from the lines that are there.
Contract: `RunState.load(state.dump())` gives the run back, whole, with fields that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

from msgspec import DecodeError, Struct, field

from keybearer.errors import UsageError
from keybearer.tools.calls import CallOutcome, Ending, result_block
from keybearer.tools.tool import ToolCall
from keybearer.types.content import ToolUseBlock
from keybearer.types.messages import Message
from keybearer.types.usage import Usage
from keybearer.wire.json import PlainList, detached, dumps, loads
from keybearer.wire.request.build import as_list
from keybearer.wire.response import parse

if TYPE_CHECKING:
    from keybearer.prices import Cost

__all__ = [
    "Record",
    "RunState",
    "Turn",
    "begin",
    "ended",
    "finished",
    "history",
    "reply",
    "spent",
    "started",
    "to_line",
]

Record: TypeAlias = dict[str, Any]

FORMAT: Final = 1


def begin(messages: Iterable[Any]) -> Record:
    """Return the record that a run begins with."""
    return {"run": FORMAT, "messages": detached(list(as_list(messages, "messages")))}


def reply(
    message: Message,
    calls: Iterable[str],
    *,
    note: str = "",
    dropped: int = 0,
    cut: bool = False,
    again: bool = False,
) -> Record:
    """Return the record of a reply.

    Args:
        message: The reply.
        calls: The ids of the calls in it that are run.
        note: What the user's turn says beside the results.
        dropped: How many blocks at its end are not kept: a call that was cut.
        cut: Whether more of it may come, in another record.
        again: Whether it takes the place of the last reply, which was a part of it.
    """
    record: Record = {"reply": message.to_dict(), "calls": list(calls)}
    return record | {
        key: value for key, value in (("note", note), ("dropped", dropped), ("cut", cut), ("again", again)) if value
    }


def started(call: ToolCall) -> Record:
    """Return the record of a call that starts now."""
    return {"started": call.id}


def finished(outcome: CallOutcome) -> Record:
    """Return the record of what came of a call."""
    return {
        "finished": outcome.call.id,
        "content": detached(outcome.content),
        "is_error": outcome.is_error,
        "ending": outcome.ending.value,
        "seconds": round(outcome.seconds, 6),
    }


def history(messages: Sequence[Any], usage: Usage | None = None) -> Record:
    """Return the record of another history in place of all that stands, with what making it has used."""
    record: Record = {"history": detached(list(messages))}
    return record if usage is None else record | {"usage": usage.to_dict()}


def spent(cost: Cost, usage: Mapping[str, int | None] | None = None) -> Record:
    """Return the record of what was paid for what is no reply: a summary, a stream that was cut, a run inside a tool.

    Args:
        cost: What it cost.
        usage: The tokens of a run inside a tool; None for what is counted elsewhere, or not at all.
    """
    record: Record = {"spent": cost.to_dict()}
    return record if usage is None else record | {"usage": dict(usage)}


def ended(why: str) -> Record:
    """Return the record of the end."""
    return {"ended": why}


def to_line(record: Record) -> bytes:
    """Return a record as a line."""
    return dumps(record) + b"\n"


def _is_json(text: bytes) -> bool:
    try:
        loads(text)
    except ValueError:
        return False
    return True


class Turn(Struct):
    """A reply of the model, and what came of its calls.

    Attributes:
        message: The reply.
        calls: The calls that are run, in the order of the reply.
        note: What the user's turn says beside the results.
        dropped: How many blocks at its end are not kept.
        cut: Whether it is the part that had come when its calls were started.
        started: The ids of the calls that were started.
        outcomes: What came of them, by id; `add_outcome` adds one.
    """

    message: Message
    calls: list[ToolCall] = field(default_factory=list)
    note: str = ""
    dropped: int = 0
    cut: bool = False
    started: set[str] = field(default_factory=set)
    outcomes: dict[str, CallOutcome] = field(default_factory=dict)
    _messages: list[dict[str, Any]] | None = None  # until another outcome comes

    @property
    def open_calls(self) -> list[ToolCall]:
        """The calls that have no outcome yet, or were put off."""
        return [
            call for call in self.calls if call.id not in self.outcomes or self.outcomes[call.id].ending is Ending.LATER
        ]

    @property
    def asked(self) -> list[ToolUseBlock]:
        """All calls of the reply that are kept, those that are run elsewhere too."""
        calls = self.message.tool_calls
        return calls[:-1] if self.dropped and calls and calls[-1] is self.message.content[-1] else calls

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The model's turn and the one that answers it, as a request has them: the same objects, until another outcome comes."""
        if self._messages is None:
            self._messages = list(self._made())
        return self._messages

    def add_outcome(self, outcome: CallOutcome) -> None:
        """Add what came of a call; it takes the place of what was there."""
        self.outcomes[outcome.call.id] = outcome
        self._messages = None

    def _made(self) -> Iterator[dict[str, Any]]:
        asked = self.message.to_param()
        if self.dropped:
            asked = {**asked, "content": asked["content"][: -self.dropped]}
        if asked["content"]:
            yield asked
        answers = [result_block(self.outcomes[call.id]) for call in self.calls if call.id in self.outcomes]
        if self.note:
            answers.append({"type": "text", "text": self.note})
        if answers:
            yield {"role": "user", "content": answers}


class RunState:
    """A run so far.

    Attributes:
        records: The records.
        turns: The replies.
        compactions: What making other histories has used.
        spent: What was paid for what is no reply.
        inner: The tokens of the runs inside its tools.
        ended: Why it ended; empty while it goes on.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.turns: list[Turn] = []
        self.compactions: list[Usage] = []
        self.spent: list[Cost] = []
        self.inner: list[dict[str, Any]] = []
        self.ended = ""
        self._history: list[Any] = []
        self._fresh = 0  # the first turn that is not in `_history`: the last one, which may change

    @classmethod
    def load(cls, text: str | bytes) -> Self:
        """Return the run that the lines say.

        Raises:
            UsageError: They are no run; a last line that was cut is left out.
        """
        state = cls()
        *whole, rest = (text.encode() if isinstance(text, str) else text).split(b"\n")
        if _is_json(rest):  # only its end was cut
            whole.append(rest)
        for number, each in enumerate(whole, 1):
            try:
                state.apply(loads(each))
            except (DecodeError, LookupError, TypeError, ValueError) as error:
                raise UsageError(
                    f"Line {number} is no record of a run: {error}.", hint="Was the file changed?"
                ) from None
        return state

    def dump(self) -> str:
        """Return the run as JSON lines."""
        return b"".join(map(to_line, self.records)).decode()

    @property
    def messages(self) -> PlainList:
        """The history as it stands, ready for the next request."""
        return PlainList(
            [*self._history, *(message for turn in self.turns[self._fresh :] for message in turn.messages)]
        )

    @property
    def first_messages(self) -> list[Any]:
        """The history that the run began with; empty before it began."""
        messages: list[Any] = self.records[0]["messages"] if self.records else []
        return messages

    def apply(self, record: Record, message: Message | None = None) -> None:
        """Add a record.

        Args:
            record: The record.
            message: The reply that it is of, where it is known: with its headers and prices, which no record has.
        """
        if "spent" not in record:  # which a run inside a tool may add after the end
            self.ended = ""
        if "reply" in record:
            self._add_reply(record, message or parse.message(record["reply"]))
        else:
            add = next((add for kind, add in self._ADDED_BY.items() if kind in record), None)
            if add is None:
                raise ValueError(f"it has none of the keys of a record: {', '.join(record)}")
            add(self, record)
        self.records.append(record)

    def _begin(self, record: Record) -> None:
        if record["run"] != FORMAT:
            raise ValueError(f"it is of format {record['run']!r}, not {FORMAT}")
        self._history = list(record["messages"])

    def _add_start(self, record: Record) -> None:
        self.turns[-1].started.add(record["started"])

    def _add_history(self, record: Record) -> None:
        self._history, self._fresh = list(record["history"]), len(self.turns)
        if "usage" in record:
            self.compactions.append(Usage.of(record["usage"]))

    def _add_spent(self, record: Record) -> None:
        from keybearer.prices import Cost

        self.spent.append(Cost.of(record["spent"]))
        if "usage" in record:
            self.inner.append(record["usage"])

    def _add_end(self, record: Record) -> None:
        self.ended = record["ended"]

    def _add_reply(self, record: Record, message: Message) -> None:
        number = len(self.turns)
        before = self.turns.pop() if record.get("again") else None
        number -= before is not None
        for turn in self.turns[self._fresh :]:
            self._history += turn.messages
        self._fresh = max(self._fresh, number)
        wanted = set(record["calls"])
        self.turns.append(
            Turn(
                message,
                [
                    ToolCall(each.id, each.name, detached(each.input), number + 1)
                    for each in message.tool_calls
                    if each.id in wanted
                ],
                record.get("note", ""),
                record.get("dropped", 0),
                record.get("cut", False),
                before.started if before else set(),
                before.outcomes if before else {},
            )
        )

    def _add_outcome(self, record: Record) -> None:
        wanted = record["finished"]
        found = ((turn, call) for turn in reversed(self.turns) for call in turn.calls if call.id == wanted)
        turn, call = next(found, (None, None))
        if turn is None or call is None:
            raise ValueError(f"no reply has a call {wanted!r}")
        turn.add_outcome(
            CallOutcome(
                call, record["content"], record["is_error"], Ending(record["ending"]), record.get("seconds", 0.0)
            )
        )

    _ADDED_BY: ClassVar[Mapping[str, Callable[[Any, Record], None]]] = {
        "started": _add_start,
        "finished": _add_outcome,
        "run": _begin,
        "history": _add_history,
        "spent": _add_spent,
        "ended": _add_end,
    }
    """The key that a record has, and what adds such a record; a reply has its own way."""
