"""A caller's arguments to a draft: URL, headers and body bytes, with no credential yet.

Strategy: the body is the caller's own values, passed through untouched. Only two things are looked at: values of earlier
answers (`Model`) become the JSON that they came as, and beta tags are added by rule. Everything is encoded once, into one
buffer; `bytes` become base64 there.

Contract: a parameter that this version does not know is refused with the nearest name, unless it comes in `extra_body`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from keybearer.errors import RequestInvalid
from keybearer.types.base import Model, is_mapping
from keybearer.types.http import Draft, Timeouts
from keybearer.types.requests import CountParams, CreateParams, RequestOptions
from keybearer.wire.headers import API_VERSION, USER_AGENT, beta_tags, join_betas
from keybearer.wire.json import dumps, has_model, sendable
from keybearer.wire.media import MAX_BODY

__all__ = ["Endpoint", "count_body", "draft", "message_body"]

_OPTIONS: Final = frozenset(RequestOptions.__annotations__)
_CREATE: Final = frozenset(CreateParams.__annotations__)
_COUNT: Final = frozenset(CountParams.__annotations__)
_NOT_BODY: Final = _OPTIONS | {"model"}


_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t -~]*")
_NOT_PRINTABLE: Final = "its value has characters that are not printable ASCII, such as a line end"


class Endpoint(Struct, frozen=True, kw_only=True, dict=True):
    """Where a client's requests go, and how.

    Attributes:
        base_url: Such as `https://api.anthropic.com`.
        api_version: The `anthropic-version` header.
        headers: Headers that every request of the client has.
    """

    base_url: str = "https://api.anthropic.com"
    api_version: str = API_VERSION
    headers: Mapping[str, str] = {}

    @cached_property
    def standing(self) -> Mapping[str, str]:
        """The headers that every request has, made and checked once.

        Raises:
            RequestInvalid: One cannot be sent, or is one that only a credential may set.
        """
        if not _VALUE.fullmatch(self.api_version):
            raise _bad_header("api_version", _NOT_PRINTABLE)
        ours = {"user-agent": USER_AGENT, "anthropic-version": self.api_version, "accept-encoding": "identity"}
        return ours | _checked(self.headers, "default_headers")


def message_body(
    params: Mapping[str, Any], *, model: str | None = None, stream: bool = False, first: int = 0
) -> dict[str, Any]:
    """Make the body of `POST /v1/messages` from the caller's arguments.

    Args:
        params: The keyword arguments of `messages.create`.
        model: The model when the arguments name none.
        stream: Whether an event stream is asked for.
        first: The first turn that the body gets; those before are known.

    Raises:
        TypeError: An argument is missing or not known.
        RequestInvalid: An argument cannot be sent.
    """
    body = _body(params, _CREATE, "create", model, first)
    if body.get("max_tokens") is None:
        raise TypeError("messages.create() needs max_tokens: the most tokens that the answer may have.")
    if stream:
        body["stream"] = True
    return body


def count_body(params: Mapping[str, Any], *, model: str | None = None) -> dict[str, Any]:
    """Make the body of `POST /v1/messages/count_tokens`; the arguments are as of `message_body`."""
    return _body(params, _COUNT, "count_tokens", model)


def _body(
    params: Mapping[str, Any], known: frozenset[str], method: str, model: str | None, first: int = 0
) -> dict[str, Any]:
    for name in params:
        if name not in known:
            raise TypeError(_unknown(name, known, method))
    body: dict[str, Any] = {"model": params.get("model") or model}
    if not body["model"]:
        raise TypeError(
            f"messages.{method}() needs model: an agent's file or Client(model=...) can name one for all calls."
        )
    if params.get("messages") is None:
        raise TypeError(f"messages.{method}() needs messages: the turns of the conversation.")
    body |= {name: value for name, value in params.items() if value is not None and name not in _NOT_BODY}
    turns = _sequence(body.pop("messages"), "messages")[first:]
    for name in ("system", "tools"):
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            body[name] = _sequence(value, name)
    try:
        plain = all(map(_is_text, turns)) or not has_model(turns)
        body = {name: sendable(value) for name, value in body.items()}
        body["messages"] = [_turn(turn, plain=plain) for turn in turns]
        if extra := params.get("extra_body"):
            body |= sendable(extra)
    except RecursionError:
        problem = "The request is nested too deeply, or holds itself."
    else:
        return body
    raise RequestInvalid(problem, problems=(problem,))


def _unknown(name: str, known: frozenset[str], method: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return (
        f"messages.{method}() has no parameter {name!r}.{meant} "
        "A parameter of the API that this version does not know goes into extra_body={...}."
    )


def _sequence(value: Any, name: str) -> list[Any]:
    if type(value) is list:
        return value
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise RequestInvalid(
            f"{name} is a {type(value).__name__}; it must be a list.",
            problems=(f"{name}: not a list",),
            hint=f"Write {name}=[...].",
        )
    return value if isinstance(value, list) else list(value)


def _is_text(turn: Any) -> bool:
    """Return whether a turn is a role and a text, and nothing else."""
    return type(turn) is dict and len(turn) == 2 and type(turn.get("content")) is str and type(turn.get("role")) is str


def _turn(message: Any, *, plain: bool) -> Any:
    """Return a turn with every value of an earlier answer as plain JSON; `plain` says that none is in sight."""
    if plain and type(message) is dict and type(message.get("content")) in {str, list}:
        return message
    if isinstance(message, Model):
        return message.to_param()
    content = message.get("content") if is_mapping(message) else None
    if content is None or isinstance(content, str):
        return message
    blocks = _sequence(content, "content")
    sent = sendable(blocks)
    return message if sent is content else {**message, "content": sent}


def draft(
    endpoint: Endpoint,
    path: str,
    body: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    *,
    method: str = "POST",
    stream: bool = False,
    timeouts: Timeouts,
    more_betas: Iterable[str] = (),
) -> Draft:
    """Make the draft of a request.

    Args:
        endpoint: Where it goes.
        path: The path below the base URL, such as `/v1/messages`.
        body: The JSON body, or None.
        options: The caller's arguments; only `RequestOptions` are read.
        method: The HTTP method.
        stream: Whether an event stream is asked for.
        timeouts: The time limits.
        more_betas: Beta tags beside those that the body and the options ask for.

    Raises:
        RequestInvalid: The body has a value that JSON has no form for, or a header cannot be sent or is one that only a
            credential may set.
    """
    headers = {"accept": "text/event-stream" if stream else "application/json"}
    if body is not None:
        headers["content-type"] = "application/json"
    headers |= endpoint.standing
    tags: list[str | Iterable[str] | None] = [headers.get("anthropic-beta")]
    if extra := options.get("extra_headers"):
        extra = _checked(extra, "extra_headers")
        tags.append(extra.get("anthropic-beta"))
        headers |= extra
    if own := options.get("betas"):
        tags.append(_texts(own, "betas"))
    if betas := join_betas(*tags, more_betas, beta_tags(body or {})):
        headers["anthropic-beta"] = betas
        if not _VALUE.fullmatch(betas):
            raise _bad_header("betas", _NOT_PRINTABLE)
    url = endpoint.base_url.rstrip("/") + path
    if query := options.get("extra_query"):
        from urllib.parse import urlencode

        url += "?" + urlencode(query)
    return Draft(
        method=method,
        url=url,
        headers=headers,
        body=_encode(body, checked=options.get("validate", True)),
        stream=stream,
        timeouts=timeouts,
    )


def _checked(headers: Mapping[Any, Any], argument: str) -> dict[str, str]:
    """Return headers with their names in lower case, once each is known to be one: no transport need look again."""
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise _bad_header(f"{argument}: {str(name)[:80]!r}", "that is not a header's name")
        if not isinstance(value, str):
            raise _bad_header(f"{argument}: {name}", f"its value is not text but of type {type(value).__name__}")
        if not _VALUE.fullmatch(value):
            raise _bad_header(f"{argument}: {name}", _NOT_PRINTABLE)
        checked[name.lower()] = value
    for name in ("authorization", "x-api-key"):
        if name in checked:
            raise RequestInvalid(
                f"{argument} cannot set {name}: a credential is never taken from there.",
                problems=(f"{argument}: {name}",),
                hint="Pass Client(api_key=...) or Client(credentials=...).",
            )
    return checked


def _texts(value: Any, name: str) -> list[str]:
    texts = [value] if isinstance(value, str) else _sequence(value, name)
    if not all(isinstance(each, str) for each in texts):
        raise _bad_header(name, "a tag is not text")
    return texts


def _bad_header(where: str, what: str) -> RequestInvalid:
    # The value is never shown: it may be a secret.
    return RequestInvalid(f"A header cannot be sent: {where}: {what}.", problems=(f"{where}: {what}",))


def _encode(body: Mapping[str, Any] | None, *, checked: bool) -> bytes:
    if body is None:
        return b""
    try:
        encoded = dumps(body)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"The request cannot be written as JSON: {error}."
    else:
        if len(encoded) <= MAX_BODY or not checked:
            return encoded
        problem = f"The request has {len(encoded):,} bytes, more than the API's {MAX_BODY:,}."
    raise RequestInvalid(problem, problems=(problem,))
