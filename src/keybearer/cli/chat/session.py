"""A conversation at the terminal: its state, and what is done with it.

Contract: after each answer the conversation is kept, also one that was stopped or cut. A question that got no answer at all is not in
it, and `/retry` asks it again. An error of a call ends no session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keybearer.cli.answering import Answering
from keybearer.cli.approvals import ALL, READ, Approvals
from keybearer.cli.chat.turns import before_last_question
from keybearer.cli.exit_codes import WHY
from keybearer.cli.kept import KeptConversation
from keybearer.cli.notes import SideNotes
from keybearer.cli.output import complain
from keybearer.cli.showing import ShownText, cost_line
from keybearer.cli.tooling import tool_name
from keybearer.errors import KeybearerError
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.client.sync import Client

__all__ = ["ChatSession"]


class ChatSession:
    """A conversation at the terminal.

    Args:
        client: The client.
        kept: The conversation, and where it is kept.
        notes: Says what is noted.
        keep: Whether it is kept.
        tools: The tools that the model may call.
        yes_to: The calls that need no approval.
        max_turns: How many replies an answer may take; None for the default.
        extra: Parameters of every call, such as a spend limit for all of them.

    Attributes:
        talk: The conversation.
        tools: The tools that the model may call.
        pending: What goes with the next question.
    """

    def __init__(
        self,
        client: Client,
        kept: KeptConversation,
        notes: SideNotes,
        *,
        keep: bool = True,
        tools: Sequence[Any] = (),
        yes_to: Iterable[str] = (),
        max_turns: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.client = client
        self.talk = kept.talk
        self.tools = list(tools)
        self.pending: list[Any] = []
        self.notes = notes
        self.id = kept.id
        self._kept, self._keep = kept, keep
        self._yes, self._max_turns = set(yes_to), max_turns
        self._extra = dict(extra or {})
        self._unanswered: list[Any] = []

    def say(self, *content: Any) -> None:
        """Ask something, and print the answer."""
        question = [*self.pending, *content]
        self.pending = []
        self._ask(question)

    def retry(self) -> None:
        """Ask the last question again."""
        if self._unanswered:
            self._ask(self._unanswered)
        elif (last := before_last_question(self.talk)) is None:
            complain("There is no question yet.")
        else:
            self.talk, question = last
            self._ask(question)

    def undo(self) -> None:
        """Take the last question and its answer back."""
        last = before_last_question(self.talk)
        if last is None:
            complain("There is nothing to take back.")
            return
        self.talk = last[0]
        self._unanswered = []
        self._save()
        complain("The last question and its answer are taken back.")

    def usage(self) -> None:
        """Say what the conversation has taken."""
        complain(cost_line([turn for turn in self.talk if isinstance(turn, Message)]))

    def _ask(self, question: list[Any]) -> None:
        before = self.talk
        show = ShownText(self.notes)
        answering = Answering(self.client, before.user(*question), self._extra, self._run_options(show))
        stopped = False
        try:
            show.begin(self.id, str(before.defaults.get("model")), self.tools)
            answering.ask(show)
            show.end(answering)
        except KeybearerError as error:
            show.stop()
            complain(f"keybearer chat: {error}")
        except KeyboardInterrupt:
            stopped = True
        finally:
            try:
                show.stop()
            finally:
                came = len(answering.talk) > len(before) + 1
                self._unanswered = [] if came else question
                self.talk = answering.talk if came else before
                self._save()
        if stopped:
            complain("Stopped; /retry asks again.")
        elif answering.ended in WHY:
            complain(f"The answer stopped early: {WHY[answering.ended]}.")
        if self.notes.verbose and answering.replies:
            complain(cost_line(answering.replies))

    def _run_options(self, show: ShownText) -> dict[str, Any]:
        if not self.tools:
            return {}
        names = {READ, ALL, *map(tool_name, self.tools)}
        approvals = Approvals(self.tools, self._yes & names, show.pause)
        self._yes = approvals.yes = self._yes | approvals.yes  # what is always allowed stays so
        limits = {} if self._max_turns is None else {"max_turns": self._max_turns}
        return {"tools": self.tools, "approve": approvals, "approve_all": True, **limits}

    def _save(self) -> None:
        if self._keep and len(self.talk):
            self.notes.note(self._kept.save(self.talk))
            self.id = self._kept.id
