"""What is public stays: names, parameters, commands and flags that were promised are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.public_names import LIST, MODULES, breaks, committed, missing, names

ROOT = Path(__file__).parents[1]


def test_nothing_that_was_promised_is_gone() -> None:
    """Taking a name away needs its line taken out by hand, after a release with a warning (docs/stability.md)."""
    assert breaks(committed(), names()) == []


def test_the_list_has_what_a_program_uses() -> None:
    """Names, methods, options, parameters, bases, commands and flags."""
    assert {
        "keybearer.Client",
        "keybearer.Client.close",
        "keybearer.ClientOptions[max_retries]",
        "keybearer.tool",
        "keybearer.errors.StreamTruncated",
        "keybearer.RateLimited < keybearer.APIError",
        "keybearer ask --model",
        "keybearer auth login",
    } <= committed()
    assert LIST.read_text(encoding="utf-8").splitlines() == sorted(committed())


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ({"k.f", "k.f(a)"}, {"k.f", "k.f(a)"}, []),
        ({"k.f", "k.f(a)"}, {"k.f", "k.f(a=)"}, []),
        ({"k.f", "k.f(a)"}, {"k.f", "k.f(a)", "k.f(b=)", "k.f(**)"}, []),
        ({"k.f"}, {"k.f", "k.g", "k.g(a)"}, []),
        ({"k.f", "k.f(a=)"}, {"k.f", "k.f(a)"}, ["gone: k.f(a=)", "has to be given: k.f(a)"]),
        ({"k.f"}, {"k.f", "k.f(b)"}, ["has to be given: k.f(b)"]),
        ({"k.C", "k.C.m"}, {"k.C"}, ["gone: k.C.m"]),
        ({"k ask", "k ask -m"}, {"k ask"}, ["gone: k ask -m"]),
    ],
)
def test_what_breaks_a_program(before: set[str], now: set[str], found: list[str]) -> None:
    """A name that goes, or a parameter that has to be given now; what is added breaks nothing."""
    assert breaks(frozenset(before), frozenset(now)) == found


def test_what_is_new_is_missing_until_it_is_promised() -> None:
    """`make public` adds it, and `make release-check` fails until then."""
    assert missing(frozenset({"k.f"}), frozenset({"k.f", "k.g"})) == ["k.g"]


def test_the_page_names_the_public_modules() -> None:
    """docs/stability.md lists those of which the names are taken."""
    page = (ROOT / "docs" / "stability.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(keybearer[\w.]*)` \|", page, re.MULTILINE) == sorted(MODULES)
