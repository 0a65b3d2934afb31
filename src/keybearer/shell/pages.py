"""Pages as a caller holds them: iterate over one for its items and those of all pages after it.

Contract: the next page is asked for when it is needed, with the options of the first call. `data` is this page alone, as it came.
A list may change while it is read, and then a page can begin with what the one before it ended with: iterating gives each id once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Final, Generic, Self, TypeVar

from keybearer.api.resource import PageOf
from keybearer.errors import UsageError
from keybearer.flow import Flow
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.types.api_object import APIObject, source_of

__all__ = ["AsyncPage", "AsyncPages", "Page"]

T = TypeVar("T")
"""What a page is of."""

REMEMBERED: Final = 10_000
"""How many ids are remembered while a list is iterated over: the last ones, so that the longest list takes no more memory."""


class _Seen:
    """The ids that were given lately."""

    def __init__(self) -> None:
        self._ids: dict[Any, None] = {}

    def new(self, items: list[T]) -> Iterator[T]:
        """Give the items that were not given before; one without an id counts as new."""
        for item in items:
            key = _identity(item)
            if key is not None:
                if key in self._ids:
                    continue
                self._ids[key] = None
                if len(self._ids) > REMEMBERED:
                    del self._ids[next(iter(self._ids))]
            yield item


def _identity(item: Any) -> tuple[Any, str] | None:
    source = source_of(item) if isinstance(item, APIObject) else None
    found = (source or {}).get("id")
    return (source.get("type"), found) if source and isinstance(found, str) and found else None


class _Page(Generic[T]):
    """What both kinds of page know."""

    def __init__(self, page: PageOf[T], driver: Any) -> None:
        self._page, self._driver = page, driver

    @property
    def data(self) -> list[T]:
        """What this page has."""
        return self._page.data

    @property
    def has_more(self) -> bool:
        """Whether the service says that another page follows."""
        return self._page.following is not None

    def has_next_page(self) -> bool:
        """Return whether there is another page to ask for."""
        return self._page.following is not None

    def next_page_info(self) -> Self | None:
        """Return None after the last page, as the official SDK's method does, and else what is true."""
        return self if self.has_next_page() else None

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """Return the page with what it has dumped by each value's own `model_dump`.

        Args:
            **how: As of `APIObject.model_dump`.
        """
        dumped = [each.model_dump(**how) if isinstance(each, APIObject) else each for each in self.data]
        return {**self._page.source, "data": dumped}

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain JSON types, with every field that came."""
        return dict(self._page.source)

    def __getattr__(self, name: str) -> Any:
        # The rest of the page's own fields: `first_id`, `last_id`, `next_page` and what a later service adds.
        if not name.startswith("_") and name in self._page.source:
            return self._page.source[name]
        if name in {"first_id", "last_id", "next_page"}:
            return None
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __repr__(self) -> str:
        more = ", another follows" if self.has_more else ""
        return f"<{type(self).__name__}: {len(self.data)} in data{more}>"

    def _following(self) -> Flow[PageOf[T]]:
        if self._page.following is None:
            raise UsageError("There is no page after this one: has_next_page() says so.")
        return self._page.following()


class Page(_Page[T]):
    """A page of a list. Iterate over it for its items and those of the pages after it."""

    _driver: SyncDriver

    def get_next_page(self) -> Page[T]:
        """Ask for the next page.

        Raises:
            UsageError: There is none.
            KeybearerError: The call failed.
        """
        return Page(self._driver.run(self._following()), self._driver)

    def iter_pages(self) -> Iterator[Page[T]]:
        """Give this page and those after it, each when it is asked for."""
        page = self
        yield page
        while page.has_next_page():
            page = page.get_next_page()
            yield page

    def __iter__(self) -> Iterator[T]:
        seen = _Seen()
        for page in self.iter_pages():
            yield from seen.new(page.data)


class AsyncPage(_Page[T]):
    """A page of a list. Iterate over it with `async for` for its items and those of the pages after it."""

    _driver: AsyncDriver

    async def get_next_page(self) -> AsyncPage[T]:
        """Ask for the next page.

        Raises:
            UsageError: There is none.
            KeybearerError: The call failed.
        """
        return AsyncPage(await self._driver.run(self._following()), self._driver)

    async def iter_pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Give this page and those after it, each when it is asked for."""
        page = self
        yield page
        while page.has_next_page():
            page = await page.get_next_page()
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        seen = _Seen()
        async for page in self.iter_pages():
            for item in seen.new(page.data):
                yield item


class AsyncPages(Generic[T]):
    """A list that was asked for: await it for its first page, or iterate over it with `async for` for all items.

    Args:
        flow: The flow of the first page; nothing is sent before it is awaited.
        driver: Runs it.
    """

    def __init__(self, flow: Flow[PageOf[T]], driver: AsyncDriver) -> None:
        self._flow, self._driver = flow, driver

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._first().__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._first():
            yield item

    async def _first(self) -> AsyncPage[T]:
        return AsyncPage(await self._driver.run(self._flow), self._driver)
