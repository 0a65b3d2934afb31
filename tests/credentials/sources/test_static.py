"""A static key, and the secret in it."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback

import pytest

from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.api_key import APIKeySigner
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.credentials.sources.static import StaticKey
from keybearer.errors import CredentialError
from keybearer.types.http import Draft
from keybearer.types.secret import Secret

CANARY = "sk-ant-canary-000"
DRAFT = Draft(method="POST", url="https://api.anthropic.com/v1/messages", headers={"a": "b", "anthropic-beta": "x"})


def current(provider: StaticKey) -> Credential:
    """Run the provider's flow, which has no effect."""
    flow = provider.current()
    with pytest.raises(StopIteration) as end:
        next(flow)
    value: Credential = end.value.value
    return value


def test_a_key_goes_into_its_header_and_the_draft_stays_as_it_was() -> None:
    """Signing adds x-api-key to a copy."""
    signed = current(StaticKey(f"  {CANARY}\n", source="a test")).sign(DRAFT)
    assert signed.headers == {"a": "b", "anthropic-beta": "x", "x-api-key": CANARY}
    assert "x-api-key" not in DRAFT.headers
    assert (signed.method, signed.url) == (DRAFT.method, DRAFT.url)


def test_an_oauth_token_goes_into_authorization_with_its_tag_once() -> None:
    """A Bearer token brings the OAuth beta tag, once, beside the others."""
    signed = Credential(BearerSigner(Secret(CANARY)), "a test").sign(DRAFT)
    assert signed.headers["authorization"] == f"Bearer {CANARY}"
    assert signed.headers["anthropic-beta"] == "x,oauth-2025-04-20"
    assert Credential(BearerSigner(Secret(CANARY)), "t").sign(signed).headers["anthropic-beta"] == "x,oauth-2025-04-20"


@pytest.mark.parametrize("key", ["", "  \n", "sk ant", "sk-\nant", "sk-ünt", "sk\x00"])
def test_a_key_that_no_header_can_hold_is_refused(key: str) -> None:
    """An empty or garbled key is reported with its source, and not shown."""
    with pytest.raises(CredentialError, match="the vault") as caught:
        StaticKey(key, source="the vault")
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", "`{}`", '\ufeff"{}"\r\n', '" {} "', "\ufeff{}"])
def test_what_stands_around_a_key_is_no_part_of_it(quoted: str) -> None:
    """`docker --env-file` hands on quotes, and editors write byte order marks."""
    assert current(StaticKey(quoted.format(CANARY), source="a test")).signer == APIKeySigner(Secret(CANARY))


def test_a_setup_token_in_quotes_is_no_key() -> None:
    """It would be sent as a key, and refused by the service in words that do not say why."""
    with pytest.raises(CredentialError, match="is a setup token in quotes"):
        StaticKey('"sk-ant-oat01-canary"', source="a test")


@pytest.mark.parametrize(
    "key",
    ["env:CANARY", "os.environ/CANARY", "os.environ['CANARY']", "$CANARY", "${CANARY}", "%CANARY%", "op://v/CANARY"],
)
def test_the_name_of_a_place_is_no_key(key: str) -> None:
    """Other programs' ways to name a variable are not sent as they stand; the error says what to write."""
    with pytest.raises(CredentialError, match="is no key but the name of a place to find one") as caught:
        StaticKey(key, source="a test")
    assert "CANARY" not in str(caught.value)
    assert "${NAME}" in caught.value.hint


def test_a_secret_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """repr, str, format, logs, tracebacks with locals, and the repr of what holds it show three stars."""
    secret = Secret(CANARY)
    signed = current(StaticKey(CANARY, source="a test")).sign(DRAFT)
    revealed = secret.reveal()
    logging.getLogger("test").warning("%s %r %s", secret, secret, signed)
    try:
        raise ValueError("no")
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    shown += f"{secret}{secret!r}{secret:>20}{[secret]}{signed!r}{revealed!r}{signed.headers!r}{caplog.text}"
    shown += repr(current(StaticKey(CANARY, source="a test"))) + repr(StaticKey(CANARY, source="a test"))
    assert CANARY not in shown
    assert revealed == CANARY


def test_a_secret_is_not_pickled_and_compares_by_value() -> None:
    """A pickle would write it to a place nobody chose."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError, match="not pickled"):
        copy.deepcopy(Secret(CANARY))
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
    assert len({Secret("a"), Secret("a")}) == 1
    assert len(Secret("abc")) == 3
