"""Who may call on a platform: its fake keys and tokens, the access tokens that the simulator issues, and AWS's signatures.

The fake ones are known by how they begin: they need no library. Issued tokens are looked up, or checked by a key set
(`keybearer.simulator.service.cloud_tokens`), and signatures are checked by botocore's own code. Any other is refused and
never kept.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from keybearer.simulator.platforms.refusal import PlatformRefusal
from keybearer.simulator.service.cloud_tokens import CloudTokenRefused, CloudTokens

__all__ = ["ACCESS_KEY", "PLATFORM_KEY", "SECRET_KEY", "SESSION_TOKEN", "TOKENS", "identify"]

PLATFORM_KEY: Final = "platform-key-sim-"
"""How every key of a platform begins here."""

TOKENS: Final = {"google": "ya29.sim-", "azure": "entra-sim-"}
"""How the fake access tokens of a cloud begin, which are good for ever."""

ACCESS_KEY: Final = "AKIASIMULATOR0000000"
TEMPORARY_KEY: Final = "ASIASIMULATOR0000000"
SECRET_KEY: Final = "simulator/secret/key/of/nobody/000000000"  # noqa: S105 - a fake that everybody may know
SESSION_TOKEN: Final = "simulator-session-token"  # noqa: S105 - see above

STAMP: Final = "%Y%m%dT%H%M%SZ"
SKEW: Final = 300.0
"""How far a signature's time may be from the service's, in seconds."""

_SIGNATURE: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def identify(
    cloud: str,
    service: str,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    now: float,
    ends_with: str = "",
    tokens: CloudTokens | None = None,
) -> str:
    """Return who is calling: a name for the credential that reveals nothing.

    Args:
        cloud: The platform's cloud.
        service: The service's name in AWS's signatures.
        method: The HTTP method.
        url: The URL as it was sent.
        headers: The headers, with names in lower case.
        body: The whole body.
        now: The time in epoch seconds.
        ends_with: What a key must end with, on a host that others can reach.
        tokens: Checks the access tokens of Google and Entra; None where there are none but the fake ones.

    Raises:
        PlatformRefusal: 401 or 403.
    """
    authorization = headers.get("authorization", "")
    if authorization.startswith("AWS4-") and cloud == "aws":
        _check_signature(service, method=method, url=url, headers=headers, body=body, now=now)
        return "signature"
    bearer = authorization.removeprefix("Bearer ") if authorization.startswith("Bearer ") else ""
    given = bearer if cloud != "azure" or bearer else headers.get("x-api-key") or headers.get("api-key", "")
    prefixes = {PLATFORM_KEY} if cloud == "aws" else {TOKENS[cloud]}
    if cloud == "azure" and not bearer:
        prefixes = {PLATFORM_KEY}
    if given.startswith(tuple(prefixes)) and given.endswith(ends_with):
        return "token" if bearer and cloud != "aws" else "key"
    if bearer and cloud != "aws" and tokens is not None:
        return _checked(cloud, bearer, tokens)
    raise PlatformRefusal(401, _WORDS[cloud] if given else f"{_WORDS[cloud]} (nothing was given)")


def _checked(cloud: str, token: str, tokens: CloudTokens) -> str:
    """Return that a token is one, if it is good."""
    try:
        tokens.check(cloud, token)
    except CloudTokenRefused as refused:
        raise PlatformRefusal(401, f"{_WORDS[cloud]} ({refused})") from None
    except ImportError as missing:
        raise PlatformRefusal(501, str(missing)) from None
    return "token"


_WORDS: Final = {
    "aws": "The security token included in the request is invalid.",
    "google": "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential.",
    "azure": "Access denied due to invalid subscription key or wrong API endpoint.",
}


def _check_signature(
    service: str, *, method: str, url: str, headers: Mapping[str, str], body: bytes, now: float
) -> None:
    if (found := _SIGNATURE.fullmatch(headers["authorization"])) is None:
        raise PlatformRefusal(
            403, "Authorization header is not in the form of AWS4-HMAC-SHA256.", "IncompleteSignatureException"
        )
    if found["key"] not in {ACCESS_KEY, TEMPORARY_KEY}:
        raise PlatformRefusal(403, _WORDS["aws"], "UnrecognizedClientException")
    if found["key"] == TEMPORARY_KEY and headers.get("x-amz-security-token") != SESSION_TOKEN:
        raise PlatformRefusal(403, _WORDS["aws"], "UnrecognizedClientException")
    if found["service"] != service:
        raise PlatformRefusal(
            403, f"Credential should be scoped to correct service: '{service}'.", "InvalidSignatureException"
        )
    stamp = headers.get("x-amz-date", "")
    _check_time(stamp, now)
    names = found["names"].split(";")
    if missing := {"host", "x-amz-date", *(name for name in headers if name.startswith("x-amz-"))} - set(names):
        raise PlatformRefusal(
            403, f"Header or headers not signed: {', '.join(sorted(missing))}.", "InvalidSignatureException"
        )
    signed = {name: headers.get(name, "") for name in names}
    expected = _by_botocore(service, found["region"], stamp, method=method, url=url, headers=signed, body=body)
    if not hmac.compare_digest(expected, found["signature"]):
        words = "The request signature we calculated does not match the signature you provided."
        raise PlatformRefusal(403, words, "InvalidSignatureException")


def _check_time(stamp: str, now: float) -> None:
    try:
        signed_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise PlatformRefusal(403, "Date must be in ISO-8601 'basic format'.", "IncompleteSignatureException") from None
    if abs(signed_at - now) <= SKEW:
        return
    here = datetime.fromtimestamp(now, UTC).strftime(STAMP)
    sign = -1 if signed_at < now else 1
    limit = datetime.fromtimestamp(now + sign * SKEW, UTC).strftime(STAMP)
    words = (
        f"Signature expired: {stamp} is now earlier than {limit} ({here} - 5 min.)"
        if sign < 0
        else f"Signature not yet current: {stamp} is still later than {limit} ({here} + 5 min.)"
    )
    raise PlatformRefusal(403, words, "InvalidSignatureException")


def _by_botocore(
    service: str, region: str, stamp: str, *, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Return the signature that botocore makes of a request."""
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
    except ImportError:
        raise PlatformRefusal(
            501, "The simulator checks signatures with botocore: install the extra keybearer[aws]."
        ) from None
    auth = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, region)
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    request.context["timestamp"] = stamp
    made: str = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return made
