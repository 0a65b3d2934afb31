"""The most that a request may cost: above what it does cost, and refused where nothing bounds it."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.policy.spend_amounts import nanodollars
from keybearer.policy.worst_case import WorstCase, worst_case
from keybearer.prices import cost, public, with_own

TODAY = date(2026, 11, 26)
URL = "https://api.anthropic.com/v1/messages"
HELLO: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
WINDOW = 1_000_000
PRICE = cost({"input_tokens": 1_000_000, "output_tokens": 0}, "claude-opus-5-5", on=TODAY).known / 1_000_000
SEARCH = {"type": "web_search_20260318", "name": "web_search", "max_uses": 3}


def worst(body: dict[str, Any], *, url: str = URL, prices: Any = None) -> WorstCase:
    """Return the worst case of a request that costs something."""
    found = worst_case("POST", url, json.dumps(body).encode(), prices=prices or public(), today=TODAY)
    assert found is not None
    return found


def test_a_plain_request_is_bounded_by_its_bytes_and_its_answer() -> None:
    """No token is shorter than a byte; the dearest region counts while none is named, and the answer is max_tokens long."""
    size = len(json.dumps(HELLO))
    found = worst(HELLO)
    assert found.amount.tokens == size + 1000 + 100
    assert found.output.tokens == 100
    assert found.plain
    usage = {"input_tokens": size + 1000, "output_tokens": 100, "inference_geo": "us"}
    assert found.amount.nano == nanodollars(cost(usage, "claude-opus-5-5", on=TODAY).known)
    named = worst(HELLO | {"inference_geo": "global"})
    assert named.amount.nano < found.amount.nano


def test_it_is_above_every_bill_of_such_a_request() -> None:
    """Whatever a service says of a request, within its bytes and max_tokens, costs at most its worst case."""
    random = Random(5)  # noqa: S311 - no secret
    models = ["claude-haiku-5-5", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"]
    for _ in range(60):
        ttl = random.choice([None, "5m", "1h"])
        mark = {} if ttl is None else {"cache_control": {"type": "ephemeral", "ttl": ttl}}
        block = {"type": "text", "text": "é" * random.choice([1, 100, 60_000]), **mark}
        body = HELLO | {"model": random.choice(models), "messages": [{"role": "user", "content": [block]}]}
        found = worst(body)
        prompt = random.choice([1, len(json.dumps(body))])
        written = random.randint(0, prompt) if ttl else 0
        usage = {
            "input_tokens": prompt - written,
            "output_tokens": random.choice([0, 100]),
            "cache_creation_input_tokens": written,
            "cache_creation": {f"ephemeral_{ttl or '5m'}_input_tokens": written},
            "inference_geo": random.choice(["global", None]),
        }
        billed = cost(usage, body["model"], on=TODAY).usd
        assert billed is not None
        assert nanodollars(billed) <= found.amount.nano


@pytest.mark.parametrize(("size", "times"), [(90_000, 1), (110_000, 5)])
def test_a_prompt_that_may_pass_a_cliff_is_priced_beyond_it(size: int, times: int) -> None:
    """What may have more tokens than 100,000, by its bytes, costs five times as much with Haiku 5.5."""
    body = HELLO | {"model": "claude-haiku-5-5", "inference_geo": "global"}
    found = worst(body | {"messages": [{"role": "user", "content": "x" * size}]})
    assert found.output.nano == times * 100 * 500


def test_an_image_has_a_most_of_its_own() -> None:
    """The bytes of an image are no bound on its tokens; a newest model's most is 4,784."""
    data = base64.b64encode(bytes(60_000)).decode()
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    body = HELLO | {"messages": [{"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]}]}
    assert worst(body).amount.tokens == len(json.dumps(body)) - len(data) + 4784 + 1000 + 100
    nested = HELLO | {
        "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [image]}]}]
    }
    assert worst(nested).amount.tokens < 10_000


@pytest.mark.parametrize(
    ("more", "rounds"),
    [
        ({"thread": {"id": "t"}}, 1),
        ({"mcp_servers": [{"type": "url", "url": "https://x", "name": "x"}]}, 10),
        ({"container": "c"}, 10),
        ({"tools": [SEARCH]}, 10),
        ({"tools": [{"type": "computer_toolset_20260801"}]}, 1),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "file", "file_id": "f"}}]}]}, 1),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "url", "url": "x"}}]}]}, 1),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "base64", "data": "x"}}]}]}, 1),
        ({"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "f"}]}]}, 1),
        ({"messages": [{"role": "user", "content": [{"type": "brand_new", "x": 1}]}]}, 1),
    ],
)  # fmt: skip
def test_what_no_byte_bounds_is_the_whole_window(more: dict[str, Any], rounds: int) -> None:
    """Where the model may read what is not in the request, the worst case is its window, as often as it may be asked."""
    found = worst(HELLO | more)
    assert found.amount.tokens >= rounds * WINDOW
    assert found.amount.nano >= nanodollars(rounds * WINDOW * PRICE)
    assert not found.plain


def test_a_compaction_may_write_as_much_as_it_reads() -> None:
    """Nothing bounds a summary but the window, so it is priced as an answer; edits that only clear add nothing."""
    compacting = worst(HELLO | {"context_management": {"edits": [{"type": "compact_20260112"}]}})
    assert compacting.amount.tokens >= 2 * WINDOW
    clearing = worst(HELLO | {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}})
    assert clearing.plain
    assert clearing.amount.tokens < 2000


def test_paid_tools_cost_their_uses() -> None:
    """Each use of a search has its price, beside the tokens."""
    none = worst(HELLO | {"tools": [SEARCH | {"max_uses": 0}]})
    assert worst(HELLO | {"tools": [SEARCH]}).amount.nano - none.amount.nano == 3 * nanodollars(Decimal("0.01"))
    advisor = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5-5", "max_uses": 1}
    assert worst(HELLO | {"tools": [advisor]}).amount.tokens > 11 * WINDOW


def test_fallbacks_are_all_counted() -> None:
    """A request that the service may pass to another model is billed for both at the most."""
    body = HELLO | {"fallbacks": [{"model": "claude-sonnet-5-5"}]}
    both = worst(body)
    assert both.amount.nano > worst(HELLO).amount.nano
    assert not both.plain
    three = worst(HELLO | {"fallbacks": [{"model": "my-own"}, {"model": "claude-sonnet-5-5"}]})
    assert "no price of my-own" in three.unpriced


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"tools": [{"type": "web_search_20260318", "name": "web_search"}]}, "needs max_uses"),
        ({"tools": [{"type": "wonder_20270101"}]}, "does not know what the tool 'wonder_20270101'"),
        ({"brand_new": 1}, "does not know what the parameter brand_new"),
        ({"max_tokens": None}, "needs max_tokens"),
        ({"fallbacks": "default"}, "the models of its fallbacks are not in the request"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": 5}]}]},
            "none that this version can read",
        ),
        ({"model": "my-own", "thread": {"id": "t"}}, "context window of 'my-own' is not known"),
    ],
)
def test_what_nothing_bounds_is_refused(more: dict[str, Any], why: str) -> None:
    """Nothing that this version does not know is taken for free."""
    with pytest.raises(UsageError, match=why):
        worst(HELLO | more)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"model": "my-own"}, "no price of my-own"),
        ({"service_tier": "flex"}, "no price of the service tier 'flex'"),
        ({"inference_geo": "mars"}, "no price in the region 'mars'"),
        ({"speed": "fast", "model": "claude-haiku-4-5"}, "no fast price"),
        ({"speed": "warp"}, "no price of the speed 'warp'"),
        ({"tools": [{"type": "code_execution_20260521", "name": "code_execution"}]}, "the hours of its container"),
    ],
)
def test_what_has_no_price_says_so(more: dict[str, Any], why: str) -> None:
    """Tokens are bounded all the same, for a limit of tokens alone."""
    found = worst(HELLO | more)
    assert why in found.unpriced
    assert found.amount.tokens > 1000


def test_a_users_own_price_counts() -> None:
    """A contract's price is what a request is reserved by."""
    own = with_own({"my-own": {"input": 1, "output": 2}})
    assert worst(HELLO | {"model": "my-own"}, prices=own).output.nano == 100 * 2000


def test_fast_is_the_dearer_of_both() -> None:
    """The service may serve a fast request as any other; the dearer price counts."""
    assert worst(HELLO | {"speed": "fast"}).amount.nano > worst(HELLO).amount.nano


def test_a_batch_is_the_sum_of_its_rows_at_half_the_price() -> None:
    """Each row counts for itself, by the batch's prices."""
    row = {"custom_id": "a", "params": HELLO}
    found = worst({"requests": [row, row]}, url=f"{URL}/batches")
    assert not found.unpriced
    assert found.amount.tokens == 2 * (len(json.dumps(row).replace(", ", ",").replace(": ", ":")) + 1000 + 100)
    assert found.amount.nano < 2 * worst(HELLO).amount.nano


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "messages/batches"),
        ("POST", "messages/count_tokens"),
        ("POST", "messages/batches/msgbatch_1/cancel"),
        ("DELETE", "files/file_1"),
        ("POST", "files?beta=true"),
        ("POST", "organizations/users"),
    ],
)
def test_what_asks_no_model_is_free(method: str, path: str) -> None:
    """Counting, reading, and what is kept cost nothing."""
    assert worst_case(method, f"https://x.example/v1/{path}", b"", prices=public(), today=TODAY) is None


@pytest.mark.parametrize("path", ["sessions/s/events", "chat/completions", "deployments/d/run", "new"])
def test_what_may_cost_what_nothing_says_is_refused(path: str) -> None:
    """A path whose cost nothing bounds is not sent under a limit."""
    with pytest.raises(UsageError, match=f"a POST of /v1/{path} may cost what nothing in it says"):
        worst_case("POST", f"https://x.example/v1/{path}", b"{}", prices=public(), today=TODAY)
