"""Pages that follow one another, while the list changes or the service errs."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from support.rawserver import Peer, raw_server


class Service:
    """A list of models that is given in pages, and may change meanwhile."""

    def __init__(self, count: int, size: int = 3) -> None:
        self.ids = [f"model-{n}" for n in range(count)]
        self.size = size
        self.asked: list[dict[str, list[str]]] = []

    def __call__(self, peer: Peer) -> None:
        while head := peer.request():
            query = parse_qs(urlsplit(head.split(b" ")[1].decode()).query)
            self.asked.append(query)
            peer.reply(json.dumps(self.page(query)).encode())

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Return the page that a query asks for."""
        after = query.get("after_id", [None])[0]
        start = 0 if after is None else next((n + 1 for n, name in enumerate(self.ids) if name == after), 0)
        shown = self.ids[start : start + self.size]
        return {
            "data": [{"type": "model", "id": name} for name in shown],
            "has_more": start + self.size < len(self.ids),
            "first_id": shown[0] if shown else None,
            "last_id": shown[-1] if shown else None,
        }


def test_all_pages_are_walked_through_with_the_first_call_s_options() -> None:
    """Sync and async; the limit and the extra query go with each; a page is `data` alone."""
    service = Service(8)

    async def awaited(url: str) -> list[str]:
        async with AsyncClient(api_key="sk-ant-test", base_url=url) as client:
            page = await client.models.list()
            assert [model.id for model in page.data] == service.ids[:3]
            sizes = [len(each.data) async for each in page.iter_pages()]
            assert sizes == [3, 3, 2]
            return [model.id async for model in client.models.list()]

    with raw_server(service) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        page = client.models.list(limit=3, extra_query={"x": "y"})
        assert [model.id for model in page] == service.ids
        assert [query.get("after_id") for query in service.asked] == [None, ["model-2"], ["model-5"]]
        assert all(query["limit"] == ["3"] and query["x"] == ["y"] for query in service.asked)
        assert (page.has_next_page(), page.last_id, page.to_dict()["first_id"]) == (True, "model-2", "model-0")
        *_, last = page.iter_pages()
        assert not last.has_next_page()
        with pytest.raises(e.UsageError, match="no page after this one"):
            last.get_next_page()
        assert asyncio.run(awaited(server.url)) == service.ids


def test_a_list_that_changes_under_its_reader() -> None:
    """What is new before the place of the reader is not seen twice, and nothing after it is lost."""
    service = Service(6)
    with raw_server(service) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        seen: list[str] = []
        for model in client.models.list():
            if not seen:
                service.ids.insert(0, "new")
            seen.append(model.id)
    assert seen == [f"model-{n}" for n in range(6)]


def test_a_page_that_leads_back_to_itself_ends() -> None:
    """A service, or a gateway, that ignores the cursor is an error, and no loop for ever."""

    class Stuck(Service):
        def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
            return super().page({"limit": query["limit"]}) | {"has_more": True}

    with raw_server(Stuck(3)) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        with pytest.raises(e.UnexpectedResponse, match="page after it is one that was read before"):
            list(client.models.list())


def test_an_error_on_a_later_page_is_the_call_s() -> None:
    """The items before it have been given."""

    class Ends(Service):
        def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
            return {"no": "page"} if query.get("after_id") else super().page(query)

    seen: list[str] = []
    with raw_server(Ends(6)) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        with pytest.raises(e.UnexpectedResponse, match="no list of models"):
            seen.extend(model.id for model in client.models.list())
    assert len(seen) == 3


def walked(pages: dict[str | None, dict[str, Any]], *, awaited: bool) -> tuple[list[str], str, int]:
    """Iterate over a list of these pages, by cursor; return the ids, how it ended, and how many pages were asked for."""
    asked = 0
    seen: list[str] = []

    def script(peer: Peer) -> None:
        nonlocal asked
        while head := peer.request():
            asked += 1
            query = parse_qs(urlsplit(head.split(b" ")[1].decode()).query)
            page = pages[query.get("page", [None])[0]]
            peer.reply(json.dumps(page | {"data": [{"type": "file", "id": each} for each in page["data"]]}).encode())

    async def walk(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url) as client:
            async for file in client.files.list():
                seen.append(file.id)  # noqa: PERF401 - those before an error count

    def walk_blocking(url: str) -> None:
        with Client(api_key="sk-ant-test", base_url=url) as client:
            for file in client.files.list():
                seen.append(file.id)  # noqa: PERF401 - those before an error count

    with raw_server(script) as server:
        try:
            asyncio.run(walk(server.url)) if awaited else walk_blocking(server.url)
        except e.UnexpectedResponse as error:
            return seen, error.message, asked
    return seen, "", asked


@pytest.mark.parametrize("awaited", [False, True])
def test_pages_that_lead_in_a_circle_end(awaited: bool) -> None:
    """Of any length: the items of all of them are given once, then the error says which page came again."""
    circle: dict[str | None, dict[str, Any]] = {
        None: {"data": ["a"], "next_page": "p1"},
        "p1": {"data": ["b"], "next_page": "p2"},
        "p2": {"data": ["c"], "next_page": "p3"},
        "p3": {"data": ["d"], "next_page": "p1"},
    }
    seen, error, asked = walked(circle, awaited=awaited)
    assert (seen, asked) == (["a", "b", "c", "d"], 4)
    assert "the page after it is one that was read before (page='p1')" in error


@pytest.mark.parametrize("awaited", [False, True])
def test_an_item_that_slid_to_the_next_page_is_given_once(awaited: bool) -> None:
    """As where the service counts from the newest, and one was added while the list was read. `data` has what came."""
    slid: dict[str | None, dict[str, Any]] = {
        None: {"data": ["c", "b"], "next_page": "p1"},
        "p1": {"data": ["b", "a"], "next_page": None},
    }
    assert walked(slid, awaited=awaited) == (["c", "b", "a"], "", 2)


def test_an_empty_page_in_the_middle_ends_nothing() -> None:
    """All that it held was deleted; the pages after it are still there."""
    emptied: dict[str | None, dict[str, Any]] = {
        None: {"data": ["a"], "next_page": "p1"},
        "p1": {"data": [], "has_more": True, "next_page": "p2"},
        "p2": {"data": ["b"], "has_more": False, "next_page": "p9"},
    }
    assert walked(emptied, awaited=False) == (["a", "b"], "", 3)


def test_a_page_that_does_not_say_where_more_is_loses_nothing_in_silence() -> None:
    """The items of the page are given; then the error says that more follows."""
    seen, error, asked = walked({None: {"data": ["a"], "has_more": True}}, awaited=False)
    assert (seen, asked) == (["a"], 1)
    assert "it says that more follows, but not where" in error


def test_a_page_can_be_walked_from_twice() -> None:
    """The pages after it are asked for again, and are no circle."""
    with raw_server(Service(8)) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        page = client.models.list()
        assert [model.id for model in page] == [model.id for model in page]


def wrong_lists(client: Any) -> list[tuple[Any, dict[str, Any], str]]:
    """Return lists, what they cannot be asked for with, and how the error begins."""
    batches, files, models = client.messages.batches.list, client.files.list, client.models.list
    return [
        (models, {"limit": 0}, "limit is 0; it takes a whole number from 1 to 1000"),
        (files, {"limit": 1001}, "limit is 1001"),
        (batches, {"limit": "10"}, "limit is '10'"),
        (files, {"page": ""}, "page is empty"),
        (models, {"after_id": 5}, "after_id is 5; it takes text"),
        (batches, {"before_id": " "}, "before_id is empty"),
        (batches, {"after_id": "a", "before_id": "b"}, "after_id and before_id lead in opposite directions"),
        (models, {"lifecycle": "active"}, r"lifecycle is the text 'active'; it takes a list: write \['active'\]"),
        (files, {"ids": ["file_1", None]}, "ids has one that is None"),
    ]


def test_a_list_that_cannot_be_asked_for_is_refused_before_anything_is_sent() -> None:
    """By both clients, at once; the error names the parameter."""
    asked: list[bytes] = []
    with raw_server(lambda peer: asked.append(peer.request())) as server:
        for kind in (Client, AsyncClient):
            for call, given, words in wrong_lists(kind(api_key="sk-ant-test", base_url=server.url)):
                with pytest.raises(e.UsageError, match=f"^{words}"):
                    call(**given)
    assert asked == []
