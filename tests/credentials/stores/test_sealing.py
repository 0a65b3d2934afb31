"""A login's text, encrypted: with which key, and for which entry."""

from __future__ import annotations

import base64

import pytest

from keybearer.credentials.stores.sealing import Sealer, key_problem
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret
from support.registers import KEY, OTHER_KEY

pytest.importorskip("cryptography")

TEXT = Secret('{"access_token": "sk-ant-oat01-plain"}')


def test_what_was_sealed_opens_for_the_same_entry_only() -> None:
    """The same key and the same entry give the text back; another entry, or a changed byte, is an error in words."""
    sealer = Sealer([KEY])
    sealed = sealer.seal(TEXT, "main\0007.1")
    assert sealer.open(sealed, "main\0007.1", "the login") == TEXT
    assert "plain" not in sealed
    assert sealer.seal(TEXT, "main\0007.1") != sealed  # another nonce each time
    body = bytearray(base64.b64decode(sealed.rpartition(".")[2]))
    body[-1] ^= 1
    changed = sealed.rpartition(".")[0] + "." + base64.b64encode(body).decode()
    for text, belongs in ((sealed, "main\0007.2"), (sealed, "other\0007.1"), (changed, "main\0007.1"), ("2.x.y", "")):
        with pytest.raises(CredentialError, match="does not decrypt") as caught:
            sealer.open(text, belongs, "the login")
        assert caught.value.problem == "not_authentic"


def test_keys_are_changed_with_both_in_use() -> None:
    """The first key encrypts, all decrypt; without the old one the error names the ids and no key."""
    old, both, new = Sealer([OTHER_KEY]), Sealer([Secret(f"{KEY.reveal()}\n{OTHER_KEY.reveal()}")]), Sealer([KEY])
    sealed = old.seal(TEXT, "e")
    assert both.open(sealed, "e", "it") == TEXT
    assert new.open(both.seal(TEXT, "e"), "e", "it") == TEXT
    with pytest.raises(CredentialError, match="encrypted with another key") as caught:
        new.open(sealed, "e", "it")
    assert sealed.split(".")[1] in caught.value.message
    assert KEY.reveal() not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There is no key"),
        (" \n", "There is no key"),
        ("short", "auth.store_key is not 32 bytes"),
        ("ab" * 31, "not 32 bytes"),
        (f"{KEY.reveal()},{'x' * 44}", "Key 2 of auth.store_key is not"),
    ],
)
def test_what_is_no_key_is_refused_without_showing_it(text: str, problem: str) -> None:
    """The problem says which key and what a key is; nothing of it is shown."""
    found = key_problem([Secret(text)])
    assert found is not None
    assert problem in found
    assert not text.strip() or text not in found


@pytest.mark.parametrize("text", [KEY.reveal(), "AB" * 32, base64.urlsafe_b64encode(b"\xff" * 32).decode()])
def test_a_key_is_base64_or_hexadecimal(text: str) -> None:
    """Both alphabets of base64, and hexadecimal; its repr shows an id."""
    assert key_problem([Secret(text)]) is None
    assert text not in repr(Sealer([Secret(text)]))
