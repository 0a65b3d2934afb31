"""The calls of the Messages API as flows: arguments in, a typed value or an open stream out.

Both clients run these; nothing here knows whether the caller waits or awaits.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct, field, structs

from keybearer.client.checks import check_call
from keybearer.client.settings import Settings, timeouts_of
from keybearer.errors import APIError, Overloaded, StreamError, UnexpectedResponse
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.exchange.admission import LimitState
from keybearer.flow import CallHook, Flow
from keybearer.policy.deadline import Deadline
from keybearer.types.hooks import Hook, RetryPlanned, UsageReported
from keybearer.types.http import DefaultSeconds, Reply, Timeouts, media_type
from keybearer.types.messages import Message, TokenCount
from keybearer.types.usage import count
from keybearer.wire.json import loads
from keybearer.wire.request.build import count_body, draft, message_body
from keybearer.wire.request.caching import place
from keybearer.wire.request.headers import FILES, join_betas
from keybearer.wire.request.history import History, Known, cacheable_prefix, prepend_cached
from keybearer.wire.request.lint import MAX_MESSAGES, check, is_safe_continuation
from keybearer.wire.response import parse
from keybearer.wire.response.errors import ERRORS, api_error, says_an_error, words
from keybearer.wire.response.reader import StreamReader

__all__ = ["Calls"]

_log = logging.getLogger("keybearer")

SECONDS_PER_TOKEN: Final = 3600 / 128_000
"""How long an answer may take: the official SDK's figure, an hour for 128,000 tokens."""


SHORT: Final = 4
"""A conversation of so few turns is not worth remembering."""


class _NotSure(Exception):  # noqa: N818 - what happened; it never leaves this module
    """A body goes on from known turns in a way that only a look at the whole can judge."""


class _Made(NamedTuple):
    """A body, ready to be encoded; what was known of its turns, and what may be known of them after it."""

    body: dict[str, Any]
    known: Known | None = None
    settled: Known | None = None


class Calls(Struct, frozen=True):
    """The flows of one client's calls.

    Attributes:
        settings: The client's settings.
        history: What the client remembers of its conversations.
        owed: Reports of streams that nobody held any more: a garbage collector cannot make them, so the next call does.
    """

    settings: Settings
    history: History
    owed: deque[UsageReported] = field(default_factory=deque)

    def create(self, params: Mapping[str, Any]) -> Flow[Message | Reply]:
        """Ask for a message and give it whole; or, for one that may take long, the open reply of a stream that makes it."""
        reply = yield from self._asked(params, stream=self.takes_long(params))
        if reply.stream is not None:
            return reply
        source = _object(reply, "message")
        try:
            message = parse.message(source)
        except UnexpectedResponse:
            message = None  # what answered is told below, with what it said
        if message is None:
            raise _unexpected(reply, "its content is not a list")
        message = message.with_headers(reply.headers)
        if (report := self.finished(message)) is not None:
            yield from CallHook(*report)
        return message

    def open(self, params: Mapping[str, Any]) -> Flow[Reply]:
        """Ask for a message as a stream and give the open reply."""
        reply = yield from self._asked(params, stream=True)
        if reply.stream is None:
            due = f"{media_type(reply.headers)} where an event stream was due"
            raise _said(reply, loads_or_none(reply.body)) or _unexpected(reply, due)
        return reply

    def _asked(self, params: Mapping[str, Any], *, stream: bool) -> Flow[Reply]:
        """Send a message request; to other models where the one asked for is overloaded and `on_overload` names them."""
        check_call(params)
        while report := self.settle():
            yield from CallHook(*report)
        try:
            return (yield from self._answered(params, stream=stream))
        except StreamError as error:  # before its first content, so that no stream was handed over
            if error.partial is not None and (report := self.finished(error.partial, complete=False)) is not None:
                yield from CallHook(*report)
            raise

    def _answered(self, params: Mapping[str, Any], *, stream: bool) -> Flow[Reply]:
        settings = self.settings
        made = self._made(params, stream=stream)
        body = made.body
        files = (FILES,) if made.known and made.known.files else ()
        timeouts = self.timeouts(params)
        deadline = Deadline.start(settings.exchange.clocks.monotonic(), timeouts.total)  # one for all of the models
        for model in settings.on_overload:
            try:
                # An overload is not waited for: whoever names other models would rather have an answer from one of them.
                reply = yield from self._send(
                    "/v1/messages",
                    body,
                    params,
                    timeouts,
                    deadline,
                    stream=stream,
                    retry_overloaded=False,
                    more_betas=files,
                )
            except Overloaded as error:
                _log.warning("%s is overloaded; asking %s", body["model"], model)
                if (hook := settings.exchange.hooks.on_retry) is not None:
                    yield from CallHook(hook, RetryPlanned(error=error, attempt=1, delay=0.0, model=model))
            else:
                break
            body = body | {"model": model}
        else:
            reply = yield from self._send(
                "/v1/messages", body, params, timeouts, deadline, stream=stream, more_betas=files
            )
        if made.settled is not None:
            self.history.remember(made.settled)
        return reply

    def finished(self, message: Message, *, complete: bool = True) -> tuple[Hook, UsageReported] | None:
        """Learn from a message's usage; return the hook to call, and with what.

        Args:
            message: The message, as far as it came.
            complete: Whether it came whole.
        """
        exchange = self.settings.exchange
        if exchange.admission.adaptive and complete:
            exchange.admission.adaptive.on_usage(message.usage)
        hook = exchange.hooks.on_usage
        return None if hook is None else (hook, _report(message, complete=complete))

    def forgotten(self, message: Message, complete: bool) -> None:
        """Keep the report of a stream that nobody held any more. It is called by a finalizer: it takes no lock."""
        if self.settings.exchange.hooks.on_usage is not None:
            self.owed.append(_report(message, complete=complete))

    def settle(self) -> tuple[Hook, UsageReported] | None:
        """Return a report that is owed, and the hook to call with it; None when there is none."""
        hook = self.settings.exchange.hooks.on_usage
        return (hook, self.owed.popleft()) if hook is not None and self.owed else None

    def limits(self) -> LimitState:
        """Return the present state of the client's limits."""
        exchange = self.settings.exchange
        return exchange.admission.state(exchange.clocks.monotonic())

    def timeouts(self, params: Mapping[str, Any]) -> Timeouts:
        """Return a call's time limits; a long answer has as long as it is expected to take, unless the call says otherwise."""
        limits = timeouts_of(params.get("timeout"), self.settings.timeouts)
        if isinstance(limits.total, DefaultSeconds):
            max_tokens = self._defaults(params).get("max_tokens")
            if isinstance(max_tokens, int) and max_tokens * SECONDS_PER_TOKEN > limits.total:
                return structs.replace(limits, total=max_tokens * SECONDS_PER_TOKEN)
        return limits

    def count_tokens(self, params: Mapping[str, Any]) -> Flow[TokenCount]:
        """Ask how many tokens a request has."""
        check_call(params)
        body = self._finish(count_body(params, model=self.settings.model), params)
        if params.get("validate", True):
            version, betas = self._key(params)
            check(body, api_version=version, betas=tuple(betas.split(",")))
        reply = yield from self._send("/v1/messages/count_tokens", body, params, self.timeouts(params))
        source = _object(reply, None)
        if count(source.get("input_tokens")) is None:
            raise _unexpected(reply, "it has no number of input_tokens")
        return TokenCount.of(source)

    def reader(self, reply: Reply) -> StreamReader:
        """Return the reader of an open reply."""
        return StreamReader(reply.headers, limits=self.settings.limits, strict=self.settings.strict)

    def takes_long(self, params: Mapping[str, Any]) -> bool:
        """Return whether an answer may take longer than an idle connection lives, so that it is better streamed."""
        max_tokens = self._defaults(params).get("max_tokens")
        long = isinstance(max_tokens, int) and max_tokens * SECONDS_PER_TOKEN > 600
        return long and self.settings.stream_long_requests

    def _made(self, params: Mapping[str, Any], *, stream: bool) -> _Made:
        """Make the body: the caller's arguments, with breakpoints placed and images fitted where that is asked for."""
        key = self._key(params)
        turns = params.get("messages")
        if (
            not isinstance(turns, list)
            or not SHORT < len(turns) <= MAX_MESSAGES
            or params.get("media") is not None
            or "messages" in (params.get("extra_body") or ())
        ):
            body, _ = self._body(params, key, None, stream=stream)
            return _Made(body)
        known = self.history.find(turns, key)
        try:
            body, sent = self._body(params, key, known, stream=stream)
        except _NotSure:  # what is wrong, and where, only a look at the whole can say
            known = None
            body, sent = self._body(params, key, known, stream=stream)
        more = cacheable_prefix(turns, sent, known, key)
        return _Made(body | {"messages": prepend_cached(known, body["messages"])}, known, more)

    def _body(
        self, params: Mapping[str, Any], key: tuple[str, str], known: Known | None, *, stream: bool
    ) -> tuple[dict[str, Any], list[Any]]:
        """Make the body, with the turns after the known ones; return these without placed breakpoints too."""
        version, betas = key
        if known and known.marks and params.get("cache") is not None:
            raise _NotSure
        first = len(known.turns) if known else 0
        body = message_body(self._defaults(params), model=self.settings.model, stream=stream, first=first)
        sent = body["messages"]
        body = self._finish(body, params)
        if params.get("validate", True):
            tags = tuple(betas.split(","))
            if known is None:
                check(body, api_version=version, betas=tags)
            elif not is_safe_continuation(body, known, api_version=version, betas=tags):
                raise _NotSure
        return body, sent

    @staticmethod
    def _finish(body: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
        """Fit the images of a body and place its cache breakpoints, where the options ask for it."""
        if params.get("media") is not None:
            from keybearer.api.media import fit

            body = fit(body)
        mode = params.get("cache")
        return body if mode is None else place(body, mode)

    def _key(self, params: Mapping[str, Any]) -> tuple[str, str]:
        """Return what the checks of a body depend on beside it: the API's version, and the beta tags."""
        headers = self.settings.endpoint.default_headers
        if extra := params.get("extra_headers"):
            headers = {**headers, **{str(name).lower(): value for name, value in extra.items()}}
        default_headers = self.settings.endpoint.default_headers.get("anthropic-beta")
        return headers["anthropic-version"], join_betas(
            default_headers, headers.get("anthropic-beta"), params.get("betas")
        )

    def _defaults(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if params.get("max_tokens") is None and self.settings.max_tokens is not None:
            return {**params, "max_tokens": self.settings.max_tokens}
        return params

    def _send(
        self,
        path: str,
        body: Mapping[str, Any],
        params: Mapping[str, Any],
        timeouts: Timeouts,
        deadline: Deadline | None = None,
        *,
        stream: bool = False,
        retry_overloaded: bool = True,
        more_betas: tuple[str, ...] = (),
    ) -> Flow[Reply]:
        settings = self.settings
        request = draft(settings.endpoint, path, body, params, stream=stream, timeouts=timeouts, more_betas=more_betas)
        return (
            yield from settings.exchange.send(
                request,
                deadline=deadline,
                max_retries=params.get("max_retries", settings.max_retries),
                reader=self.reader if stream else None,
                retry_overloaded=retry_overloaded,
            )
        )


def _report(message: Message, *, complete: bool) -> UsageReported:
    return UsageReported(usage=message.usage, model=message.model, request_id=message.request_id, complete=complete)


def _object(reply: Reply, kind: str | None) -> dict[str, Any]:
    """Return a reply's JSON object, which is of the type that is due."""
    source: Any = None
    try:
        source = loads(reply.body)
    except ValueError as error:
        problem = f"its body is not JSON ({sanitize(str(error), 200)})"
    else:
        if isinstance(source, dict) and (kind is None or source.get("type") == kind) and not says_an_error(source):
            return source
        problem = f"its body is not a {kind or 'JSON object'}"
    raise _said(reply, source) or _unexpected(reply, problem)


def loads_or_none(body: bytes) -> Any:
    """Return a body's JSON value; None where it is no JSON."""
    try:
        return loads(body)
    except ValueError:
        return None


def _said(reply: Reply, source: Any) -> APIError | UnexpectedResponse | None:
    """Return the error that the body of a reply with status 200 says: the API's own in its class, else a gateway's in its words."""
    if not isinstance(source, dict) or not says_an_error(source):
        return None
    error = source.get("error")
    kind = error.get("type") if isinstance(error, dict) else None
    if isinstance(kind, str) and kind in ERRORS:
        return api_error(ERRORS[kind][0], source, reply.headers, http_status=reply.status)
    return _unexpected(reply, f"its body is an error: {words(source).rstrip('.') or 'it gave no reason'}", show=False)


def _unexpected(reply: Reply, problem: str, *, show: bool = True) -> UnexpectedResponse:
    shown = excerpt(reply.body)
    begins = f" It begins: '{shown}'." if shown and show else ""
    return UnexpectedResponse(
        f"The answer is not the API's: HTTP {reply.status}, but {problem}.{begins}",
        status=reply.status,
        excerpt=shown,
        request_id=reply.headers.get("request-id"),
        hint="Check base_url, and any proxy in between.",
    )
