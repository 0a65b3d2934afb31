"""Rules on the shape of a request: required fields, types, unknown fields, beta tags."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from keybearer.simulator.core.data import DATA
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.grammar import ShapeProblem
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.rules.schema import shape_of

__all__ = ["RULES", "gaps"]

WHEEL: Final = "anthropic 2.14.0, types/beta/message_create_params.py"

_BETAS: Final[dict[str, Any]] = msgspec.json.decode((DATA / "betas.json").read_bytes())
KNOWN_TAGS: Final = frozenset({*_BETAS["tags"], *_BETAS["others"]})
"""The beta tags that the wheel lists, and those that other public tables do."""
AUTHENTICATION: Final = frozenset(_BETAS["authentication"])
"""The beta tags that say who calls, and bring no field."""
DATED: Final = lazy(r"^(?P<family>[a-z0-9]+(-[a-z0-9]+)*?)-(?P<day>\d{4}-\d{2}-\d{2}|\d{8})$")
FAMILIES: Final = frozenset(found["family"] for tag in KNOWN_TAGS if (found := DATED.match(tag)))
NEWEST: Final = max(tag[-10:] for tag in _BETAS["tags"]).replace("-", "")
"""The day of the newest tag of the wheel."""


def _problems(request: MessageRequest) -> list[ShapeProblem]:
    """List the problems of a request's shape, which three rules read and one check finds."""
    found = request.kept.get("shape")
    if found is None:
        shape = shape_of("count_tokens" if request.endpoint == "count_tokens" else "messages")
        found = request.kept["shape"] = list(shape(request.body, ""))
    return found


def _passes(request: MessageRequest, problem: ShapeProblem) -> bool:
    """Return whether something that nobody knows may be of the future: under a tag, or as the newer version of a tool."""
    return request.future == "accept" and (problem.kind == "newer" or bool(request.betas - AUTHENTICATION))


def _is_possible(tag: str) -> bool:
    """Return whether a tag that is not known may be newer than the wheel, or one that no public table lists.

    It has a day, and is not a known family's tag with a wrong one.
    """
    found = DATED.match(tag)
    return found is not None and (found["family"] not in FAMILIES or found["day"].replace("-", "") > NEWEST)


@rule(
    "beta-known",
    "public client tables (Unexpected value(s)); anthropic 2.14.0, types/anthropic_beta_param.py",
    sure="reported",
)
def beta_known(request: MessageRequest) -> str | None:
    """A beta tag is one that is known; `--future accept` lets pass one that may be newer than the tables."""
    for tag in sorted(request.betas - KNOWN_TAGS):
        if request.future == "refuse" or not _is_possible(tag):
            return (
                f"Unexpected value(s) `{tag}` for the `anthropic-beta` header. Please consult our documentation at "
                "docs.claude.com or try again without the header."
            )
    return None


@rule("types", WHEEL, essential=True)
def types(request: MessageRequest) -> str | None:
    """Every required field is present, and every field has the right type, range and tag."""
    return next((problem.message for problem in _problems(request) if problem.kind == "wrong"), None)


@rule("unknown-fields", WHEEL)
def unknown_fields(request: MessageRequest) -> str | None:
    """There is no unknown field, block or tool, at any depth; `--future accept` lets them pass under a beta tag."""
    for problem in _problems(request):
        if problem.kind in {"unknown", "newer"} and not _passes(request, problem):
            return problem.message
    return None


@rule("beta-params", WHEEL)
def beta_params(request: MessageRequest) -> str | None:
    """What only the beta has comes with the `anthropic-beta` tag that allows it."""
    for problem in _problems(request):
        if problem.kind == "beta" and not any(tag.startswith(problem.tags) for tag in request.betas):
            return problem.message
    return None


def gaps(request: MessageRequest) -> list[str]:
    """List what an accepted request has that the simulator does not know: its own gaps, and no fault of the client's."""
    tags = [f"anthropic-beta: {tag}: this tag is not known" for tag in sorted(request.betas - KNOWN_TAGS)]
    unknown = [problem.message for problem in _problems(request) if problem.kind in {"unknown", "newer"}]
    return [*tags, *(f"{words.split(': ', 1)[0]}: accepted, not known and not carried out" for words in unknown)]


RULES: Final[tuple[Rule, ...]] = (types, unknown_fields, beta_known, beta_params)
