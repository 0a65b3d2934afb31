"""Google's access tokens, as google-auth finds them: Application Default Credentials, over our own transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from msgspec import Struct

from keybearer.config.metadata import is_metadata_host
from keybearer.config.urls import is_loopback
from keybearer.credentials.sources.platform_tokens import FetchedToken
from keybearer.errors import NoCredentials, TransportError
from keybearer.errors.sanitize import sanitize
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.types.secret import Secret

__all__ = ["GoogleCredentials", "OverTransport"]

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"

REMEDY: Final = "log in with `gcloud auth application-default login`, or see which account the environment has."


class _GoogleReply(Struct, frozen=True):
    """A reply as google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class OverTransport:
    """What google-auth sends its requests with (`google.auth.transport.Request`).

    Args:
        send: Sends a request, blocking.
    """

    def __init__(self, send: Callable[[Request], Reply]) -> None:
        self._send = send

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _GoogleReply:
        """Send a request of google-auth's.

        Raises:
            google.auth.exceptions.TransportError: There was no reply, or what is sent would cross the network in clear text.
        """
        if _in_clear(url):
            return self._failed(
                f"{urlsplit(url).hostname} would be asked in clear text, and only a metadata server may be."
            )
        sent = body.encode() if isinstance(body, str) else body or b""
        plain = {name.lower(): value for name, value in (headers or {}).items()}
        limit = 30.0 if timeout is None else float(timeout)
        request = Request(
            method=method,
            url=url if urlsplit(url).path else f"{url}/",  # its look for a metadata server has no path
            headers={"accept-encoding": "identity", **plain},
            body=sent,
            timeouts=Timeouts(total=limit),
        )
        try:
            reply = self._send(request)
        except TransportError as error:
            problem = error.message
        else:
            return _GoogleReply(reply.status, reply.headers, reply.body)
        return self._failed(problem)

    @staticmethod
    def _failed(problem: str) -> NoReturn:
        from google.auth.exceptions import TransportError as GoogleTransportError

        raise GoogleTransportError(problem)


class GoogleCredentials:
    """Application Default Credentials.

    Args:
        send: Sends a request, blocking.
        credentials: google-auth's credentials, in place of what it finds.
    """

    def __init__(self, send: Callable[[Request], Reply], credentials: Any = None) -> None:
        self._request = OverTransport(send)
        self._credentials = credentials
        self._project: str | None = None

    def project(self) -> str | None:
        """Return the project of the credentials; None where they name none.

        Raises:
            NoCredentials: There are none, or google-auth is not installed.
        """
        found = self._found()
        named = (getattr(found, name, None) for name in ("project_id", "quota_project_id"))
        return self._project or next((each for each in named if isinstance(each, str) and each), None)

    def fetch(self) -> FetchedToken:
        """Fetch a token.

        Raises:
            NoCredentials: There are no credentials, or google-auth is not installed.
        """
        found = self._found()
        found.refresh(self._request)
        return FetchedToken(Secret(found.token), _epoch(found.expiry))

    def _found(self) -> Any:
        if self._credentials is not None:
            return self._credentials
        try:
            import google.auth
            from google.auth.exceptions import DefaultCredentialsError
        except ImportError:
            raise NoCredentials(
                "Google's credentials are looked for by google-auth, which is not installed.",
                hint="Install keybearer[google], or give Platform(token=...) a function that returns an access token.",
            ) from None
        try:
            self._credentials, self._project = google.auth.default(scopes=[SCOPE], request=self._request)
        except DefaultCredentialsError as error:
            problem = sanitize(str(error), 300)
        else:
            return self._credentials
        raise NoCredentials(f"There are no Google credentials: {problem}", hint=REMEDY)


def _in_clear(url: str) -> bool:
    """Return whether a request would cross the network in clear text."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme != "https" and not is_loopback(host) and not is_metadata_host(host)


def _epoch(expiry: Any) -> float:
    """Return google-auth's expiry, a time in UTC without a zone, in epoch seconds; an hour from now where it says none."""
    from datetime import UTC, datetime, timedelta

    when = datetime.now(UTC) + timedelta(hours=1) if expiry is None else expiry.replace(tzinfo=UTC)
    return float(when.timestamp())
