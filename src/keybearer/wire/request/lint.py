"""Finds mistakes in a request that the service will refuse, before it is sent.

Strategy: each rule is a small generator over the request body, and yields a `Problem` for each mistake. If the service is sure to
answer 400, the problem is `sure`, and `create` raises; other problems are advice. `RULES` lists the rules.

A value that cannot be encoded, such as a lone surrogate, is found by the encoder, which visits every value anyway. So `check` does not
search for one; `lint` does.

Contract: a rule raises on no body, whatever its shape. A part that it cannot read is left to the service.

Source: docs/protocol.md; the rules of a version are those of its `anthropic-version`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from keybearer.errors import LintError
from keybearer.errors.sanitize import sanitize
from keybearer.types.api_object import is_mapping
from keybearer.types.requests import RequestOptions
from keybearer.types.turn_source import filled
from keybearer.wire.json import sendable
from keybearer.wire.request import lint_answers, lint_media, lint_strict, lint_tools
from keybearer.wire.request.caching import MAX_BREAKPOINTS
from keybearer.wire.request.headers import API_VERSION
from keybearer.wire.request.history import Known
from keybearer.wire.request.turns import Problem, RequestView, at, turns

__all__ = ["APPLIES_TO", "RULES", "Problem", "check", "is_safe_continuation", "lint"]

Rule: TypeAlias = Callable[[RequestView], Iterator[Problem]]

OLD_VERSION: Final = "2023-06-01"
"""The API version that still accepts what `2026-10-21` refuses."""

INTERLEAVED: Final = "interleaved-thinking-2025-05-14"
"""The beta tag with which a thinking budget may be larger than max_tokens."""

ROLES: Final = frozenset({"user", "assistant", "system"})
MAX_MESSAGES: Final = 100_000
MIN_BUDGET: Final = 1024


THREADLESS: Final = ("fallbacks", "context_management")
"""Parameters of which the service may refuse a use in a thread. Source: the `anthropic` 2.14.0 wheel,
`types/thread_unsupported_feature_name.py`; it does not say which use, so this is advice."""


def sampling(request: RequestView) -> Iterator[Problem]:
    """Sampling parameters are refused from 2026-10-21 on, even at their defaults."""
    if request.version == OLD_VERSION:
        return
    for name in ("temperature", "top_p", "top_k"):
        if name in request.body:
            yield Problem(
                name,
                f"anthropic-version {request.version} refuses it",
                "Leave it out, or use api_version='2023-06-01'.",
            )


def version_blocks(request: RequestView) -> Iterator[Problem]:
    """From 2026-10-21 on: no documents in assistant turns, no citations on text of user turns."""
    if request.version == OLD_VERSION:
        return
    for turn, index, role, _ in request.of("document"):
        if role == "assistant":
            what = f"anthropic-version {request.version} takes no document in an assistant turn"
            yield Problem(at(turn, index), what, "Move it to a user turn.")
    for turn, index, role, block in request.of("text"):
        if role == "user" and block.get("citations"):
            what = f"anthropic-version {request.version} takes no citations on text of a user turn"
            yield Problem(at(turn, index), what, "Leave them out.")


def messages(request: RequestView) -> Iterator[Problem]:
    """There are messages, not too many, and each has a role and content."""
    if not request.messages:
        yield Problem("messages", "there is none", "Give at least one user turn.")
    if len(request.messages) > MAX_MESSAGES:
        yield Problem(
            "messages", f"there are {len(request.messages)}, more than {MAX_MESSAGES}", "Shorten the history."
        )
    last = len(request.messages) - 1
    for index, message in enumerate(request.messages):
        if not is_mapping(message) or str(message.get("role")) not in ROLES:
            yield Problem(f"messages[{index}]", "its role is not user, assistant or system", "Give it one of them.")
        elif message["role"] == "system" and message.get("output_config"):
            continue  # it sets the effort of what follows, and says nothing
        elif not message.get("content") and not (message["role"] == "assistant" and index == last):
            yield Problem(f"messages[{index}]", *_without_content(message))


def _without_content(message: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a turn that has no content, and the mend: it may have it under a misspelt key."""
    from keybearer.errors.nearest import nearest

    given = None if "content" in message else nearest("content", map(str, message))
    if given is None:
        return "it has no content", "Leave the turn out, or say something."
    return f"it has no content, but {sanitize(repr(given), 40)}", "Write content."


def empty_text(request: RequestView) -> Iterator[Problem]:
    """A text block is not empty."""
    for turn, index, _, block in request.of("text"):
        if block.get("text") == "":
            yield Problem(at(turn, index), "its text is empty", "Leave the block out.")


def prefill(request: RequestView) -> Iterator[Problem]:
    """A last assistant turn, which the answer continues, does not end with white space."""
    last = request.messages[-1] if request.messages else None
    if not isinstance(last, Mapping) or last.get("role") != "assistant":
        return
    content = last.get("content")
    end = content[-1] if isinstance(content, list) and content else content
    text = end.get("text") if isinstance(end, Mapping) else end
    if isinstance(text, str) and text != text.rstrip():
        yield Problem(
            f"messages[{len(request.messages) - 1}]",
            "it ends with white space",
            "Strip its end: the answer goes on from it.",
        )


def cache(request: RequestView) -> Iterator[Problem]:
    """There are at most four cache breakpoints, and one-hour ones come before five-minute ones."""
    marks = request.marks
    if len(marks) > MAX_BREAKPOINTS:
        places = ", ".join(where for where, _ in marks)
        yield Problem(
            marks[MAX_BREAKPOINTS][0], f"it is breakpoint {MAX_BREAKPOINTS + 1} of {len(marks)}: {places}", "Keep four."
        )
    short = ""
    for where, mark in marks:
        if where == "cache_control":
            continue  # the service applies it to the last block
        if mark.get("ttl") != "1h":
            short = short or where
        elif short:
            yield Problem(where, f"its ttl of 1h comes after one of 5m at {short}", "Put those of an hour first.")


def thinking(request: RequestView) -> Iterator[Problem]:
    """A thinking budget is at least 1,024 and below max_tokens, and forces no tool."""
    config = request.body.get("thinking")
    if not isinstance(config, Mapping) or config.get("type") != "enabled":
        return
    budget, most = config.get("budget_tokens"), request.body.get("max_tokens")
    if isinstance(budget, int) and budget < MIN_BUDGET:
        yield Problem("thinking.budget_tokens", f"it is {budget}, below {MIN_BUDGET}", f"Give at least {MIN_BUDGET}.")
    if isinstance(budget, int) and isinstance(most, int) and budget >= most and INTERLEAVED not in request.betas:
        yield Problem(
            "thinking.budget_tokens", f"it is {budget}, not below max_tokens, {most}", "Raise max_tokens, or lower it."
        )
    choice = request.body.get("tool_choice")
    if isinstance(choice, Mapping) and choice.get("type") in ("any", "tool"):
        yield Problem("tool_choice", f"thinking does not go with {choice['type']!r}", "Use auto or none.")


def thinking_first(request: RequestView) -> Iterator[Problem]:
    """With thinking on, a tool call is sent back with the thinking that came before it, or the service turns thinking off."""
    config = request.body.get("thinking")
    if not isinstance(config, Mapping) or config.get("type") != "enabled":
        return
    for turn in turns(request.messages):
        kinds = [block.get("type") for _, block in turn.blocks]
        if turn.role == "assistant" and "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking"):
            yield Problem(
                turn.blocks[0][0],
                "the thinking that came before this tool call is not there, and the service then turns thinking off",
                "Send the answer back whole.",
                sure=False,
            )


def threads(request: RequestView) -> Iterator[Problem]:
    """A thread that goes on names the answer before; what may not go with one is left out (advice)."""
    thread = request.body.get("thread")
    if not isinstance(thread, Mapping):
        return
    for name in THREADLESS:
        if request.body.get(name):
            yield Problem(
                name, "a thread may not go with it", "Leave it out, or send the whole without thread.", sure=False
            )
    if thread.get("type") != "continue":
        return
    before = thread.get("previous_message_id")
    if not isinstance(before, str) or not before:
        yield Problem("thread.previous_message_id", "it is missing", "Give the id of the answer before.")


def stop_sequences(request: RequestView) -> Iterator[Problem]:
    """A stop sequence is not only white space."""
    given = request.body.get("stop_sequences")
    for index, sequence in enumerate(given if isinstance(given, list) else ()):
        if isinstance(sequence, str) and not sequence.strip():
            yield Problem(f"stop_sequences[{index}]", "it is only white space", "Leave it out.")


_ALWAYS: Final = "messages"  # every body has this parameter

APPLIES_TO: Final[dict[Rule, frozenset[str]]] = {
    sampling: frozenset({"temperature", "top_p", "top_k"}),
    version_blocks: frozenset({"document block", "text block"}),
    messages: frozenset({_ALWAYS}),
    empty_text: frozenset({"text block"}),
    prefill: frozenset({_ALWAYS}),
    cache: frozenset({"tools", "system", "cache_control", "block"}),
    thinking: frozenset({"thinking"}),
    thinking_first: frozenset({"thinking"}),
    stop_sequences: frozenset({"stop_sequences"}),
    threads: frozenset({"thread"}),
    **lint_tools.APPLIES_TO,
    **lint_strict.APPLIES_TO,
    **lint_media.APPLIES_TO,
    **lint_answers.APPLIES_TO,
}
"""Each rule, with the parameters and the types of blocks that it applies to. A rule runs only if the body has one of them.
docs/requests.md lists the rules."""

RULES: Final = tuple(APPLIES_TO)

_ASKED: Final = {
    name: tuple(number for number, names in enumerate(APPLIES_TO.values()) if name in names)
    for name in frozenset().union(*APPLIES_TO.values())
}
"""Parameter or type of block to the indices in `RULES` of the rules that apply to it."""


def lint(request: Mapping[str, Any], *, api_version: str = API_VERSION, betas: tuple[str, ...] = ()) -> list[Problem]:
    """Find the mistakes in a request that the service will refuse. Nothing is sent.

    Args:
        request: The body of `POST /v1/messages`, or the arguments of `messages.create`.
        api_version: The `anthropic-version` that it would be sent with.
        betas: The beta tags that it would be sent with, besides its own.

    Returns:
        The problems, in the order of the rules; empty if none was found.

    Example:
        >>> lint({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": ""}]})
        [Problem(where='messages[0]', what='it has no content', fix='Leave the turn out, or say something.', sure=True)]
    """
    request = filled(request)
    given = request.get("betas")
    if isinstance(given, list | tuple | set | frozenset):
        betas = (*betas, *(tag for tag in given if isinstance(tag, str)))
    from keybearer.wire.request.unsendable import unsendable

    unwritable: list[Problem] = []
    with contextlib.suppress(RecursionError):  # too deeply nested, which the service reports
        request = sendable(request)
        unwritable = list(unsendable({name: value for name, value in request.items() if name not in _OPTIONS}))
    return [*_problems(RequestView(request, api_version, frozenset(betas))), *unwritable]


def _problems(seen: RequestView, settled: str = "") -> list[Problem]:
    """Run the rules that apply.

    Args:
        seen: The body.
        settled: A parameter whose value was found right before.
    """
    rules = _rules_for(tuple(map(str, seen.body)), tuple(seen.kinds), settled)
    return [problem for rule in rules for problem in rule(seen)]


@lru_cache(maxsize=256)
def _rules_for(parameters: tuple[str, ...], kinds: tuple[str, ...], settled: str) -> tuple[Rule, ...]:
    """Return the rules that apply to a body with these parameters and these types of blocks."""
    names = [*parameters, *(f"{kind} block" for kind in kinds), *(["block"] if kinds else [])]
    asked = {number for name in names if name != settled for number in _ASKED.get(name, ())}
    return tuple(RULES[number] for number in sorted(asked))


def is_safe_continuation(seen: RequestView, known: Known) -> bool:
    """Return whether known turns may be continued with these without a check of the whole conversation.

    Args:
        seen: The body, with only the messages after the known ones.
        known: The messages before them, which were checked and which the service has accepted.
    """
    same_tools = known.tools is not None and seen.body.get("tools") is known.tools
    if any(problem.sure for problem in _problems(seen, "tools" if same_tools else "")):
        return False
    if known.marks and seen.marks:
        return False  # together they may be too many, or in the wrong order
    if any(block.get("id") in known.calls for _, _, _, block in seen.of("tool_use")):
        return False
    return not (known.images and lint_media.images(seen))  # the allowed size depends on how many images there are


_OPTIONS: Final = frozenset(RequestOptions.__annotations__) - {"extra_body"}
"""Options of a call, which are not sent in its body."""

_QUESTION: Final = frozenset({"model", "max_tokens", "messages", "stream"})


def _is_a_question(body: Mapping[str, Any]) -> bool:
    """Return whether a body is one text from the user and nothing else, in which no rule can find a problem."""
    turns = body["messages"]
    if len(turns) != 1 or not body.keys() <= _QUESTION or type(turns[0]) is not dict:
        return False
    turn = turns[0]
    return len(turn) == 2 and turn.get("role") == "user" and type(turn.get("content")) is str and turn["content"] != ""


def check(body: Mapping[str, Any], *, api_version: str, betas: tuple[str, ...]) -> None:
    """Refuse a body that the service is sure to refuse.

    Args:
        body: The body.
        api_version: The `anthropic-version` that it is sent with.
        betas: The beta tags that it is sent with.

    Raises:
        LintError: The service is sure to refuse it; `problems` lists every reason.
    """
    if _is_a_question(body):
        return
    problems = [problem for problem in _problems(RequestView(body, api_version, frozenset(betas))) if problem.sure]
    if not problems:
        return
    lines = tuple(f"{each.where}: {each.what}. {each.fix}" for each in problems)
    more = f" (and {len(lines) - 1} more: see error.problems)" if len(lines) > 1 else ""
    raise LintError(
        f"The request was not sent: the API would refuse it. {lines[0]}{more}",
        problems=lines,
        hint="validate=False sends it all the same.",
    )
