"""One fresh process of the benchmark: it does the work of one subject in the cases that it is given, and prints what it measured.

python -m bench.worker SUBJECT SCALE PORT TLS_PORT CA_FILE CASE...
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
from typing import Any

from bench.case import ASK, Case, Run

__all__ = ["load"]

SCALES = ("quick", "full")


def load(name: str) -> Case:
    """Return a case by its name."""
    case: Case = importlib.import_module("bench.cases." + name).CASE
    return case


def make_client(subject: str, run: Run, url: str = "") -> Any:
    """Make the client of keybearer or of the official SDK for a run."""
    library, _, shell = subject.partition("-")
    options: dict[str, Any] = {"api_key": "sk-ant-bench", "base_url": url or run.url}
    if library == "keybearer":
        import keybearer

        if run.case.tls:
            options["ca_file"] = run.ca_file
        return keybearer.Client(**options) if shell == "sync" else keybearer.AsyncClient(**options)
    import anthropic

    if shell == "aiohttp":
        options["http_client"] = anthropic.DefaultAioHttpClient()
    return anthropic.Anthropic(**options) if shell == "sync" else anthropic.AsyncAnthropic(**options)


async def _awaited(case: Case, run: Run, subject: str) -> None:
    assert case.awaiting is not None
    async with make_client(subject, run, f"http://127.0.0.1:{run.port}/warm") as client:
        await client.messages.create(**ASK)
        async with client.messages.stream(**ASK) as stream:
            await stream.get_final_message()
    async with make_client(subject, run) as client:
        await case.awaiting(run, client)


# Both kinds of work begin with a request and a stream that are not measured: what is imported at the first request is in the
# row of the first answer, and in no other.


def work(case: Case, run: Run, subject: str) -> None:
    """Do the work of one subject."""
    own = case.others.get(subject)
    if subject.endswith("uvloop"):
        import uvloop

        uvloop.run(own(run) if own else _awaited(case, run, subject))
    elif own is not None:
        if asyncio.iscoroutinefunction(own):
            asyncio.run(own(run))
        else:
            own(run)
    elif subject.endswith("-sync"):
        assert case.blocking is not None
        with make_client(subject, run, f"http://127.0.0.1:{run.port}/warm") as client:
            client.messages.create(**ASK)
            with client.messages.stream(**ASK) as stream:
                stream.get_final_message()
        with make_client(subject, run) as client:
            case.blocking(run, client)
    else:
        asyncio.run(_awaited(case, run, subject))


def main(subject: str, scale: str, port: str, tls_port: str, ca_file: str, *names: str) -> None:
    """Do it and print one JSON object: case to metrics."""
    os.environ["SSL_CERT_FILE"] = ca_file
    results = {}
    for case in map(load, names):
        if case.single_reads:
            from bench.reads import one_event_a_read

            one_event_a_read()
        run = Run(case, int(port), int(tls_port), case.size[SCALES.index(scale)], ca_file)
        gc.collect()
        work(case, run, subject)
        results[case.name] = run.metrics
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
