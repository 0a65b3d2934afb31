"""Setup tokens: pastes that are put right, and what is refused."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from keybearer.credentials.sources.setup_token import SetupToken, parse_setup_token, read_setup_token
from keybearer.errors import CredentialError
from keybearer.types.http import Draft
from keybearer.types.secret import Secret
from support.logins import SETUP, run


def test_white_space_in_a_paste_is_removed() -> None:
    """Line breaks, tabs and spaces that a terminal put into a paste do not matter."""
    paste = f"  {SETUP[:40]}\r\n\t{SETUP[40:77]} \n{SETUP[77:]}\n"
    assert parse_setup_token(Secret(paste), "a paste").reveal() == SETUP


@pytest.mark.parametrize(
    "paste",
    [
        f"\ufeff{SETUP}",
        f'"{SETUP}"\n',
        f"<{SETUP}>",
        f"export CLAUDE_CODE_OAUTH_TOKEN={SETUP}",
        f"Token: {SETUP[:60]}\n{SETUP[60:]}",
        SETUP + SETUP,
        f"{SETUP}\n{SETUP}\n",
        f"{SETUP[:70]}\n{SETUP[70:]}\n{SETUP[:70]}\n{SETUP[70:]}\n",
    ],
)
def test_a_paste_is_read_through_what_copying_did_to_it(paste: str) -> None:
    """Marks, quotes, labels and a second copy of the same token do not matter."""
    assert parse_setup_token(Secret(paste), "a paste").reveal() == SETUP


@pytest.mark.parametrize(
    ("paste", "words", "length"),
    [
        (SETUP + " is my token", "has something behind it", 117),
        (SETUP + "\nStore this token securely", "has something behind it", 130),
        (SETUP + "\nStore this token securely.", "has characters that no token has", 131),
        ("My own " + SETUP, "does not start with sk-ant-oat01-, but has one further on", 113),
        (SETUP + SETUP[:-1] + "x", "is more than one: a second one begins inside it", 216),
        (SETUP + "\n" + SETUP[:60], "is more than one", 168),
        (SETUP + "x" * 93, "has something behind it", 201),
        ("", "is empty", 0),
        (" \n ", "is empty", 0),
        ("sk-ant-api03-" + "k" * 95, "is another kind of key", 108),
        ("x" * 108, "does not start with sk-ant-oat01-", 108),
        (SETUP[:79], "is cut off", 79),
        (SETUP[:90] + "é", "has characters that no token has", 91),
    ],
)
def test_what_cannot_be_a_setup_token_is_refused_with_its_length(paste: str, words: str, length: int) -> None:
    """The error says why and how long it was, and holds nothing of the token."""
    with pytest.raises(CredentialError) as caught:
        parse_setup_token(Secret(paste), "a paste")
    assert words in caught.value.message
    assert f"it has {length} characters" in caught.value.message
    if length:
        assert paste.strip()[13:40] not in str(caught.value)


@pytest.mark.parametrize(("length", "warned"), [(80, True), (99, True), (100, False), (108, False)])
def test_a_short_token_is_warned_of(length: int, warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    """From 80 to 99 characters it is taken, with one warning that it looks truncated."""
    with caplog.at_level(logging.WARNING):
        token = parse_setup_token(Secret(SETUP[:length]), "a paste")
    assert len(token) == length
    assert ("looks truncated" in caplog.text) is warned
    assert SETUP[20:40] not in caplog.text


def test_it_signs_as_oauth(tmp_path: Path) -> None:
    """A setup token goes into a Bearer header with the OAuth beta tag, beside the tags of the request."""
    path = tmp_path / "token"
    path.write_text(SETUP + "\n")
    provider = SetupToken(read_setup_token(path), source="the file")
    draft = Draft(method="POST", url="https://api.anthropic.com/v1/messages", headers={"anthropic-beta": "a,b"})
    request = run(provider.current()).sign(draft)
    assert request.headers == {"anthropic-beta": "a,b,oauth-2025-04-20", "authorization": "Bearer " + SETUP}
    assert SETUP not in repr(request) + repr(provider)
