"""Calls that have no code of their own: those of the table of methods, and `client.request`.

Strategy: arguments were sorted already (`keybearer.api.methods`); here is which flow of `ResourceAPI` answers.

Contract: what comes back is a `Record`, a page of records, or an open body that the caller reads and closes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, quote

from keybearer.api.forms import form_of
from keybearer.api.methods import Arguments, Method, ReplyKind, query_of
from keybearer.api.resource import BY_ID, BY_PAGE, BY_TOKEN, Cursor, PageOf, ResourceAPI
from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize
from keybearer.exchange.classify_reply import not_the_api
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.http import Reply, media_type
from keybearer.types.record import Record, record_of
from keybearer.wire.json import sendable
from keybearer.wire.request.multipart import FilePart, MultipartBody

__all__ = ["Asked", "GenericAPI", "kind_of"]

EVENT_STREAM: Final = "text/event-stream"
JSON_LINES: Final = frozenset({"application/x-jsonl", "application/jsonl", "application/x-ndjson"})
"""Media types of JSON lines."""

ACCEPT: Final = {"events": EVENT_STREAM, "json_lines": "application/binary", "binary": "application/binary"}
"""What is asked for where the answer's body is read as it comes; the official SDK asks for `application/binary` too."""

CURSORS: Final[dict[str | None, Cursor]] = {"ids": BY_ID, "page": BY_PAGE, "page_token": BY_TOKEN}

HTTP_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Asked(NamedTuple):
    """The arguments of `client.request`."""

    method: str
    path: str
    json: Any
    query: Mapping[str, Any] | None
    options: Mapping[str, Any]


class GenericAPI(ResourceAPI, frozen=True):
    """The flows of calls that have no code of their own."""

    def call(self, method: Method, given: Arguments, files: Sequence[FilePart] = ()) -> Flow[Record]:
        """Ask for an object.

        Args:
            method: The method.
            given: Its arguments.
            files: The files among them, for a method that sends a form.
        """
        rest = {name: value for name, value in (given.body or {}).items() if name not in method.files}
        form = form_of(rest, files) if method.files else None
        return self._record(method.http, given, form=form, betas=method.betas, shape=method.path)

    def pages(self, method: Method, given: Arguments) -> Flow[PageOf[Any]]:
        """Ask for a page of records."""
        cursor, betas = CURSORS[method.cursor], method.betas
        return self.page(given.path, _options(given), item=record_of, cursor=cursor, query=given.query, betas=betas)

    def stream(self, method: Method, given: Arguments) -> Flow[OpenBody]:
        """Ask for a body that is read as it comes.

        Raises:
            UnexpectedResponse: In the flow; what came is no event stream, where one was asked for.
        """
        opened = yield from self._opened(method.http, given, ACCEPT[method.reply], method.betas, method.path)
        came = media_type(opened.headers)
        if method.reply == "events" and came != EVENT_STREAM:
            opened.release()
            reply = Reply(status=opened.status, headers=opened.headers)
            raise not_the_api(reply, f"but {sanitize(came, 80) or 'no content type'} where an event stream was due")
        return opened

    def request(self, http: str, given: Arguments) -> Flow[Record]:
        """Ask for the object that a path gives."""
        return self._record(http, given)

    def request_stream(self, http: str, given: Arguments) -> Flow[OpenBody]:
        """Ask for whatever a path gives, read as it comes."""
        return self._opened(http, given, "*/*", ())

    def _record(
        self,
        http: str,
        given: Arguments,
        *,
        form: MultipartBody | None = None,
        betas: tuple[str, ...] = (),
        shape: str = "",
    ) -> Flow[Record]:
        body = _body(given) if form is None else None
        options, query = _options(given), given.query
        return self.ask(Record, http, given.path, options, query=query, body=body, form=form, betas=betas, shape=shape)

    def _opened(
        self, http: str, given: Arguments, accept: str, betas: tuple[str, ...], shape: str = ""
    ) -> Flow[OpenBody]:
        options, body = _options(given), _body(given)
        return self.open(
            given.path, options, accept=accept, method=http, query=given.query, body=body, betas=betas, shape=shape
        )

    def arguments(self, asked: Asked) -> tuple[str, Arguments]:
        """Check the arguments of `client.request`, and return the HTTP method with what is sent.

        Raises:
            UsageError: One cannot be sent, or the path names another host.
        """
        http, path, json, query, options = asked
        verb = http.upper()
        if verb not in HTTP_METHODS:
            raise UsageError(
                f"client.request() knows no method {sanitize(http, 40)!r}.{did_you_mean(verb, HTTP_METHODS)}"
            )
        if json is not None and verb == "GET":
            raise UsageError("A GET sends no body.", hint="Use query=...")
        below, in_path = self._below(path)
        body = json
        if extra := options.get("extra_body"):
            if json is not None and not isinstance(json, Mapping):
                raise UsageError("extra_body adds to a mapping, and json is none.")
            body = {**(json or {}), **extra}
        sent = {**in_path, **query_of({**(query or {}), **(options.get("extra_query") or {})})}
        kept: Any = {name: value for name, value in options.items() if value is not None}
        return verb, Arguments(path=below, query=sent, headers={}, body=body, options=kept)

    def _below(self, path: str) -> tuple[str, dict[str, Any]]:
        """Return a path below the base URL, and the query that stands in it."""
        root = self.defaults.endpoint.root
        if path.startswith(root + "/"):  # such as the `results_url` of a batch
            path = path.removeprefix(root)
        if not path.startswith("/") or path.startswith(("//", "/\\")):
            shown = sanitize(path, 80)
            problem = (
                f"client.request() takes a path that begins with one '/', such as /v1/models; it was given {shown!r}."
            )
            raise UsageError(problem, hint=f"The request goes to {root}: no other host gets the credential.")
        plain, _, query = path.partition("?")
        if "#" in path or any(
            each.partition(";")[0].lower().replace("%2e", ".") in {".", ".."} for each in plain.split("/")
        ):
            raise UsageError(f"client.request() cannot send the path {sanitize(path, 80)!r}: it would lead elsewhere.")
        return quote(plain, safe="/%!$&'()*+,;=:@"), dict(parse_qs(query, keep_blank_values=True))


def kind_of(opened: OpenBody) -> ReplyKind:
    """Return what an open body holds, by its media type."""
    came = media_type(opened.headers)
    return "events" if came == EVENT_STREAM else "json_lines" if came in JSON_LINES else "binary"


def _options(given: Arguments) -> Mapping[str, Any]:
    """Return the options that are left once query and body have theirs."""
    left: dict[str, Any] = {**given.options}
    left.pop("extra_query", None)
    left.pop("extra_body", None)
    if given.headers:
        left["extra_headers"] = {**given.headers, **(left.get("extra_headers") or {})}
    return left


def _body(given: Arguments) -> Any:
    return None if given.body is None else sendable(given.body)
