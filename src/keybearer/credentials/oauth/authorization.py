"""A login as values: the URL that the browser opens, the answer that comes back, and the exchange of its code.

Strategy: no I/O. An answer is the query of a loopback callback, or a person's paste. Both are read here as one of
three: a code, a refusal, or a stray text, which belongs to another login or to none and does not end this one.

    authorize URL ─▶ browser ─▶ callback?code&state, or a paste of code#state or of the whole URL ─▶ exchange ─▶ bundle

A paste may have several lines, quotes and a label (`paste.py`).

Contract: the state is random, independent of the verifier, and compared in constant time. The same redirect URI goes into the URL and
the exchange (RFC 6749, section 4.1.3; RFC 8252; RFC 9700). An `iss` in the answer must be the issuer's (RFC 9207).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from msgspec import Struct

from keybearer.credentials.hosts import check_host
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.pkce import PKCE
from keybearer.credentials.oauth.rules import CLIENT_ID, Format, RefreshRules
from keybearer.credentials.oauth.token_endpoint import (
    TOKEN_ENDPOINT,
    Verdict,
    classify_token_reply,
    other_format,
    token_request,
    unanswered,
)
from keybearer.credentials.paste import cleaned
from keybearer.errors import LoginRequired, RefreshFailed, TransportError
from keybearer.flow import Flow, Send
from keybearer.types.secret import Secret

__all__ = ["AUTHORIZE_URL", "HOSTED_REDIRECT", "LoginAnswer", "LoginAttempt", "exchange"]

AUTHORIZE_URL: Final = "https://claude.ai/oauth/authorize"
HOSTED_REDIRECT: Final = "https://platform.claude.com/oauth/code/callback"
"""The page that shows a code to paste, for a browser on another machine."""
SCOPES: Final = ("org:create_api_key", "user:profile", "user:inference")
MAX_ANSWER: Final = 8192
"""The longest answer, in characters."""
MAX_PASTE: Final = 2 * MAX_ANSWER
"""The most characters of a paste that are read, including the white space around the answer."""


class LoginAnswer(Struct, frozen=True, kw_only=True):
    """An answer of the authorize page.

    Attributes:
        code: The code, if it was granted.
        refusal: Why nothing was granted, in words.
        stray: Why it is not an answer to this login, in words.
    """

    code: Secret | None = None
    refusal: str = ""
    stray: str = ""


class LoginAttempt(Struct, frozen=True, kw_only=True):
    """One login.

    Attributes:
        pkce: The verifier and its challenge.
        state: The value that the answer must repeat.
        redirect_uri: Where the answer goes.
        authorize_url: The page.
        client_id: The OAuth client.
        scopes: The requested scopes.
    """

    pkce: PKCE
    state: Secret
    redirect_uri: str
    authorize_url: str = AUTHORIZE_URL
    client_id: str = CLIENT_ID
    scopes: tuple[str, ...] = SCOPES

    @classmethod
    def begin(
        cls,
        redirect_uri: str,
        token_bytes: Callable[[int], bytes],
        *,
        authorize_url: str | None = None,
        client_id: str | None = None,
        scopes: list[str] | None = None,
    ) -> LoginAttempt:
        """Begin a login; None stands for Anthropic's own value."""
        return cls(
            pkce=PKCE.make(token_bytes),
            state=Secret(token_bytes(32).hex()),
            redirect_uri=redirect_uri,
            authorize_url=authorize_url or AUTHORIZE_URL,
            client_id=client_id or CLIENT_ID,
            scopes=tuple(scopes or SCOPES),
        )

    @property
    def url(self) -> str:
        """The URL that the browser opens."""
        query = {
            "code": "true",
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scopes),
            "code_challenge": self.pkce.challenge,
            "code_challenge_method": "S256",
            "state": str.__str__(self.state.reveal()),
        }
        return f"{self.authorize_url}?{urlencode(query)}"

    def read_callback(self, query: str) -> LoginAnswer:
        """Read the query of a callback, its parameters in any order."""
        if len(query) > MAX_ANSWER:
            return LoginAnswer(stray="it is too long")
        fields = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
        if not self._is_ours(fields.get("state", "")):
            return LoginAnswer(stray="its state is not this login's")
        issuer = fields.get("iss")
        if issuer is not None and _host(issuer) != _host(self.authorize_url):
            return LoginAnswer(stray="another server issued it")
        if "error" in fields:
            why = "you denied it" if fields["error"] == "access_denied" else f"the server says {_word(fields['error'])}"
            return LoginAnswer(refusal=f"Nothing was granted: {why}.")
        if "code_challenge" in fields:
            return LoginAnswer(stray="it is the address to log in at; paste the one that the browser ends up at")
        code = fields.get("code", "")
        return LoginAnswer(code=Secret(code)) if code else LoginAnswer(stray="it has no code")

    def read_paste(self, text: str) -> LoginAnswer:
        """Read what a person pasted, in any number of lines: `code#state`, the URL that the browser was sent to, or its query."""
        text = "".join(cleaned(text[: MAX_PASTE + 1]).split())
        if len(text) > MAX_ANSWER:
            return LoginAnswer(stray="it is too long")
        if "://" in text or text.startswith("?") or "code=" in text or "error=" in text:
            _, mark, query = text.partition("?")
            return self.read_callback((query if mark else text).partition("#")[0].replace("&amp;", "&"))
        code, _, state = text.partition("#")
        if not code or not state:
            return LoginAnswer(stray="it is not whole: it has the form code#state")
        return (
            LoginAnswer(code=Secret(code))
            if self._is_ours(state)
            else LoginAnswer(stray="its state is not this login's")
        )

    def _is_ours(self, state: str) -> bool:
        return hmac.compare_digest(state.encode(errors="surrogatepass"), self.state.reveal().encode())


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def _word(text: str) -> str:
    return text if text.replace("_", "").isalnum() and text.isascii() and len(text) <= 40 else "no"


def exchange(attempt: LoginAttempt, code: Secret, rules: RefreshRules) -> Flow[Secret]:
    """Exchange a code for the text of a new bundle.

    Args:
        attempt: The login.
        code: The code that came back.
        rules: The token endpoint and the format of the request.

    Raises:
        LoginRequired: The code is not valid.
        RefreshFailed: The endpoint gave no usable answer.
    """
    endpoint = rules.token_endpoint or TOKEN_ENDPOINT
    check_host(endpoint, rules.other_hosts, what="The login's code")
    fields: dict[str, Secret | str] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "client_id": attempt.client_id,
        "code_verifier": attempt.pkce.verifier,
        "state": attempt.state,
    }
    encoding = rules.token_format or "json"
    verdict = yield from _ask(endpoint, fields, encoding)
    if verdict.outcome == "unparsed" and rules.token_format is None:
        verdict = yield from _ask(endpoint, fields, other_format(encoding))
    if verdict.grant is not None:
        return BUNDLE.merge(Secret("{}"), verdict.grant, rules.clocks.wall())
    if verdict.outcome == "invalid_grant":
        raise LoginRequired(
            f"The login's code was not accepted ({verdict.words}).",
            source=endpoint,
            problem="invalid_grant",
            hint="A code is good once and for a few minutes: run `keybearer auth login` again.",
        )
    raise RefreshFailed(
        f"The login's code could not be exchanged: {verdict.words}.",
        source=endpoint,
        problem=verdict.outcome,
        hint=f"{verdict.hint} Nothing was saved: run `keybearer auth login` again.".lstrip(),
        retryable=False,
    )


def _ask(endpoint: str, fields: dict[str, Secret | str], encoding: Format) -> Flow[Verdict]:
    try:
        reply = yield from Send(token_request(endpoint, fields, encoding=encoding))
    except TransportError as failed:
        return unanswered(failed, endpoint)
    return classify_token_reply(reply, endpoint, retry_after=None, encoding=encoding)
