"""One answer of the model, with the tool calls before it, as it comes.

Contract: `Answering.talk` is the conversation with all that came, also when it was stopped or cut: what was written of an answer
stays, and a call without a result gets one that says so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from keybearer.types import events as ev
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.client.sync import Client
    from keybearer.conversation.conversation import Conversation
    from keybearer.tools.result import RunResult

__all__ = ["Answering", "Shown", "raw_event"]

Shown = Callable[[Any], None]
"""Called with each event of the stream."""


class Answering:
    """Asks for an answer.

    Args:
        client: The client.
        talk: The conversation, which ends with the question.
        extra: Parameters of this call alone.
        run: The options of a run, with `tools`; empty where there are none.

    Attributes:
        talk: The conversation, with what came.
        replies: The model's replies.
        ended: Why it ended: a stop reason, or one of `keybearer.RunResult.ended`; empty before.
    """

    def __init__(self, client: Client, talk: Conversation, extra: dict[str, Any], run: dict[str, Any]) -> None:
        self._client = client
        self._extra = extra
        self._run = run
        self._asked = talk
        self.talk = talk
        self.replies: list[Message] = []
        self.ended = ""

    @property
    def denied(self) -> list[dict[str, Any]]:
        """The tool calls that were not allowed."""
        return list(getattr(self._run.get("approve"), "denied", ()))

    @property
    def text(self) -> str:
        """The text of the last reply."""
        return self.replies[-1].text if self.replies else ""

    def ask(self, shown: Shown, *, stream: bool = True) -> None:
        """Ask, and give each event as it comes; without a stream none, but the attributes.

        Raises:
            KeybearerError: No whole answer came; the attributes have what did.
        """
        if self._run:
            self._with_tools(shown)
        elif stream:
            self._streamed(shown)
        else:
            message = self._client.messages.create(messages=self._asked, **self._extra)
            self._done([message], str(message.stop_reason))

    def _done(self, replies: Sequence[Message], ended: str) -> None:
        self.replies = list(replies)
        self.ended = ended
        self.talk = self._asked.append(*replies) if any(reply.content for reply in replies) else self._asked

    def _streamed(self, shown: Shown) -> None:
        with self._client.messages.stream(messages=self._asked, **self._extra) as stream:
            with self._kept_when_cut(lambda: stream.current_message):
                for event in stream:
                    shown(event)
            message = stream.get_final_message()
        self._done([message], str(message.stop_reason))

    def _with_tools(self, shown: Shown) -> None:
        # A run has the conversation's turns as a list: its own turns come after them.
        params = self._asked.fill_params(self._extra)
        with self._client.messages.run_stream(**params, **self._run) as run:
            try:
                for event in run:
                    shown(event)
            except BaseException:
                self._ran(run.so_far)
                raise
            self._ran(run.result)
            self.ended = run.result.ended

    def _ran(self, run: RunResult) -> None:
        """Take what a run has come to; answers stay the messages that they are, with their usage."""
        self.replies = [step.message for step in run.steps]
        answers = [*(turn for turn in self._asked if isinstance(turn, Message)), *self.replies]
        params = [(answer.to_param(), answer) for answer in answers]
        turns = [next((answer for param, answer in params if param == turn), turn) for turn in run.messages]
        self.talk = self._asked.replace(messages=turns)
        if run.ended in {"stopped", "error"} and self.replies:
            from keybearer.conversation.repair import repair

            self.talk = self._asked.replace(messages=repair(self.talk)[0].messages)

    @contextlib.contextmanager
    def _kept_when_cut(self, current: Callable[[], Message | None]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            message = current()
            text = message.text.rstrip() if message is not None else ""
            if text:
                self.talk = self._asked.assistant(text)
            raise


def raw_event(event: Any) -> dict[str, Any] | None:
    """Return an event as the service sends it; None for one that only helps to read the stream."""
    if isinstance(event, ev.ContentBlockStopEvent):
        return {"type": "content_block_stop", "index": event.index}
    if isinstance(event, ev.MessageStopEvent):
        return {"type": "message_stop"}
    if event.type in _RAW:
        raw: dict[str, Any] = event.to_dict()
        return raw
    return None


_RAW = frozenset({"message_start", "content_block_start", "content_block_delta", "message_delta", "ping", "error"})
