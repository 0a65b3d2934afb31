"""Every rule, with a request just inside it and one just outside. A test checks that no rule is left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import RULES, check_request
from support.rule_cases.blocks import (
    HAIKU,
    NEW,
    TOOL,
    USER,
    Change,
    assistant,
    call,
    png,
    result,
    user,
)
from support.rule_cases.context import contexts
from support.rule_cases.features import fallbacks, features
from support.rule_cases.models import models
from support.rule_cases.params import params
from support.rule_cases.structured import structured
from support.rule_cases.turns import turns
from support.whole import sampled

TODAY = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
"""The day of the requests: no test depends on the wall clock."""


def request(change: Change) -> MessageRequest:
    """Apply a change to a request that is fine; a value of `...` removes a field."""
    body: dict[str, Any] = {"model": HAIKU, "max_tokens": 100, "messages": [USER], **change}
    around: dict[str, Any] = {"version": body.pop("version", NEW)}
    around["betas"] = frozenset(body.pop("betas", ()))
    around["now"] = body.pop("now", TODAY)
    around["future"] = body.pop("future", "accept")
    around["files"] = body.pop("files", {})
    around["skills"] = body.pop("skills", {})
    return MessageRequest({key: value for key, value in body.items() if value is not ...}, **around)


CASES = [*params(), *turns(), *contexts(), *features(), *fallbacks(), *structured(), *models()]


NAMES = [f"{name}-{index}" for index, (name, *_) in enumerate(CASES)]


@pytest.mark.parametrize(("name", "inside", "outside", "words"), CASES, ids=NAMES)
def test_a_request_just_inside_passes(name: str, inside: Change, outside: Change, words: str) -> None:
    """The request just inside is refused by no rule."""
    del name, outside, words
    check_request(request(inside))


@pytest.mark.parametrize(("name", "inside", "outside", "words"), CASES, ids=NAMES)
def test_a_request_just_outside_is_refused(name: str, inside: Change, outside: Change, words: str) -> None:
    """The request just outside is refused by this rule, in these words, and passes once the rule is off."""
    del inside
    with pytest.raises(ServiceError) as caught:
        check_request(request(outside))
    assert (caught.value.rule, words in caught.value.message) == (name, True), caught.value.message
    if not next(rule for rule in RULES if rule.name == name).essential:
        assert refusing_rule(outside, lenient=name) != name


def refusing_rule(change: Change, *, lenient: str) -> str | None:
    """Name the rule that refuses a request when one is off, if any still does."""
    try:
        check_request(request(change), frozenset({lenient}))
    except ServiceError as error:
        return error.rule
    return None


@pytest.mark.parametrize(
    "lenient", [frozenset[str](), frozenset({"model-known", "thinking-model", "tool-choice-known"})]
)
def test_the_rules_that_are_asked_are_those_that_could_find_something(lenient: frozenset[str]) -> None:
    """A request is asked the rules about its parts alone; asking every rule finds no other refusal."""
    for _, inside, outside, _ in sampled(CASES, 4) if lenient else CASES:
        for change in (inside, outside):
            assert refusal_of(check_request, change, lenient) == refusal_of(ask_all, change, lenient)


def refusal_of(ask: Callable[..., Any], change: Change, lenient: frozenset[str]) -> tuple[str | None, str] | None:
    """Return the rule and the words that refuse a request; None if none does."""
    try:
        ask(request(change), lenient)
    except ServiceError as error:
        return error.rule, error.message
    return None


def ask_all(one: MessageRequest, lenient: frozenset[str]) -> None:
    """Ask every rule of a request, whatever it is about."""
    for rule in RULES:
        if rule.name not in lenient and (refusal := rule.check(one)) is not None:
            error = ServiceError("invalid_request_error", refusal) if isinstance(refusal, str) else refusal
            raise error.refused_by(rule.name)


def test_every_rule_is_tested() -> None:
    """Every rule has its two requests."""
    assert {name for name, *_ in CASES} == {rule.name for rule in RULES}


def test_every_rule_says_what_and_whence() -> None:
    """Every rule has a name of its own, a source and a sentence."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.summary.endswith(".") for rule in RULES)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("model-known", 404, "not_found_error"),
        ("file-known", 404, "not_found_error"),
        ("types", 400, "invalid_request_error"),
    ],
)
def test_statuses(name: str, status: int, kind: str) -> None:
    """A refusal has the status and the type of its kind."""
    outside = next(outside for each, _, outside, _ in CASES if each == name)
    with pytest.raises(ServiceError) as caught:
        check_request(request(outside))
    assert (caught.value.status, caught.value.type) == (status, kind)


def test_image_side_names_every_image() -> None:
    """The refusal of large images lists the path of each, those inside tool results included."""
    large = result() | {"content": [png(9000, 9000)]}
    messages = [user(png(9000, 1)), assistant(call()), user(large)]
    with pytest.raises(ServiceError) as caught:
        check_request(request({"messages": messages, "tools": [TOOL]}))
    assert caught.value.details == {
        "error_code": "image_dimensions_too_large",
        "max_side_length_pixels": 8000,
        "paths": ["messages.0.content.0", "messages.2.content.0.content.0"],
    }


def test_count_tokens_needs_no_max_tokens() -> None:
    """A request to count tokens has no `max_tokens`, and may not have one."""
    body = {"model": HAIKU, "messages": [USER]}
    check_request(MessageRequest(body, endpoint="count_tokens"))
    with pytest.raises(ServiceError, match="max_tokens: Extra inputs are not permitted"):
        check_request(MessageRequest({**body, "max_tokens": 1}, endpoint="count_tokens"))
