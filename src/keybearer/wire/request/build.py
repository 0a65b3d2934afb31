"""Makes a draft of a caller's arguments: URL, headers and body bytes, with no credential yet.

Strategy: the body has the caller's own values, unchanged. Only values that are not plain JSON (values of earlier answers, pydantic
objects, dataclasses) are converted. Beta tags are added by the table of `headers`. The body is encoded once, into one buffer; `bytes`
become base64 there.

Contract: a parameter that this version does not know is refused with the nearest name, unless it is in `extra_body`. A value that JSON
cannot represent is refused with its place, and so is a lone surrogate (half of a character), which the service would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from keybearer.errors import LintError
from keybearer.errors.sanitize import sanitize
from keybearer.types.api_object import APIObject, is_mapping, source_of
from keybearer.types.http import Draft, Timeouts
from keybearer.types.messages import Message
from keybearer.types.requests import CountParams, CreateParams, RequestOptions
from keybearer.wire.json import PlainList, dumps, dumps_strict, is_plain, sendable
from keybearer.wire.request.headers import API_VERSION, USER_AGENT, beta_tags, join_betas

if TYPE_CHECKING:
    from keybearer.wire.request.multipart import MultipartBody

__all__ = ["COUNTED", "MAX_BODY", "Endpoint", "as_list", "count_body", "draft", "message_body"]

MAX_BODY: Final = 32 << 20
"""The largest request body, in bytes."""

_OPTIONS: Final = frozenset(RequestOptions.__annotations__)
_CREATE: Final = frozenset(CreateParams.__annotations__)
COUNTED: Final = frozenset(CountParams.__annotations__)
"""The arguments of `count_tokens`: those of `create` that a prompt is made of, and the options."""
_HEADERS: Final = {"workspace_id": "anthropic-workspace-id", "user_profile_id": "anthropic-user-profile-id"}
"""Options that are sent as headers. Source: the `anthropic` 2.14.0 wheel, `resources/messages/messages.py`."""
_NOT_BODY: Final = _OPTIONS | {"model"}


_VERSION: Final = re.compile(r"/v1(/messages)?$")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t -~]*")
_NOT_PRINTABLE: Final = "its value has characters that are not printable ASCII, such as a line end"


class Endpoint(Struct, frozen=True, kw_only=True, dict=True):
    """Where a client's requests go, and how.

    Attributes:
        base_url: Such as `https://api.anthropic.com`. A `/v1` at its end is ignored, since the paths have it.
        api_version: The value of the `anthropic-version` header.
        headers: Further headers of every request.
    """

    base_url: str = "https://api.anthropic.com"
    api_version: str = API_VERSION
    headers: Mapping[str, str] = {}

    @cached_property
    def root(self) -> str:
        """The base URL without a `/v1` at its end; the paths are appended to it."""
        return _VERSION.sub("", self.base_url.rstrip("/"))

    @cached_property
    def default_headers(self) -> Mapping[str, str]:
        """The headers of every request, made and checked once.

        Raises:
            LintError: A header cannot be sent, or only a credential may set it.
        """
        if not _VALUE.fullmatch(self.api_version):
            raise _bad_header("api_version", _NOT_PRINTABLE)
        own = {"user-agent": USER_AGENT, "anthropic-version": self.api_version, "accept-encoding": "identity"}
        return own | _checked(self.headers, "default_headers")


def message_body(
    params: Mapping[str, Any], *, model: str | None = None, stream: bool = False, first: int = 0
) -> dict[str, Any]:
    """Make the body of `POST /v1/messages` from the caller's arguments.

    Args:
        params: The keyword arguments of `messages.create`.
        model: The model to use when the arguments have none.
        stream: Whether to ask for an event stream.
        first: The index of the first message to convert; those before it are known (`keybearer.wire.request.history`).

    Raises:
        TypeError: An argument is missing, or is not known.
        LintError: An argument cannot be sent.
    """
    body = _body(params, _CREATE, "create", model, first)
    if body.get("max_tokens") is None:
        raise TypeError("messages.create() needs max_tokens: the most tokens that the answer may have.")
    if stream:
        body["stream"] = True
    return body


def count_body(params: Mapping[str, Any], *, model: str | None = None) -> dict[str, Any]:
    """Make the body of `POST /v1/messages/count_tokens`; the arguments and errors are those of `message_body`."""
    return _body(params, COUNTED, "count_tokens", model)


def _body(
    params: Mapping[str, Any], known: frozenset[str], method: str, model: str | None, first: int = 0
) -> dict[str, Any]:
    for name in params:
        if name not in known:
            raise TypeError(_unknown(name, known, method))
    body: dict[str, Any] = {"model": _model(params.get("model"), model, method)}
    if params.get("messages") is None:
        raise TypeError(f"messages.{method}() needs messages: the turns of the conversation.")
    body |= {name: value for name, value in params.items() if value is not None and name not in _NOT_BODY}
    given = as_list(body.pop("messages"), "messages")
    turns = given[first:]
    for name in ("system", "tools"):
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            body[name] = as_list(value, name)
    try:
        plain = type(given) is PlainList or all(map(_is_text, turns)) or is_plain(turns)
        body = {name: sendable(value) for name, value in body.items()}
        body["messages"] = [_turn(turn, plain=plain) for turn in turns]
        if extra := params.get("extra_body"):
            body |= sendable(extra)
    except RecursionError:
        problem = "The request is nested too deeply, or holds itself."
    else:
        return body
    raise LintError(problem, problems=(problem,))


def _model(given: Any, default: str | None, method: str) -> str:
    if given is None and not default:
        raise TypeError(
            f"messages.{method}() needs model: an agent's file or Client(model=...) can name one for all calls."
        )
    model: Any = default if given is None else given
    if isinstance(model, str) and model.strip():
        return model
    what = f"it is {sanitize(repr(model), 60)}, where a model's name is due"
    raise LintError(f"The request was not sent: model: {what}.", problems=(f"model: {what}",))


def _unknown(name: str, known: frozenset[str], method: str) -> str:
    from keybearer.errors.nearest import did_you_mean

    return (
        f"messages.{method}() has no parameter {name!r}.{did_you_mean(name, known)} "
        "A parameter of the API that this version does not know goes into extra_body={...}."
    )


def as_list(value: Any, name: str) -> list[Any]:
    """Return a parameter that must be a list as one.

    Raises:
        LintError: It is a text, a mapping, or nothing to iterate over.
    """
    if type(value) is list:
        return value
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise LintError(
            f"{name} is of type {type(value).__name__}; it must be a list.",
            problems=(f"{name}: not a list",),
            hint=f"Write {name}=[...].",
        )
    return value if isinstance(value, list) else list(value)


def _is_text(turn: Any) -> bool:
    """Return whether a turn has a role and a text, and nothing else."""
    return type(turn) is dict and len(turn) == 2 and type(turn.get("content")) is str and type(turn.get("role")) is str


def _turn(message: Any, *, plain: bool) -> Any:
    """Return a turn as plain JSON; with `plain`, all turns are known to be made of plain types."""
    if plain and type(message) is dict and type(message.get("content")) in {str, list} and "type" not in message:
        return message
    if isinstance(message, APIObject):
        return message.to_param() if source_of(message) is not None else sendable(message)
    if not is_mapping(message):
        message = sendable(message)
        if not is_mapping(message):
            return message
    if message.get("type") == "message" and "role" in message:  # an answer, as `to_dict` or the official SDK returns it
        answer = sendable({name: value for name, value in message.items() if name in {"role", "content"}})
        return Message.of(answer).to_param() if isinstance(answer.get("content"), list) else answer
    content = message.get("content")
    if content is None or isinstance(content, str):
        return message if _is_text(message) else sendable(message)
    blocks = as_list(content, "content")
    sent = sendable(blocks)
    if type(message) is dict and len(message) == 2 and type(message.get("role")) is str:  # as nearly every turn
        return message if sent is content else {**message, "content": sent}
    return {**sendable({**message, "content": None}), "content": sent}


def draft(
    endpoint: Endpoint,
    path: str,
    body: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    *,
    method: str = "POST",
    stream: bool = False,
    opened: str = "",
    form: MultipartBody | None = None,
    timeouts: Timeouts,
    more_betas: Iterable[str] = (),
    most: int = MAX_BODY,
    read_betas: bool = True,
) -> Draft:
    """Make the draft of a request.

    Args:
        endpoint: Where to send it.
        path: The path below the base URL, such as `/v1/messages`.
        body: The JSON body, or None.
        options: The caller's arguments; only those of `RequestOptions` are read.
        method: The HTTP method.
        stream: Whether to ask for an event stream.
        opened: The media type of a reply whose body is left open; empty for any other reply.
        form: A form, in place of a JSON body.
        timeouts: The time limits.
        more_betas: Beta tags to send in addition to those of the body and the options.
        most: The most bytes that the JSON body may have.
        read_betas: Whether the body is one of messages, whose fields say which beta tags it needs.

    Raises:
        LintError: JSON cannot represent a value of the body, or a header cannot be sent, or only a credential may set it.
    """
    headers = {"accept": opened or ("text/event-stream" if stream else "application/json")}
    if form is not None:
        headers["content-type"] = form.content_type
    elif body is not None:
        headers["content-type"] = "application/json"
    headers |= endpoint.default_headers
    tags: list[str | Iterable[str] | None] = [headers.get("anthropic-beta")]
    if extra := options.get("extra_headers"):
        extra = _checked(extra, "extra_headers")
        tags.append(extra.get("anthropic-beta"))
        headers |= extra
    headers |= {header: options[name] for name, header in _HEADERS.items() if options.get(name) is not None}
    if own := options.get("betas"):
        tags.append(_texts(own, "betas"))
    if betas := join_betas(*tags, more_betas, beta_tags(body or {}) if read_betas else ()):
        headers["anthropic-beta"] = betas
        if not _VALUE.fullmatch(betas):
            raise _bad_header("betas", _NOT_PRINTABLE)
    url = endpoint.root + path
    if query := options.get("extra_query"):
        url += "?" + _query(query)
    return Draft(
        method=method,
        url=url,
        headers=headers,
        body=_encode(body, most, checked=options.get("validate", True)),
        upload=form,
        stream=stream,
        opened=bool(opened),
        timeouts=timeouts,
    )


def _query(query: Mapping[Any, Any]) -> str:
    from urllib.parse import quote, urlencode

    try:
        return urlencode(query, doseq=True, quote_via=quote)
    except UnicodeEncodeError:
        pass
    names = [str(name) for name, value in query.items() if any(map(_has_surrogate, (str(name), str(value))))]
    problem = (
        f"extra_query[{names[0]!r}] has half a character, which is no Unicode" if names else "extra_query is no text"
    )
    raise LintError(f"The request was not sent: {problem}.", problems=(problem,))


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= each <= "\udfff" for each in text)


def _checked(headers: Mapping[Any, Any], argument: str) -> dict[str, str]:
    """Check headers and return them with names in lower case. Transports do not check them again.

    Raises:
        LintError: A header cannot be sent, or only a credential may set it.
    """
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
            raise LintError(
                f"{argument} cannot set {name}: a credential is never taken from there.",
                problems=(f"{argument}: {name}",),
                hint="Pass Client(api_key=...) or Client(credentials=...).",
            )
    return checked


def _texts(value: Any, name: str) -> list[str]:
    texts = [value] if isinstance(value, str) else as_list(value, name)
    if not all(isinstance(each, str) for each in texts):
        raise _bad_header(name, "a tag is not text")
    return texts


def _bad_header(where: str, what: str) -> LintError:
    # The value is not shown, because it may be a secret.
    return LintError(f"A header cannot be sent: {where}: {what}.", problems=(f"{where}: {what}",))


def _encode(body: Mapping[str, Any] | None, most: int, *, checked: bool) -> bytes:
    if body is None:
        return b""
    try:
        encoded = dumps_strict(_spliced(body))
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, UnicodeEncodeError) and not checked:
            return _as_escapes(body)
        raise _refused(body, error) from None
    if len(encoded) <= most or not checked:
        return encoded
    problem = f"The request has {len(encoded):,} bytes, more than the API's {most:,}."
    raise LintError(problem, problems=(problem,))


def _spliced(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a body whose tools, where they are a run's, are encoded already."""
    tools = body.get("tools") if type(body) is dict else None
    return {**body, "tools": tools.encoded} if type(tools) is PlainList else body


def _as_escapes(body: Mapping[str, Any]) -> bytes:
    try:
        return dumps(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(body, error) from None


def _refused(body: Mapping[str, Any], error: Exception) -> LintError:
    from keybearer.wire.request.unsendable import refusals

    lines = refusals(body, error)
    more = f" (and {len(lines) - 1} more: see error.problems)" if len(lines) > 1 else ""
    return LintError(f"The request was not sent: {lines[0]}{more}", problems=lines)
