"""What an identity token says of itself, and what is none."""

from __future__ import annotations

import pytest

from keybearer.credentials.federation.claims import Claims, mismatch, read_claims
from keybearer.types.secret import Secret
from support.identity import AUDIENCE, ISSUER, SIGNATURE, SUBJECT, jwt, part
from support.logins import NOW


def claims(**changes: object) -> Claims:
    """Return the claims of a token."""
    found, problem = read_claims(Secret(jwt(**changes)))
    assert found is not None, problem
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("-----BEGIN CERTIFICATE-----\nMIIB", "PEM"),
        ('{"value": "ey.."}', "is JSON"),
        ("a.b.c.d.e", "encrypted"),
        (f"{part({'alg': 'none'})}.{part({'sub': 'x'})}.", "not signed"),
        (f"{part({'alg': 'RS256'})}.{part({'sub': 'x'})}.", "not signed"),
        ("sk-ant-api03-not-a-token", "three parts"),
        ("a.b.c", "three parts"),
        (f"{part({'alg': 'RS256'})}.WzFd.x", "three parts"),  # an array
        (f"{part({'alg': 'RS256'})}.\ud800.x", "three parts"),
        ("x" * 16_385, "16,385 bytes"),
    ],
)
def test_what_is_no_token_is_named(text: str, words: str) -> None:
    """The words say what it is instead, and hold nothing of it."""
    found, problem = read_claims(Secret(text))
    assert found is None
    assert words in problem
    assert not text or text not in problem


def test_a_token_at_the_limit_is_read() -> None:
    """The limit is the SDK's: 16 KiB fit, one byte more does not."""
    short = jwt(fill="")
    fill = "f" * ((16_384 - len(short)) * 3 // 4 - 3)
    assert read_claims(Secret(jwt(fill=fill)))[0] is not None


def test_the_claims_are_shown_and_the_token_is_not() -> None:
    """Issuer, subject, audience and expiry are words; nothing of the encoded parts or the signature is."""
    words = claims(aud=["a", AUDIENCE]).words(NOW)
    assert ISSUER in words
    assert SUBJECT in words
    assert f"'a', '{AUDIENCE}'" in words
    assert "expires at 2027-01-15 08:10:00 UTC, in 10 min" in words
    assert SIGNATURE not in words
    assert not any(each in words for each in jwt(aud=["a", AUDIENCE]).split("."))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exp": NOW - 30}, "30 s ago"),
        ({"exp": NOW - 600}, "10 min ago"),
        ({"exp": NOW - 10_800}, "3 h ago"),
        ({"exp": NOW - 864_000}, "10 days ago"),
        ({"iat": NOW + 300}, "clock is behind"),
        ({"exp": None}, "no expiry"),
        ({"exp": 1e300}, "no expiry"),
        ({"exp": True}, "no expiry"),
        ({"iss": 5, "sub": None, "aud": 7}, "issuer (iss) 'none', subject (sub) 'none', audience (aud) none"),
        ({"sub": "a\x1b[31mb\nc" + "x" * 500}, r"a\\x1b[31mb c"),
    ],
)
def test_odd_claims_have_words(changes: dict[str, object], words: str) -> None:
    """Times by this machine's clock, missing claims, and texts that a terminal would obey."""
    assert words in claims(**changes).words(NOW)


@pytest.mark.parametrize(
    ("audience", "subject", "words"),
    [
        (None, None, ""),
        (AUDIENCE, SUBJECT, ""),
        (AUDIENCE, "repo:acme/*", ""),
        ("other", None, "wants 'other'"),
        (None, "repo:acme/", "wants 'repo:acme/'"),
        (None, "repo:evil/*", "wants 'repo:evil/*'"),
    ],
)
def test_a_token_is_compared_as_a_rule_compares(audience: str | None, subject: str | None, words: str) -> None:
    """The audience is any of the token's, exactly; the subject is exact, or a beginning with a star."""
    found = mismatch(claims(aud=["x", AUDIENCE]), audience, subject)
    assert (words in found) if words else not found
