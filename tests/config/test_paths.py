"""Paths as people write them: homes that are none, users that nobody knows, and what can be no path."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from keybearer.config.paths import absolute, expanded, user_home


@pytest.mark.parametrize("home", ["", "~", "~/x", "relative", ".", "a\0b"])
def test_a_home_that_is_no_absolute_path_is_none(home: str) -> None:
    """Nothing is guessed in its place."""
    assert user_home({"HOME": home}) is None


def test_a_home_that_is_not_set_is_the_systems() -> None:
    """Only then is the list of users asked."""
    assert user_home({}) == Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert user_home({"HOME": "/somewhere"}) == Path("/somewhere")


def test_a_user_in_no_list_has_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user has none, and that is no error."""

    def unknown(_: int) -> None:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert user_home({}) is None


def test_a_tilde_is_the_home_or_a_users() -> None:
    """`~`, `~/x` and `~root/x` are replaced, and nothing else is."""
    assert expanded("~", Path("/h")) == Path("/h")
    assert expanded("~/a/b", Path("/h")) == Path("/h/a/b")
    assert expanded("~root/x", None) == Path(pwd.getpwnam("root").pw_dir) / "x"
    assert expanded("a/~/b", Path("/h")) == Path("a/~/b")
    assert expanded("./~x", Path("/h")) == Path("~x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("~/x", "there is no home"),
        ("~nosuch-user/x", "it begins with ~nosuch-user, and the system knows no such user"),
        ("a\0b", "NUL"),
        ("~/a\0b", "NUL"),
        ("a\ud83d", "half of a character"),
    ],
)
def test_what_can_be_no_path_is_reported(text: str, words: str) -> None:
    """Each is a `ValueError` in words, not whatever a library raises."""
    with pytest.raises(ValueError, match=words):
        expanded(text, None)


@pytest.mark.parametrize("text", [None, "", "relative", "~/x", "~", "a\0b"])
def test_a_variable_that_names_no_absolute_path_is_as_unset(text: str | None) -> None:
    """As the XDG Base Directory specification has it."""
    assert absolute(text) is None
    assert absolute("/x") == Path("/x")
