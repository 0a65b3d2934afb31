"""Says which tools change something, and which of their calls a clause allows.

A tool that writes is called only on a path that the clause names for writing; one that runs commands, only with a command that the
prompt gives word for word. Where there is a doubt there is no call: the files are a user's own, not the simulator's.
"""

# ruff: noqa: RUF001  # typographic quotation marks are what people paste

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.engine.roles import name_words
from keybearer.simulator.engine.segments import Clause, Span

__all__ = [
    "Effect",
    "commands_of",
    "effect_of",
    "is_allowed",
    "is_destructive",
    "properties_of",
    "required_of",
    "targets_of",
]

Effect = Literal["none", "writes", "runs"]

WRITING_WORDS_TEXT: Final = (
    "write edit create delete remove overwrite append save move rename copy patch replace insert put drop "
    "truncate destroy erase mkdir rm mv cp modify update upload format purge wipe commit push clear reset "
    "revert install apply unlink touch"
)
WRITING_WORDS: Final = frozenset(WRITING_WORDS_TEXT.split())
RUNNING_NAMES: Final = frozenset(
    [
        "bash",
        "shell",
        "terminal",
        "powershell",
        "sh",
        "zsh",
        "cmd",
        "exec",
        "console",
        "python",
        "repl",
        "interpreter",
        "sql",
    ]
)
COMMAND_NAMES: Final = frozenset(
    ["command", "commands", "cmd", "cmds", "script", "code", "shell_command", "sql", "statement", "source_code", "bash"]
)
"""Arguments that are carried out."""
PATH_WORDS: Final = frozenset(
    [
        "path",
        "file",
        "dir",
        "directory",
        "folder",
        "dest",
        "destination",
        "target",
        "filename",
        "filepath",
        "paths",
        "files",
    ]
)
CONTENT_WORDS: Final = frozenset(
    [
        "content",
        "contents",
        "text",
        "body",
        "string",
        "str",
        "source",
        "message",
        "description",
        "prompt",
        "data",
        "code",
    ]
)
PATH_LIKE: Final = lazy(r"^(?!https?://|[^/\\\s]+@)(?:.*[/\\]|.*\.\w{1,10}$)")
"""What may be a path, in an argument whose name does not say."""
READING_COMMANDS: Final = frozenset({"view"})
"""What the service's own text editor and memory tool do without a change."""
LEAD: Final = (
    r"(?:(?:please|first|then|now|next|finally|lastly|also|and|you|can|could|would|should|must|to|i|want|need|like|me|just|"
    r"afterwards)\b[\s,]*)*"
)
"""What may stand before an order."""
VERBS: Final = (
    "write|create|save|edit|update|overwrite|append|add|modify|change|"
    "replace|insert|put|store|delete|remove|make|rename|move|copy|touch|patch|dump"
)
OPENER: Final = lazy(rf"^\s*(?:\d+[.)]\s*|[-*]\s+)?{LEAD}(?P<verb>{VERBS})\b", re.IGNORECASE)
BETWEEN: Final = r"(?:\s|\b(?:the|a|an|new|empty|text|file|called|named|path|at|it|as)\b)*[`\"“'‘]?$"
DIRECT: Final = lazy(rf"^{BETWEEN}", re.IGNORECASE)
TO: Final = lazy(
    r"\b(?P<word>to|into|onto|as|called|named|at)(?:\s+(?:the|a|an|new|file|path|text)\b)*\s+[`\"“'‘]?$", re.IGNORECASE
)
IN_QUOTED: Final = lazy(
    r"\0[`\"”'’]?\s*(?:with\s+\0+\s*)?(?:in|inside)(?:\s+(?:the|file))*\s+[`\"“'‘]?$", re.IGNORECASE
)
DOUBTS: Final = lazy(
    r"\b(?:what|which|that|who|whose|how|why|whether|where|when|if|unless|like|than|without|not|never|no|don't|about|"
    r"nothing|none|nobody|neither|anything|compar\w+|accord\w+|relat\w+|similar|identical|equal|refer\w*|close|next|made|changes?|due|thanks|regard\w*|respect|link\w*|answer|reply|response|"
    r"differ\w*|similarit\w+|question|read|reading|see|look\w*|is|are|was|were|from|of|using|based|contents?\s+of)\b",
    re.IGNORECASE,
)
"""Words between the verb and the path after which the path may be no target."""
NEGATION: Final = lazy(
    r"\b(?:not|never|no|don't|doesn't|won't|without|instead of|rather than|avoid|must ?n't|should ?n't|ca ?n't)\b|n't\b",
    re.IGNORECASE,
)
FILLERS: Final = (
    r"(?:\s|[:,]|\b(?:the|this|these|following|command|commands|shell|bash|tool|with|in|using|to|run|execute|and|on|for|use|via|"
    r"first|now|please|exactly)\b)*"
)
NEXT_COMMAND: Final = lazy(r"^\s*(?:,|;|and|,\s*and|then|and then|,\s*then|or)?\s*$", re.IGNORECASE)
DESTRUCTIVE: Final = lazy(
    r"\brm\b|\brmdir\b|\bmv\b|\bdd\b|mkfs|\bshred\b|\btruncate\b|--force|--hard|\bgit\s+(?:push|reset|clean|checkout|restore)\b|\bkill(?:all)?\b|"
    r"\bpkill\b|\bshutdown\b|\breboot\b|\bchmod\b|\bchown\b|\bsudo\b|>|\btee\b|\bsed\s+-i|\bdrop\s+(?:table|database)\b|\bdelete\s+from\b",
    re.IGNORECASE,
)


def properties_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas of a tool's arguments by name."""
    schema = tool.get("input_schema")
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def required_of(tool: Mapping[str, Any]) -> list[str]:
    """Return the names of the arguments that a tool requires; none where its schema is not one."""
    schema = tool.get("input_schema")
    found = schema.get("required") if isinstance(schema, dict) else None
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def effect_of(tool: Mapping[str, Any]) -> Effect:
    """Return what a tool does beyond reading, judged by its name and its arguments' names."""
    words = set(name_words(str(tool.get("name", ""))))
    if words & RUNNING_NAMES or any(
        name.lower() in COMMAND_NAMES and _is_text(each) for name, each in properties_of(tool).items()
    ):
        return "runs"
    return "writes" if words & WRITING_WORDS else "none"


def _is_text(schema: Any) -> bool:
    return not isinstance(schema, dict) or "enum" not in schema


def is_destructive(command: str) -> bool:
    """Return whether a command may delete or overwrite something."""
    return DESTRUCTIVE.search(command) is not None


def targets_of(clause: Clause, tool: str = "") -> list[Span]:
    """Return the paths that a clause names for writing.

    Args:
        clause: The clause, such as `write 'hello' to a.txt`.
        tool: The name of a tool that writes; `use Write on a.txt` names a path for it too.

    Returns:
        The paths, in order; none where there is a doubt.
    """
    start = _opened_at(clause, tool)
    if start is None:
        return []
    direct: list[Span] = []
    aimed: list[Span] = []
    for path in clause.paths:
        before = clause.masked[start : path.start]
        if path.start < start or NEGATION.search(clause.masked[: path.start]):
            continue
        plain = before
        for other in clause.paths:
            if start <= other.start and other.end <= path.start:
                plain = plain[: other.start - start] + "\x01" * (other.end - other.start) + plain[other.end - start :]
        words = re.sub(
            r"\0+|\b(?:of|from)\s+(?:it|its|this|that|them|these|both|the (?:result|output|answer|file|content)s?)\b|"
            r"\b(?:of|from|in)(?:\s+(?:the|file))*\s+[`\"“'‘]?\x01+|\x01+",
            " ",
            plain,
        )
        if DIRECT.match(words) and len(direct) == len(aimed) == 0 and " " not in path.text:
            direct.append(path)
        elif (TO.search(plain) or IN_QUOTED.search(plain)) and not DOUBTS.search(_without_target(words)):
            aimed.append(path)
    return aimed or direct


def _without_target(words: str) -> str:
    return TO.sub("", words)


def _opened_at(clause: Clause, tool: str) -> int | None:
    """Return where the order begins: after a verb of writing at the clause's beginning, or after the tool's name."""
    start: int | None = None
    if tool:
        last = re.escape(tool)
        match = re.match(
            rf"^\s*(?i:{LEAD}(?:(?:use|call|invoke|run|with|via|using)\s+(?:the\s+)?)?){last}(?i:\s+tool)?[\s,:]*(?i:(?:to|on|for|and|with)\b)?",
            clause.masked,
        )
        start = match.end() if match else None
    verb = OPENER.match(clause.masked[start or 0 :])
    if verb:
        return (start or 0) + verb.end()
    return start


@functools.lru_cache(maxsize=64)
def _order_to_run(tool: str) -> re.Pattern[str]:
    """Return the pattern of all that stands before a clause's first command: an order, then fillers, or a list's colon."""
    names = "|".join(re.escape(name) for name in dict.fromkeys((tool, "bash", "shell")) if name)
    order = rf"(?:(?:run|execute)\b|(?:(?:use|call|invoke|with|via|using|in)\s+(?:the\s+)?)?`?(?:{names})\b)"
    return re.compile(
        rf"^\s*(?:\d+[.)]\s*|[-*]\s+)?{LEAD}{order}(?:{FILLERS}|(?:(?!\b(?:what|why|how|if|says?|said|about|like|explain|not)\b)[^.!?\0])*:\s*)$",
        re.IGNORECASE,
    )


def commands_of(clause: Clause, tool: str = "") -> list[str]:
    """Return the commands that a clause gives word for word: in quotes after `run` and the like, or after its colon.

    Args:
        clause: Such as ``run `ls` and `pwd` ``.
        tool: The name of the tool that would run them.

    Returns:
        The commands, in order.
    """
    found: list[str] = []
    previous: Span | None = None
    for span in clause.quotes:
        before = clause.masked[: span.start]
        follows = (
            previous is not None
            and previous.mark == span.mark
            and NEXT_COMMAND.match(clause.masked[previous.end : span.start])
        )
        is_command = follows or (not found and _order_to_run(tool).match(before))
        if is_command and not NEGATION.search(before):
            found.append(span.text)
            previous = span
    return found


def is_allowed(
    tool: Mapping[str, Any], given: Mapping[str, Any], targets: Sequence[str], commands: Sequence[str]
) -> bool:
    """Return whether a call does only what the clause asks for.

    Args:
        tool: The tool.
        given: Its arguments.
        targets: The paths that may be written.
        commands: The commands that may be run.

    Returns:
        True for a tool without effects.
    """
    effect = effect_of(tool)
    if effect == "none" or (effect == "writes" and given.get("command") in READING_COMMANDS):
        return True
    texts = list(_texts(given))
    if effect == "runs":
        carried = [value for name, value in texts if name.lower() in COMMAND_NAMES] or [value for _, value in texts]
        return bool(carried) and all(value in commands for value in carried)
    return all(value in targets for name, value in texts if _is_target(name, value))


def _is_target(name: str, value: str) -> bool:
    last = (name_words(name) or [""])[-1]
    return last in PATH_WORDS or (last not in CONTENT_WORDS and PATH_LIKE.search(value) is not None)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
