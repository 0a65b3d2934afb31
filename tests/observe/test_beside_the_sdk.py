"""keybearer's spans beside the official SDK's own, for the same requests to the simulator, in the SDK's words."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anthropic
from opentelemetry.sdk.trace import ReadableSpan

from keybearer import KeybearerError
from keybearer.simulator import Simulator
from support.telemetry import Recorder, attributes

PAGE = Path(__file__).parents[2] / "docs" / "telemetry.md"

MODEL = "claude-haiku-4-5"
SYSTEM = [{"type": "text", "text": "Some rules. " * 3000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
PLAIN: dict[str, Any] = {"model": MODEL, "max_tokens": 50, "messages": [{"role": "user", "content": 'Say "one two"'}]}
ASKED: list[dict[str, Any]] = [
    PLAIN,
    {**PLAIN, "system": SYSTEM, "service_tier": "auto"},
    {**PLAIN, "max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
]

THEIR_OWN = {"anthropic.request.id", "gen_ai.response.id", "gen_ai.response.time_to_first_chunk"}
"""What is another at each request."""


def carry_out(client: Any, recorder: Recorder) -> list[ReadableSpan]:
    """Make the same calls with either client, which take the same arguments; return the spans of the calls."""
    for asked in ASKED:
        client.messages.create(**asked)
    with client.messages.stream(**PLAIN) as stream:
        stream.until_done()
    client.messages.count_tokens(model=MODEL, messages=PLAIN["messages"])
    client.models.retrieve(MODEL)
    with contextlib.suppress(KeybearerError, anthropic.APIError):
        client.messages.create(**{**PLAIN, "model": "nobody-s"})
    return [span for span in recorder.spans if span.name.startswith("anthropic.")]


def both(sim: Simulator) -> list[tuple[ReadableSpan, ReadableSpan]]:
    """Return the SDK's span and keybearer's, of each call."""
    theirs, ours = Recorder(), Recorder()
    options: Any = {"tracer_provider": theirs.tracers}
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url, max_retries=0, open_telemetry=options) as sdk:
        first = carry_out(sdk, theirs)
    sim.reset()
    with ours.client(sim) as client:
        second = carry_out(client, ours)
    return list(zip(first, second, strict=True))


def missing(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what the SDK's span says and keybearer's does not, or says otherwise."""
    compared = {name: value for name, value in theirs.items() if name not in THEIR_OWN}
    wrong = {name: (value, ours.get(name)) for name, value in compared.items() if ours.get(name) != value}
    return wrong | {name: (theirs[name], None) for name in THEIR_OWN & theirs.keys() - ours.keys()}


def table(spans: list[tuple[ReadableSpan, ReadableSpan]]) -> str:
    """Return the attributes of both as the page has them."""
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for sdk, span in spans:
        theirs, ours = dict(attributes(sdk)) | theirs, dict(attributes(span)) | ours
    rows = [
        f"| `{name}` | {'yes' if name in theirs else ''} | yes |"
        for name in sorted(ours, key=lambda n: (n not in theirs, n))
    ]
    return "\n".join(["| attribute of a call | official SDK | keybearer |", "|---|---|---|", *rows])


def test_each_attribute_of_the_sdk_is_there_with_its_value(sim: Simulator) -> None:
    """Name, kind and status of each span, and all that the SDK's says: keybearer's says the same."""
    spans = both(sim)
    assert len(spans) == 7
    for sdk, span in spans:
        assert (span.name, span.kind, span.status.status_code) == (sdk.name, sdk.kind, sdk.status.status_code)
        assert missing(attributes(sdk), attributes(span)) == {}, span.name
    page = PAGE.read_text(encoding="utf-8")
    assert table(spans) in page, f"docs/telemetry.md lacks this table:\n{table(spans)}"


def test_an_attribute_that_is_missing_or_wrong_is_found() -> None:
    """The comparison sees a name that is not there, and a value that is another."""
    assert missing({"a": 1, "b": 2, "gen_ai.response.id": "x"}, {"a": 1, "b": 3}) == {
        "b": (2, 3),
        "gen_ai.response.id": ("x", None),
    }
