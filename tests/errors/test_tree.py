"""The tree of errors: one place to import from, whatever file a class is written in."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import keybearer.errors as e

CLASSES = [each for each in vars(e).values() if isinstance(each, type) and issubclass(each, e.KeybearerError)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_class_says_where_it_is_imported_from(cls: type[e.KeybearerError]) -> None:
    """A traceback and a pickle name `keybearer.errors`, and it has the class under that name."""
    assert cls.__module__ == "keybearer.errors"
    assert getattr(e, cls.__name__) is cls


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_comes_back_from_its_pickle(cls: type[e.KeybearerError]) -> None:
    """Class, message and fields are the same after a pickle, as a process pool makes one."""
    error = cls("It broke.", hint="Mend it.", attempts=("503", "503"))
    copied: Any = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copied) is cls
    assert str(copied) == "It broke. Tried 2 times: 503; 503. Mend it."
    assert (copied.hint, copied.attempts) == ("Mend it.", ("503", "503"))


def test_the_tree_is_what_its_docstring_draws() -> None:
    """Every public class stands in the drawing, below its base."""
    above: list[type] = []
    drawn = set()
    for line in (e.__doc__ or "").splitlines():
        mark = line.find("── ")
        if mark < 0 and line.strip() != "KeybearerError":
            continue
        depth = 0 if mark < 0 else (mark - 1) // 4
        cls = getattr(e, line[mark + 3 if mark >= 0 else 0 :].split()[0])
        above = [*above[:depth], cls]
        assert issubclass(cls, above[max(depth - 1, 0)])
        drawn.add(cls.__name__)
    assert drawn == {name for name in e.__all__ if isinstance(getattr(e, name), type)}


def test_a_field_that_a_class_does_not_have_is_refused() -> None:
    """A misspelt field is a mistake of ours, reported where it is made."""
    with pytest.raises(TypeError, match="UsageError has no field 'hnit'"):
        e.UsageError("x", hnit="y")
