"""Pages that follow one another, and paths that cannot leave their place."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.api.resource import path_to
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
        with pytest.raises(e.UnexpectedResponse, match="page after it is itself"):
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


@pytest.mark.parametrize("value", ["", " ", ".", "..", None, 5])
def test_what_is_no_id_never_makes_a_path(value: Any) -> None:
    """An empty id would be the list, and `..` another resource."""
    with pytest.raises(e.UsageError, match="file_id is .*, which is no id"):
        path_to("/v1/files/{file_id}", file_id=value)


def test_an_id_stays_in_its_place() -> None:
    """Slashes, question marks and percent signs are quoted."""
    assert path_to("/v1/files/{file_id}/content", file_id="../a?b#c%2f") == "/v1/files/..%2Fa%3Fb%23c%252f/content"
