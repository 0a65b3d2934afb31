"""What an identity token says of itself: its claims, read without its key, for words about it.

Strategy: a token (RFC 7519) is three parts in base64url. The second holds the claims, which are public: they say whose the token is.
The third signs them, and only the service can check that. So a mistake can be named before and after the exchange, without the token.

Contract: pure. No result holds the token or any part of its signature, and every text of it goes through `sanitize`. Nothing is
refused for its times: the service's clock decides, and this machine's may be wrong.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.errors.sanitize import sanitize
from keybearer.types.secret import Secret

__all__ = ["MAX_TOKEN", "Claims", "mismatch", "read_claims"]

MAX_TOKEN: Final = 16 << 10
"""The most bytes of an identity token; the official SDK has the same limit (`lib/credentials/_workload.py`)."""

MAX_SHOWN: Final = 200
"""The most characters of a claim that are shown."""

_PARTS: Final = 3
_ENCRYPTED_PARTS: Final = 5

_PROBLEMS: Final = {
    "empty": "it is empty",
    "pem": "it is a PEM file, of a key or a certificate",
    "json": "it is JSON: the token is one of its values, and has to be taken out",
    "encrypted": "it is encrypted (a JWE), and the service can read signed ones only",
    "unsigned": "it is not signed (alg none)",
    "not_jwt": "it is not three parts in base64url with dots between them",
}
"""What a text is that is no identity token."""


class Claims(Struct, frozen=True, kw_only=True):
    """The claims that a federation rule looks at.

    Attributes:
        issuer: `iss`, who issued the token.
        subject: `sub`, whom it is about.
        audience: `aud`, whom it is for; several are possible.
        issued_at: `iat`, in epoch seconds; None when it has none.
        expires_at: `exp`, in epoch seconds; None when it has none.
    """

    issuer: str
    subject: str
    audience: tuple[str, ...]
    issued_at: float | None
    expires_at: float | None

    def words(self, now: float) -> str:
        """Return the claims in words, by this machine's clock."""
        audience = ", ".join(repr(each) for each in self.audience) or "none"
        return (
            f"issuer (iss) {self.issuer or 'none'!r}, subject (sub) {self.subject or 'none'!r}, "
            f"audience (aud) {audience}, {self.time_words(now)}"
        )

    def time_words(self, now: float) -> str:
        """Return until when the token is valid, by this machine's clock."""
        if self.expires_at is None:
            return "no expiry (exp)"
        when = f"{datetime.fromtimestamp(self.expires_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        if self.expired(now):
            return f"expired at {when}, {_span(now - self.expires_at)} ago"
        if self.issued_at is not None and self.issued_at > now:
            return f"issued {_span(self.issued_at - now)} from now: this machine's clock is behind"
        return f"expires at {when}, in {_span(self.expires_at - now)}"

    def expired(self, now: float) -> bool:
        """Return whether it has expired, by this machine's clock."""
        return self.expires_at is not None and now >= self.expires_at


def read_claims(token: Secret) -> tuple[Claims | None, str]:
    """Read a token's claims.

    Returns:
        The claims, or None and what the text is instead, in words.
    """
    size = len(token.reveal().encode(errors="surrogatepass"))
    if size > MAX_TOKEN:
        return None, f"it has {size:,} bytes, and an identity token has at most {MAX_TOKEN:,}: it is something else"
    problem, document = _payload(token)
    if problem:
        return None, _PROBLEMS[problem]
    audience = document.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    return (
        Claims(
            issuer=_text(document.get("iss")),
            subject=_text(document.get("sub")),
            audience=tuple(_text(each) for each in several if isinstance(each, str)),
            issued_at=_time(document.get("iat")),
            expires_at=_time(document.get("exp")),
        ),
        "",
    )


def mismatch(claims: Claims, audience: str | None, subject: str | None) -> str:
    """Return how a token differs from the one that is expected, in words; an empty text when it does not.

    Args:
        claims: The token's claims.
        audience: The expected audience, one of the token's; None for any.
        subject: The expected subject; with `*` at its end, how the subject begins, as in a federation rule. None for any.
    """
    if audience is not None and audience not in claims.audience:
        has = ", ".join(repr(each) for each in claims.audience) or "nobody"
        return f"it is for {has} (aud), and the federation rule wants {audience!r}"
    if subject is None:
        return ""
    fits = claims.subject.startswith(subject[:-1]) if subject.endswith("*") else claims.subject == subject
    return (
        "" if fits else f"it is about {claims.subject or 'nobody'!r} (sub), and the federation rule wants {subject!r}"
    )


def _payload(token: Secret) -> tuple[str, dict[str, Any]]:
    text = token.reveal()
    if not text:
        return "empty", {}
    if text.startswith("-----BEGIN"):
        return "pem", {}
    if text.startswith(("{", "[", '"')):
        return "json", {}
    parts = text.split(".")
    if len(parts) == _ENCRYPTED_PARTS:
        return "encrypted", {}
    header, claims = (_decoded(part) for part in (parts[:2] if len(parts) == _PARTS else ("", "")))
    if header is None or claims is None:
        return "not_jwt", {}
    unsigned = str(header.get("alg", "none")).lower() == "none" or not parts[2]
    return ("unsigned", {}) if unsigned else ("", claims)


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return sanitize(value, MAX_SHOWN) if isinstance(value, str) else ""


def _time(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return float(value)


def _span(seconds: float) -> str:
    for unit, size in (("days", 172_800), ("h", 7200), ("min", 120)):
        if seconds >= size:
            return f"{seconds / (size // 2 if unit != 'days' else 86_400):.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
