"""What resources beside messages are made of: a path, a query or a body, and an answer: an object, a page or an open body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from msgspec import Struct, structs

from keybearer.api.answers import json_object
from keybearer.api.call import CallDefaults, Prepared, prepare
from keybearer.api.checks import check_get
from keybearer.exchange.classify_reply import not_the_api
from keybearer.exchange.lease import OpenBody
from keybearer.exchange.request import Exchange
from keybearer.flow import Flow
from keybearer.policy.repeats import makes_something
from keybearer.types.answer import Answer
from keybearer.types.http import Reply
from keybearer.types.requests import WorkspaceOptions
from keybearer.wire.request.build import MAX_BODY
from keybearer.wire.request.multipart import MultipartBody

__all__ = ["BY_ID", "BY_PAGE", "BY_TOKEN", "Cursor", "PageOf", "ResourceAPI"]

T = TypeVar("T")
"""What a page is of."""

A = TypeVar("A", bound=Answer)
"""The object that is asked for."""

Cursor = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
"""Return what the query for the next page has beside this page's, from this page's query and its JSON; nothing if it names none."""


def _by_id(query: Mapping[str, Any], page: Mapping[str, Any]) -> dict[str, Any]:
    back = query.get("before_id") is not None
    end = page.get("first_id" if back else "last_id")
    return {"before_id" if back else "after_id": end} if end else {}


def _by_next_page(parameter: str) -> Cursor:
    def cursor(query: Mapping[str, Any], page: Mapping[str, Any]) -> dict[str, Any]:
        del query
        return {parameter: page["next_page"]} if page.get("next_page") else {}

    return cursor


BY_ID: Final[Cursor] = _by_id
"""The next page comes after the last id (`after_id`), or before the first one where the query went backwards."""

BY_TOKEN: Final[Cursor] = _by_next_page("page_token")
"""The next page is named by `next_page`, and asked for with `page_token`."""

BY_PAGE: Final[Cursor] = _by_next_page("page")
"""The next page is named by `next_page`, and asked for with `page`."""


class PageOf(Struct, Generic[T], frozen=True):
    """A page as a flow gives it.

    Attributes:
        data: What it has.
        source: Its JSON object.
        following: The flow of the next page; None after the last.
    """

    data: list[T]
    source: dict[str, Any]
    following: Callable[[], Flow[PageOf[T]]] | None


class _Followed(NamedTuple):
    """How far a list was followed.

    Attributes:
        asked: What was asked for after the first page, with the number of the page that it gave; all pages of a list share it.
        depth: The number of the page that is read, from 0.
    """

    asked: dict[str, int]
    depth: int

    def step(self, reply: Reply, more: Mapping[str, Any]) -> _Followed:
        """Return the place after the next page was asked for.

        Raises:
            UnexpectedResponse: That page was read before this one: following it would never end.
        """
        where = ", ".join(f"{name}={value!r}" for name, value in more.items())
        if self.asked.setdefault(where, self.depth + 1) <= self.depth:
            raise not_the_api(reply, f"but it says that the page after it is one that was read before ({where})")
        return _Followed(self.asked, self.depth + 1)


class ResourceAPI(Struct, frozen=True):
    """The flows that resources are made of.

    Attributes:
        defaults: What every call starts from.
        exchange: Sends the requests.
    """

    defaults: CallDefaults
    exchange: Exchange

    def ask(
        self,
        kind: type[A],
        method: str,
        path: str,
        options: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        form: MultipartBody | None = None,
        betas: tuple[str, ...] = (),
        most: int = MAX_BODY,
        shape: str = "",
        look_first: str = "",
        takes: type = WorkspaceOptions,
    ) -> Flow[A]:
        """Ask for an object; a reply without a body (204) is one without a field.

        Args:
            kind: Its class.
            method: The HTTP method.
            path: The path below the base URL.
            options: What steers the call; checked here.
            query: The query parameters; one that is None is left out.
            body: The JSON body; None for none.
            form: A form, in place of a JSON body.
            betas: Beta tags beside those that the options ask for.
            most: The most bytes that the JSON body may have.
            shape: The path before its parameters were filled in, where it differs.
            look_first: How to look for what the call may have made, such as `client.files.list()`; else GET of its path.
            takes: The TypedDict of the options that it takes.
        """
        call = self._prepared(method, path, options, query, body, form=form, betas=betas, most=most, takes=takes)
        call = _once(call, method, shape or path, look_first)
        reply = yield from call.fetch(self.exchange)
        return kind.of({} if reply.status == 204 else json_object(reply)).with_headers(reply.headers)

    def open(
        self,
        path: str,
        options: Mapping[str, Any],
        *,
        accept: str,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        betas: tuple[str, ...] = (),
        shape: str = "",
    ) -> Flow[OpenBody]:
        """Ask for a body that is read as it comes; the caller reads, releases and closes it.

        Args:
            path: The path below the base URL.
            options: What steers the call; checked here.
            accept: The media type that is asked for.
            method: The HTTP method.
            query: The query parameters; one that is None is left out.
            body: The JSON body; None for none.
            betas: Beta tags beside those that the options ask for.
            shape: The path before its parameters were filled in, where it differs.
        """
        call = self._prepared(method, path, options, query, body, opened=accept, betas=betas)
        call = _once(call, method, shape or path)
        return (yield from call.download(self.exchange))

    def page(
        self,
        path: str,
        options: Mapping[str, Any],
        *,
        item: Callable[[Any], T],
        cursor: Cursor,
        query: Mapping[str, Any],
        field: str = "data",
        betas: tuple[str, ...] = (),
        walk: _Followed | None = None,
    ) -> Flow[PageOf[T]]:
        """Ask for a page.

        Args:
            path: The path below the base URL.
            options: What steers the call; checked here.
            item: Builds what the page is of from its JSON.
            cursor: How the next page is asked for.
            query: The query parameters; one that is None is left out.
            field: The field of the page that holds its list.
            betas: Beta tags beside those that the options ask for.
            walk: The pages before it; None for the first.

        Raises:
            UnexpectedResponse: The answer is no page. The flow of the next page raises it, too, where this one does not say which
                page follows, or names one that was read.
        """
        walk = walk or _Followed({}, 0)
        prepared = self._prepared("GET", path, options, query, None, betas=betas)
        reply = yield from prepared.fetch(self.exchange)
        source = json_object(reply)
        items = source.get(field)
        if not isinstance(items, list):
            raise not_the_api(reply, f"but it has no list of {path.rpartition('/')[2]}")
        goes_on = source.get("has_more")
        more = {} if goes_on is False else cursor(query, source)

        def following() -> Flow[PageOf[T]]:
            if not more:
                raise not_the_api(reply, "and it says that more follows, but not where")
            after = walk.step(reply, more)
            asked = {**query, **more}
            return self.page(path, options, item=item, cursor=cursor, query=asked, field=field, betas=betas, walk=after)

        return PageOf([item(each) for each in items], source, following if more or goes_on is True else None)

    def _prepared(
        self,
        method: str,
        path: str,
        options: Mapping[str, Any],
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        **how: Any,
    ) -> Prepared:
        check_get(options, self.defaults.client_only, how.pop("takes", WorkspaceOptions))
        given = {name: value for name, value in (query or {}).items() if value is not None}
        params = {**options, "extra_query": {**given, **(options.get("extra_query") or {})}}
        betas = how.pop("betas")
        return prepare(self.defaults, path, params, body, method=method, more_betas=betas, read_betas=False, **how)


def _once(call: Prepared, method: str, shape: str, look_first: str = "") -> Prepared:
    """Return a call that is not sent again in doubt, if it makes something."""
    if not makes_something(method, shape):
        return call
    return structs.replace(call, draft=structs.replace(call.draft, look_first=look_first or f"GET {shape}"))
