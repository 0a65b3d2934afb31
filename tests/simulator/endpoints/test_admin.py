"""The simulator's own pages answer with the fields that their documentation names, all of them and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.endpoints.admin_fields import TYPES, AdminPage, Field
from keybearer.simulator.endpoints.admin_pages import PAGES
from keybearer.simulator.service.federation import IdentityRule

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/_sim/faults"): {"fault": "529", "times": 2, "path": "/v1/models", "skip": 1},
    ("POST", "/_sim/script"): {"match": {"text": "x"}, "reply": "y", "fault": "cut", "times": "always"},
    ("POST", "/_sim/clock"): {"advance": 3, "freeze": False},
    ("POST", "/_sim/login"): {"expires_in": 60},
    ("POST", "/_sim/identity-token"): {"subject": "a", "audience": ["b"], "expires_in": 5, "claims": {"c": 1}},
    ("POST", "/_sim/identity-keys"): {"rotate": "ES256", "revoke": "all"},
    ("POST", "/_sim/identity-cloud-token"): {
        "cloud": "azure",
        "expires_in": 5,
        "audience": "b",
        "claims": {"c": 1},
        "revoke": "ya29.x",
    },
    ("POST", "/_sim/identity-cloud-keys"): {"cloud": "google", "account": "a@b.c", "rotate": True, "revoke": True},
    ("POST", "/_sim/federation-revoke"): {"rule": "fdrl_simulator"},
    ("POST", "/_sim/federation-rules"): msgspec.to_builtins(
        IdentityRule(jwks={"keys": []}, jwks_url="http://127.0.0.1:9")
    ),
    ("POST", "/_sim/reset"): {"clock": False},
}
"""A body with every field of each page that takes one."""

ASKED = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def used() -> Iterator[Simulator]:
    """Run a simulator that has a request and a finding to show."""
    with Simulator(chaos="calm") as sim, urllib3.PoolManager() as http:
        for _ in range(2):
            http.request("GET", sim.base_url + "/v1/models", headers={"x-api-key": sim.api_key})
        headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01", "x-sim-test": "of one"}
        http.request("POST", sim.base_url + "/v1/messages", json=ASKED, headers=headers)
        sim.script("never asked for")
        sim.fail("529")
        assert sim.verdict != []
        yield sim


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")
def test_a_page_takes_and_gives_what_its_table_says(used: Simulator, page: AdminPage) -> None:
    """The body with every field is taken; the reply has each field of the table, of its type, and no other."""
    body = BODIES.get((page.method, page.path), {})
    assert set(body) == {field.name for field in page.takes} - {"sequence"}  # it excludes `reply`
    if page.method == "GET" or page.path != "/_sim/requests":
        with urllib3.PoolManager() as http:
            more: dict[str, Any] = {"json": body} if body else {}
            reply = http.request(page.method, used.base_url + page.path, headers={"x-sim-token": used.token}, **more)
        assert reply.status == 200, reply.data
        check(reply.json(), page.gives)


def check(value: dict[str, Any], fields: Sequence[Field]) -> None:
    """Compare an object with the table of its fields."""
    assert set(value) == {field.name for field in fields}
    for field in fields:
        assert value[field.name] is None or TYPES[field.type](value[field.name]), field.name
        if field.each:
            assert value[field.name], f"nothing to compare with in {field.name}"
            for item in value[field.name]:
                check(item, field.each)


def test_a_sequence_is_scripted_in_place_of_a_reply(used: Simulator) -> None:
    """The one field that excludes another is taken alone."""
    with urllib3.PoolManager() as http:
        head = {"x-sim-token": used.token}
        body = {"match": "x", "sequence": ["y", "z"]}
        assert http.request("POST", used.base_url + "/_sim/script", json=body, headers=head).json() == {"ok": True}
        turns = http.request("GET", used.base_url + "/_sim/script", headers=head).json()["data"]
    assert [turn["replies"] for turn in turns] == [1, 2]


def test_every_field_has_its_words() -> None:
    """A field without words is not documented."""

    def walk(fields: Sequence[Field]) -> Iterator[Field]:
        for field in fields:
            yield field
            yield from walk(field.each)

    every = [field for page in PAGES for field in walk([*page.takes, *page.gives])]
    assert len(every) > 40
    assert [field.name for field in every if not field.words] == []


def test_forgetting_the_journal(used: Simulator) -> None:
    """A deletion answers with the empty list, and leaves it so."""
    with urllib3.PoolManager() as http:
        reply = http.request("DELETE", used.base_url + "/_sim/requests", headers={"x-sim-token": used.token})
    assert reply.json() == {"data": []}
    assert used.requests == []
