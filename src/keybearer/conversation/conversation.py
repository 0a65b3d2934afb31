"""`Conversation`: a history with its settings, as a value that `messages=` takes.

Strategy: it never changes; each method returns another one. The turns are a tuple whose values are shared, so a fork costs nothing and
an appended turn one copy of the pointers. The client's history cache compares turns, so it knows those that it sent before.

Contract: an answer stays the `Message` that it is. Nothing is read from a file, a clock or the network. What a call names itself comes
before what the conversation has.

Limits: the dicts in `messages` are the conversation's own: do not change them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

from keybearer.conversation.accept import Turn, blocks_of, role_of, turn_of
from keybearer.conversation.estimate import NOTHING, TakenOut, TokenEstimate, estimate_tokens
from keybearer.conversation.settings import ConversationDefaults, checked_settings
from keybearer.errors import UsageError
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.types.blocks_param import ContentBlockParam
    from keybearer.types.requests import MessageParam

__all__ = ["Conversation", "ConversationDefaults"]


class Conversation:
    """A history, with the system prompt, the tools and other settings of the calls that go on with it.

    Args:
        messages: The turns so far: what `messages.create` takes.
        thread: Whether the service is to keep the turns, so that a call sends only new ones. It is a beta, and what it keeps is stored
            at the service: see docs/conversations.md.
        **defaults: Parameters of a call that names none: `ConversationDefaults` has them. None is left out.

    Attributes:
        thread: As given.

    Raises:
        TypeError: There is no such default.
        UsageError: A turn is none.

    Example:
        >>> conversation = Conversation(system="Be brief.", model="claude-haiku-4-5").user("Hello")
        >>> len(conversation), conversation.defaults["system"]
        (1, 'Be brief.')
    """

    __slots__ = ("_defaults", "_runnable", "_taken_out", "_turns", "thread")

    def __init__(
        self,
        messages: Iterable[MessageParam] = (),
        *,
        thread: bool = False,
        **defaults: Unpack[ConversationDefaults],
    ) -> None:
        self._turns: tuple[Turn, ...] = tuple(turn_of(each) for each in messages)
        self._defaults, self._runnable = checked_settings(defaults)
        self._taken_out = NOTHING
        self.thread = thread

    @classmethod
    def _of(
        cls, turns: tuple[Turn, ...], checked: tuple[dict[str, Any], list[Any]], taken_out: TakenOut, *, thread: bool
    ) -> Self:
        self = cls.__new__(cls)
        self._defaults, self._runnable = checked
        self._turns, self._taken_out, self.thread = turns, taken_out, thread
        return self

    def _with(self, turns: tuple[Turn, ...], taken_out: TakenOut) -> Self:
        return self._of(turns, (self._defaults, self._runnable), taken_out, thread=self.thread)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        """Return its state for a pickle: the functions of its tools are not saved."""
        return None, {name: getattr(self, name) for name in self.__slots__} | {"_runnable": []}

    @property
    def messages(self) -> tuple[Turn, ...]:
        """The turns: answers as `Message`, all others as dicts with `role` and `content`."""
        return self._turns

    @property
    def defaults(self) -> dict[str, Any]:
        """What it gives a call that names none."""
        return dict(self._defaults)

    @property
    def last_answer(self) -> Message | None:
        """The last `Message` in it; None without any."""
        return next((turn for turn in reversed(self._turns) if isinstance(turn, Message)), None)

    # ── turns ────────────────────────────────────────────────────────────────

    def append(self, *turns: MessageParam) -> Self:
        """Return the conversation with turns at its end.

        Args:
            *turns: Answers, which are kept whole, or dicts with `role` and `content`.

        Raises:
            UsageError: One is neither.
        """
        return self._with((*self._turns, *(turn_of(each) for each in turns)), self._taken_out)

    def extend(self, turns: Iterable[MessageParam]) -> Self:
        """Return the conversation with the turns of a list at its end; see `append`."""
        return self.append(*turns)

    def user(self, *content: str | ContentBlockParam | Mapping[str, Any]) -> Self:
        """Return the conversation with a turn of the user's.

        Args:
            *content: Texts, and blocks such as those of `keybearer.image` and `keybearer.document`.
        """
        return self.append({"role": "user", "content": _content(content)})

    def assistant(self, *content: str | ContentBlockParam | Mapping[str, Any]) -> Self:
        """Return the conversation with a turn of the model's that no call gave, such as one of an example; see `user`."""
        return self.append({"role": "assistant", "content": _content(content)})

    def tool_results(self, results: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Self:
        """Return the conversation with the results of tool calls.

        Args:
            results: The id of each call with what it gave (a text, or a list of blocks), or `tool_result` blocks.

        Raises:
            UsageError: One answers no call of the turn before.
        """
        if isinstance(results, Mapping):
            blocks = [_result(call, given) for call, given in results.items()]
        else:
            blocks = [dict(each) for each in results]
        open_calls = self._open_calls()
        for block in blocks:
            call = block.get("tool_use_id")
            if call not in open_calls:
                raise UsageError(
                    f"No call of the turn before has the id {str(call)[:80]!r}, or it is answered already.",
                    hint=f"The calls are: {', '.join(open_calls) or 'none'}.",
                )
            open_calls.remove(str(call))
        return self.append({"role": "user", "content": blocks})

    def _open_calls(self) -> list[str]:
        """Return the ids of the calls that the last turns of the model made, and that no turn after them answers."""
        kept = [turn for turn in self._turns if role_of(turn) != "system"]
        after = list(itertools.takewhile(lambda turn: role_of(turn) == "user", reversed(kept)))
        asked = itertools.takewhile(lambda turn: role_of(turn) == "assistant", reversed(kept[: len(kept) - len(after)]))
        answered = {block.get("tool_use_id") for turn in after for block in blocks_of(turn)}
        calls = [block for turn in asked for block in blocks_of(turn) if block.get("type") == "tool_use"]
        return [str(block.get("id")) for block in calls if block.get("id") not in answered]

    def replace(
        self,
        *,
        messages: Iterable[MessageParam] | None = None,
        thread: bool | None = None,
        **defaults: Unpack[ConversationDefaults],
    ) -> Self:
        """Return the conversation with other turns or settings.

        Args:
            messages: All its turns, such as those that a tool loop gives; None leaves them.
            thread: See the class; None leaves it.
            **defaults: Settings to change; None takes one out.
        """
        turns = self._turns if messages is None else tuple(turn_of(each) for each in messages)
        taken_out = self._taken_out if messages is None else NOTHING
        kept = {**self._defaults, "tools": self._runnable} if self._runnable else self._defaults
        changed = checked_settings({**kept, **defaults})
        return self._of(turns, changed, taken_out, thread=self.thread if thread is None else thread)

    def fork(self, *, at: int | None = None) -> Self:
        """Return the conversation as it was after its first turns, to go on with in another way.

        Args:
            at: How many turns; negative counts from the end, as in a slice; None for all.
        """
        return self._with(self._turns[:at], self._taken_out)

    # ── length ───────────────────────────────────────────────────────────────

    def tokens(self) -> TokenEstimate:
        """Return how many tokens it has: by the usage of its last answer, and an estimate of what came after."""
        return estimate_tokens(self._turns, fixed=self._defaults, taken_out=self._taken_out)

    def trim(self, max_tokens: int, *, keep: int = 0, down_to: int | None = None) -> Self:
        """Return the conversation without its oldest turns, as far as it is too long; what is left is one that the service takes.

        Args:
            max_tokens: The most tokens that it may have, with its system prompt and tools (`tokens`).
            keep: How many of its first turns stay, such as a task, or a prefix that is cached.
            down_to: How short to make it once it is too long; None for `max_tokens`.

        Raises:
            UsageError: It cannot be made so short: its last turns alone are longer.
        """
        from keybearer.conversation.trimming import trim_turns

        left = trim_turns(
            self._turns,
            max_tokens=max_tokens,
            keep=keep,
            down_to=down_to,
            fixed=self._defaults,
            taken_out=self._taken_out,
        )
        return self if left.taken_out is self._taken_out else self._with(tuple(left.turns), left.taken_out)

    # ── saving ───────────────────────────────────────────────────────────────

    def dumps(self) -> str:
        """Return it whole as JSON lines: each answer with its usage, the id of its request and its time.

        Raises:
            UsageError: It has a value that JSON has no form for.
        """
        from keybearer.conversation.saving import write_lines, write_settings

        return (write_settings(self._settings()) + write_lines(self._turns)).decode()

    def lines_after(self, saved: Self) -> bytes | None:
        """Return the lines that make the text of an earlier conversation that of this one; None when other turns are before them.

        Raises:
            UsageError: A new turn has a value that JSON has no form for.
        """
        from keybearer.conversation.saving import write_lines, write_settings

        count = len(saved._turns)
        if self._turns[:count] != saved._turns:
            return None
        settings = b"" if self._settings() == saved._settings() else write_settings(self._settings())
        return settings + write_lines(self._turns[count:], count)

    @classmethod
    def loads(cls, text: str | bytes, *, recover: bool = False) -> Self:
        """Return the conversation that `dumps` wrote.

        Args:
            text: The lines.
            recover: Whether to leave out a last line that was cut when its process ended.

        Raises:
            ConversationError: A line cannot be read: `line` is its number.
        """
        from keybearer.conversation.saving import read_lines

        turns, settings = read_lines(text, recover=recover)
        taken_out = TakenOut(*settings.get("taken_out", NOTHING))
        checked = settings.get("defaults", {}), list[Any]()
        return cls._of(tuple(turns), checked, taken_out, thread=settings.get("thread", False))

    def _settings(self) -> dict[str, Any]:
        """Return what it is beside its turns."""
        return {"defaults": self._defaults, "thread": self.thread, "taken_out": list(self._taken_out)}

    # ── as a value ───────────────────────────────────────────────────────────

    def fill_params(self, params: Mapping[str, Any], *, without: str = "") -> dict[str, Any]:
        """Return a call's arguments with its turns as a list, and its defaults where the call names none.

        Args:
            params: The arguments; one that is None counts as not given.
            without: A default that the call does not take.
        """
        defaults = {name: value for name, value in self._defaults.items() if name != without}
        if self._runnable:
            defaults["tools"] = list(self._runnable)
        given = {name: value for name, value in params.items() if value is not None}
        return {**defaults, **given, "messages": list(self._turns)}

    def __iter__(self) -> Iterator[Turn]:
        return iter(self._turns)

    def __len__(self) -> int:
        return len(self._turns)

    def __getitem__(self, index: int) -> Turn:
        return self._turns[index]

    def __bool__(self) -> bool:
        return True  # also without a turn it is a conversation, with its settings

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Conversation):
            return NotImplemented
        return self._turns == other._turns and self._settings() == other._settings()

    __hash__ = None  # type: ignore[assignment] # its turns are dicts

    def __repr__(self) -> str:
        thread = ", in a thread" if self.thread else ""
        settings = "".join(f", {name}" for name in self._defaults)
        return f"<Conversation: {len(self._turns)} turns{settings}{thread}>"


def _content(parts: tuple[Any, ...]) -> Any:
    if not parts:
        raise UsageError("The turn has no content.", hint="Give it a text, or blocks.")
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]


def _result(call: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, str | list | tuple):
        raise UsageError(
            f"The result of the call {call[:80]!r} is of type {type(given).__name__}; it takes a text or a list of blocks.",
            hint="Write its JSON text: json.dumps(...).",
        )
    return {"type": "tool_result", "tool_use_id": call, "content": given}
