"""A login as values: the name of its tokens, and what can be a token."""

from __future__ import annotations

import pytest

from keybearer.credentials.bundle import OAuthBundle, token_id_of, token_of
from keybearer.types.secret import Secret

A, R = Secret("sk-ant-oat01-a"), Secret("sk-ant-ort01-r")


def test_a_pair_of_tokens_has_the_name_that_older_versions_give_it() -> None:
    """The journal and the note of a refusal have it on the disk, so it is the same in every version."""
    assert token_id_of(A, R) == "890a8c048ecba18a"
    assert token_id_of(A) == token_id_of(A, None) == "b9749fcf98aa9fd5"
    assert OAuthBundle(access_token=A, refresh_token=R, document=Secret("{}")).token_id == token_id_of(A, R)


def test_either_token_changes_the_name() -> None:
    """A new access token and a new refresh token each make another pair."""
    names = {token_id_of(A, R), token_id_of(A, Secret("x")), token_id_of(Secret("x"), R), token_id_of(A)}
    assert len(names) == 4


def test_a_token_is_due_a_minute_before_its_expiry() -> None:
    """One without an expiry never is."""
    assert OAuthBundle(access_token=A, document=Secret("{}")).seconds_until_refresh(0.0) is None
    login = OAuthBundle(access_token=A, refresh_token=R, expires_at=1000.0, document=Secret("{}"))
    assert login.seconds_until_refresh(0.0) == 940.0


@pytest.mark.parametrize("value", [None, 5, "", " \n", "two words", "\u00e9", "a\x00b", ["a"]])
def test_what_can_be_no_token(value: object) -> None:
    """Only printable ASCII without spaces is a token."""
    assert token_of(value) is None


def test_what_stands_around_a_token_is_removed() -> None:
    """White space, NULs and byte order marks around it are no part of it."""
    assert token_of("\ufeff sk-ant-oat01-a\r\n\0") == A
