"""When a client has telemetry: once the program has set a provider, or where it is asked for; and what is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from keybearer import Client, Telemetry
from keybearer.errors import ConfigError, UsageError
from keybearer.simulator import Simulator
from support.telemetry import ASK, Recorder

CALL = """
from keybearer import Client
client = Client(api_key={key!r}, base_url={url!r}, model="claude-haiku-4-5"{more})
client.messages.create(max_tokens=9, messages=[{{"role": "user", "content": "Hello"}}])
client.close()
"""

PROVIDER = """
import opentelemetry.trace as api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
api.set_tracer_provider(provider)
"""

SHOW = """
import json, sys
names = [span.name for span in spans.get_finished_spans()] if "spans" in globals() else []
print(json.dumps([names, [name for name in sys.modules if name.startswith(("opentelemetry", "keybearer.observe"))]]))
"""


def run(sim: Simulator, before: str, more: str = "", after: str = "", **environ: str) -> tuple[list[str], list[str]]:
    """Make a call in a fresh interpreter; return the names of the spans, and the modules of telemetry that are loaded."""
    code = before + CALL.format(key=sim.api_key, url=sim.base_url, more=more) + after + SHOW
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env={**environ}, timeout=60
    )
    names, loaded = json.loads(done.stdout)
    return names, loaded


def test_nothing_is_imported_where_the_program_does_not_use_it(sim: Simulator) -> None:
    """OpenTelemetry is installed here, and a call loads no module of it, nor of keybearer's telemetry."""
    assert run(sim, "") == ([], [])


def test_there_are_spans_once_a_provider_is_set(sim: Simulator) -> None:
    """Also where it is set after the client was made, and not where `telemetry` is false."""
    later = CALL.format(key=sim.api_key, url=sim.base_url, more="").partition("client.messages")[0]
    call = "client.messages.create(max_tokens=9, messages=[{'role': 'user', 'content': 'Hello'}])\n"
    names, _ = run(sim, later + "first = client\n" + PROVIDER, ", telemetry=False", "first." + call.partition(".")[2])
    assert names == ["POST", "anthropic.messages.create"]


def test_an_api_without_a_provider_makes_nothing(sim: Simulator) -> None:
    """A library has imported the API, and nobody has set an SDK: no span, no instrument, none of keybearer's observers."""
    names, loaded = run(sim, "import opentelemetry.trace, opentelemetry.metrics\n")
    assert names == []
    assert "keybearer.observe.telemetry" not in loaded


def test_a_provider_that_cannot_be_loaded_breaks_no_call(sim: Simulator) -> None:
    """The environment names one that is not installed: that is said once, and the calls go on."""
    names, _ = run(sim, "import opentelemetry.trace\n", OTEL_PYTHON_TRACER_PROVIDER="nobody_s")
    assert names == []


def test_telemetry_true_needs_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is asked for and not installed, the error says what installs it."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(ConfigError, match="otel"):
        Client(api_key="sk-ant-fake", telemetry=True)


def test_an_observer_is_an_object_with_observe() -> None:
    """A function is none: the error says what is."""
    with pytest.raises(ConfigError, match=r"observe\(event\)"):
        Client(api_key="sk-ant-fake", observers=[print])  # type: ignore[list-item] # the mistake


def test_a_telemetry_of_one_s_own_is_the_only_one(sim: Simulator) -> None:
    """With providers of its own, whatever the program's are; `telemetry=True` makes no second one."""
    recorder = Recorder()
    with recorder.client(sim, telemetry=True) as client:
        client.messages.create(**ASK)
    assert len(recorder.spans) == 2


def test_the_name_is_there_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """`keybearer.Telemetry` can be imported where OpenTelemetry is not installed; making one says what is missing."""
    monkeypatch.delitem(sys.modules, "keybearer.observe.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(UsageError, match=r"keybearer\[otel\]"):
        Telemetry()
