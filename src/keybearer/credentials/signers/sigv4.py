"""Signing with an AWS key, by Signature Version 4: a hash of the request, keyed by the day, the region and the service.

Strategy: our own, on the standard library: botocore's needs a third of a second to import, and twice as long for a signature.
Tests hold it to botocore's published vectors, and to botocore's own class as an oracle.

Contract: what a proxy may change is not signed: of the headers, only the host, the content type and those of the API and of AWS.

Source: AWS General Reference, "Signature Version 4"; `botocore/auth.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from keybearer.credentials.bundle import token_id_of
from keybearer.credentials.credential import signed
from keybearer.credentials.hosts import check_own_host
from keybearer.errors.sanitize import without_keys
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

__all__ = ["AWSKey", "SigV4Signer", "canonical_request", "signature"]

ALGORITHM: Final = "AWS4-HMAC-SHA256"

SIGNED: Final = ("anthropic-", "x-amz-", "content-type", "host")
"""How the names of the headers begin that are signed."""


class AWSKey(Struct, frozen=True):
    """An AWS key.

    Attributes:
        access_key: Its id, which is no secret.
        secret_key: The secret.
        session_token: The token of a temporary key; None for one that lasts.
    """

    access_key: str
    secret_key: Secret
    session_token: Secret | None = None


def canonical_request(method: str, url: str, headers: Mapping[str, str], payload: str) -> tuple[str, str]:
    """Return a request in the form that is hashed, and the names of its signed headers.

    Args:
        method: The HTTP method.
        url: The absolute URL, as it is sent.
        headers: The headers to sign, with names in lower case.
        payload: The SHA-256 of the body, in hexadecimal.
    """
    parts = urlsplit(url)
    path = quote(_without_dots(parts.path), safe="/~")
    pairs = sorted(pair.partition("=")[::2] for pair in parts.query.split("&")) if parts.query else []
    query = "&".join(f"{name}={value}" for name, value in pairs)
    names = sorted(headers)
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    listed = ";".join(names)
    return f"{method}\n{path}\n{query}\n{lines}\n{listed}\n{payload}", listed


def signature(canonical: str, secret_key: str, stamp: str, scope: str) -> str:
    """Return the signature of a canonical request, in hexadecimal.

    Args:
        canonical: The canonical request.
        secret_key: The secret.
        stamp: When it is signed, such as `20150830T123600Z`.
        scope: Day, region, service and `aws4_request`, with slashes between them.
    """
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = Secret("AWS4" + secret_key).reveal().encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hex()


def _without_dots(path: str) -> str:
    """Return a path without empty, `.` and `..` segments, as AWS's servers read it."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return "/" + "/".join(kept) + end


class SigV4Signer(Struct, frozen=True):
    """Signs with an AWS key.

    Attributes:
        key: The key.
        region: The region that is asked.
        service: The service's name in signatures.
        host: The host that may have the signature.
        now: The time in epoch seconds.
    """

    key: AWSKey
    region: str
    service: str
    host: str
    now: Callable[[], float] = time.time
    kind: ClassVar[str] = "aws"
    what: ClassVar[str] = "AWS key"
    refreshable: ClassVar[bool] = True
    access_token: ClassVar[None] = None

    @property
    def token_id(self) -> str:
        """A name for the key."""
        return token_id_of(self.key.secret_key, self.key.session_token)

    def sign(self, draft: Draft, source: str) -> Request:
        """Return the request with the signature.

        Raises:
            CredentialError: The request goes to another host than the platform's.
        """
        check_own_host(draft.url, self.host, what=f"The AWS key from {source}")
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self.now()))
        headers = {**draft.headers, "x-amz-date": stamp}
        if self.key.session_token is not None:
            headers["x-amz-security-token"] = self.key.session_token.reveal()
        own = {name: value for name, value in headers.items() if name.startswith(SIGNED)}
        own["host"] = _host_header(draft.url)
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        canonical, names = canonical_request(draft.method, draft.url, own, _payload(draft))
        made = signature(canonical, self.key.secret_key.reveal(), stamp, scope)
        value = f"{ALGORITHM} Credential={self.key.access_key}/{scope}, SignedHeaders={names}, Signature={made}"
        headers["authorization"] = Secret(value).reveal()
        return signed(draft, headers)

    def redact(self, value: Any) -> Any:
        """Return a value without the secret and the session token."""
        value = without_keys(value, self.key.secret_key.reveal())
        return value if self.key.session_token is None else without_keys(value, self.key.session_token.reveal())


def _payload(draft: Draft) -> str:
    if draft.upload is None:
        return hashlib.sha256(draft.body).hexdigest()
    digest = hashlib.sha256()
    for piece in draft.upload.pieces():
        digest.update(piece)
    return digest.hexdigest()


def _host_header(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return host if parts.port in {None, default} else f"{host}:{parts.port}"
