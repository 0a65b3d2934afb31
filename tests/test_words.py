"""The words of the glossary, in code as in docs: one name, one thing."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "keybearer"
FILES = sorted([*SOURCE.rglob("*.py"), *TESTS.rglob("*.py"), *(TESTS.parent / "examples").rglob("*.py")])


_CLASS = re.compile(r"^\s*class (\w+)[(:]", re.MULTILINE)
_OLD = re.compile(r"(?<![a-z])(?:twins?|told)(?![a-z])", re.IGNORECASE)


def old_words(text: str) -> list[str]:
    """Return the lines that have a word which the glossary replaced, also as a part of a name."""
    return [line for line in text.splitlines() if _OLD.search(line)]


def test_no_file_has_a_word_that_the_glossary_replaced() -> None:
    """The simulator is called so, clients have counterparts, and values are reported, stated or formatted."""
    spoken = {
        file.name: old_words(file.read_text()) for file in FILES if file.name not in {"test_words.py", "test_pages.py"}
    }
    assert {name: lines for name, lines in spoken.items() if lines} == {}


@pytest.mark.parametrize(
    "text", ["# the offline twin", "def told(x): ...", "Twins agree.", "def test_it_is_told() -> None:"]
)
def test_an_old_word_is_found(text: str) -> None:
    """In a comment, as a name, at a sentence's beginning."""
    assert old_words(text) == [text]


def twice(sources: dict[str, str]) -> dict[str, list[str]]:
    """Return each class that more than one module defines, with the modules."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, text in sources.items():
        for found in _CLASS.findall(text):
            places[found].append(name)
    return {name: modules for name, modules in places.items() if len(set(modules)) > 1}


def test_no_class_name_stands_in_two_modules() -> None:
    """A traceback or a repr that names a class names one thing."""
    assert twice({str(file.relative_to(SOURCE)): file.read_text() for file in SOURCE.rglob("*.py")}) == {}


def test_a_class_that_stands_twice_is_found() -> None:
    """The check reads classes at any depth."""
    assert twice({"a.py": "class A: ...", "b.py": "def f():\n    class A: ...", "c.py": "class B: ..."}) == {
        "A": ["a.py", "b.py"]
    }
