"""The commands of a chat: lines that begin with a slash.

To add one: a function of the session and the words after it, and its row in `COMMANDS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, NamedTuple

from keybearer.cli.aliases import full_model
from keybearer.cli.chat.session import ChatSession
from keybearer.cli.output import complain
from keybearer.errors import KeybearerError

__all__ = ["COMMANDS", "QUIT", "SlashCommand", "run_slash"]

QUIT: Final = frozenset({"/quit", "/exit"})


def run_slash(session: ChatSession, line: str) -> bool:
    """Run a line that begins with a slash; a mistake is said, and ends no chat.

    Args:
        session: The chat.
        line: The line.

    Returns:
        Whether the chat goes on.
    """
    name, _, rest = line.strip().partition(" ")
    if name in QUIT:
        return False
    command = COMMANDS.get(name)
    if command is None:
        from keybearer.errors.nearest import did_you_mean

        near = did_you_mean(name, [*COMMANDS, *QUIT]) or " /help lists them."
        complain(f"There is no command {name}.{near}")
        return True
    try:
        command.run(session, rest.strip())
    except KeybearerError as error:
        complain(f"{name}: {error}")
    except OSError as error:
        complain(f"{name}: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    return True


def _help(_: ChatSession, __: str) -> None:
    import shutil
    import textwrap

    wide = shutil.get_terminal_size().columns
    rows = [(f"{name} {each.takes}", each.help) for name, each in COMMANDS.items()]
    indent = max(len(what) for what, _ in rows) + 4
    for what, line in [*rows, ("/quit", "end the chat; so does Ctrl-D")]:
        begin = f"  {what}".ljust(indent)
        complain(textwrap.fill(line, wide, initial_indent=begin, subsequent_indent=" " * indent))
    complain(textwrap.fill(_KEYS, wide))


_KEYS: Final = (
    "Enter sends; Alt-Enter, or a backslash at the end of the line, begins another line. Ctrl-C stops an answer. "
    "@path in a question sends the file with it."
)


def _model(session: ChatSession, words: str) -> None:
    if words:
        session.talk = session.talk.replace(model=full_model(session.client, words))
    complain(f"The model is {session.talk.defaults.get('model')}.")


def _system(session: ChatSession, words: str) -> None:
    if words:
        session.talk = session.talk.replace(system=None if words == "off" else words)
    system = session.talk.defaults.get("system")
    complain("There is no system prompt." if system is None else f"The system prompt is: {system}")


def _tools(session: ChatSession, words: str) -> None:
    from keybearer.cli.tooling import load_tools, tool_name

    if words == "off":
        session.tools = []
    elif words:
        added = load_tools([words])
        names = {tool_name(each) for each in added}
        session.tools = [each for each in session.tools if tool_name(each) not in names] + added
    names_ = [tool_name(each) for each in session.tools]
    complain(f"The model may call: {', '.join(names_)}." if names_ else "The model has no tools.")


def _image(session: ChatSession, words: str) -> None:
    from keybearer.cli.attached import attach_image

    _attach(session, words, attach_image, "an image's path or URL")


def _file(session: ChatSession, words: str) -> None:
    from keybearer.cli.attached import attach_file

    _attach(session, words, attach_file, "a file's path")


def _url(session: ChatSession, words: str) -> None:
    from keybearer.cli.attached import attach_url

    _attach(session, words, attach_url, "a URL")


def _attach(session: ChatSession, words: str, make: Callable[[str], dict[str, object]], due: str) -> None:
    if not words:
        complain(f"Name {due}.")
        return
    session.pending.append(make(words))
    complain(f"{words} goes with the next question.")


def _usage(session: ChatSession, _: str) -> None:
    session.usage()


def _save(session: ChatSession, words: str) -> None:
    if not words:
        complain(f"Name a file: .jsonl is the conversation, any other its text. This one's id is {session.id}.")
        return
    from keybearer.cli.kept import written
    from keybearer.cli.new_file import write_new

    text = session.talk.dumps() if words.endswith(".jsonl") else written(session.talk)
    write_new(os.path.expanduser(words), text, private=True)  # noqa: PTH111 - any text
    complain(f"Saved as {words}.")


def _retry(session: ChatSession, _: str) -> None:
    session.retry()


def _undo(session: ChatSession, _: str) -> None:
    session.undo()


class SlashCommand(NamedTuple):
    """A command.

    Attributes:
        takes: What stands after it.
        help: Its line of help.
        run: Runs it.
    """

    takes: str
    help: str
    run: Callable[[ChatSession, str], None]


COMMANDS: Final[dict[str, SlashCommand]] = {
    "/help": SlashCommand("", "show this", _help),
    "/model": SlashCommand("[MODEL]", "show or choose the model", _model),
    "/system": SlashCommand("[TEXT]", "show or set the system prompt; off takes it out", _system),
    "/tools": SlashCommand("[TOOL]", "show or add tools; off takes all out", _tools),
    "/image": SlashCommand("IMAGE", "send an image with the next question", _image),
    "/file": SlashCommand("FILE", "send a file with the next question", _file),
    "/url": SlashCommand("URL", "send a page with the next question", _url),
    "/usage": SlashCommand("", "show the tokens and the cost so far", _usage),
    "/save": SlashCommand("FILE", "save what was said", _save),
    "/retry": SlashCommand("", "ask the last question again", _retry),
    "/undo": SlashCommand("", "take the last question and its answer back", _undo),
}
