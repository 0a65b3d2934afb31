"""A request with a 5 MB image."""

from __future__ import annotations

import base64
import random
from typing import Any, Final

import msgspec
from bench import floors
from bench.case import MODEL, Case, Run, Target
from bench.memory import peak_mb, reset_peak, resident_mb

IMAGE: Final = random.Random(1).randbytes(5_000_000)  # noqa: S311 - bytes of an image, not a secret


def _ask() -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(IMAGE).decode()}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    return {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": content}]}


def _bytes() -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    return {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": content}]}


def _blocking(run: Run, client: Any) -> None:
    native = type(client).__module__.startswith("keybearer")  # takes the bytes themselves
    client.messages.create(model=MODEL, max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
    before = resident_mb()
    reset_peak()
    client.messages.create(**(_bytes() if native else _ask()))
    peak = peak_mb() - before
    with run.measure(run.n):
        for _ in range(run.n):
            client.messages.create(**(_bytes() if native else _ask()))
    run.metrics |= {"peak_mb": peak, "peak_over_base64": peak * (1 << 20) / (len(IMAGE) * 4 / 3)}


def _floor(run: Run) -> None:
    floors.made(run, lambda: msgspec.json.encode(_bytes()))


CASE = Case(
    name="image",
    title="a request with a 5 MB image",
    unit="request",
    path="/plain",
    size=(10, 30),
    blocking=_blocking,
    others={"floor-sync": _floor},
    targets=(
        Target("5 MB image: CPU", "cpu_us", 1 / 5, "1/5"),
        Target("5 MB image: peak memory / its base64", "peak_over_base64", 1.1, "1.1", against=""),
    ),
    note="from the image's bytes in memory; the official SDK takes base64 text, so its caller's encoding is part of the work",
)
