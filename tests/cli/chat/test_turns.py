"""A conversation's last question."""

from __future__ import annotations

from keybearer.cli.chat.turns import before_last_question, last_question
from keybearer.conversation.conversation import Conversation

CALL = {"type": "tool_use", "id": "t", "name": "look", "input": {}}


def test_the_results_of_tools_are_no_question() -> None:
    """What a run wrote after the question belongs to its answer."""
    talk = Conversation().user("one").assistant("1").user("two", {"type": "text", "text": "!"})
    whole = talk.assistant(CALL).tool_results({"t": "seen"}).assistant("2")
    assert last_question(whole) == 2
    assert before_last_question(whole) == (
        Conversation().user("one").assistant("1"),
        [{"type": "text", "text": "two"}, {"type": "text", "text": "!"}],
    )


def test_a_conversation_without_a_question() -> None:
    """There is nothing to take back."""
    assert last_question(Conversation()) is None
    assert before_last_question(Conversation().assistant("Hi.")) is None
