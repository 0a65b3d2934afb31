"""`/v1/messages/batches`: create, list, retrieve, cancel, results, delete.

A batch ends `batch_seconds` after it was created. Its requests are answered one after another in that time, so a
cancelled batch has both succeeded and cancelled ones. Nothing is computed before somebody looks. A request that the
rules refuse is an `errored` result, and the batch is still accepted.

Results are kept for 29 days from the creation on; then the batch is archived and its results are gone.

Source: the wheel's `types/messages/message_batch*.py`; the API's "Batch processing" page. The words of the refusals are a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from keybearer.simulator.control.journal import safe_headers
from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.reply import ServerReply, encode
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.batch_items import answer_item
from keybearer.simulator.endpoints.messages import read_body
from keybearer.simulator.endpoints.pagination import cut_page
from keybearer.simulator.service.stores import StoredBatch
from keybearer.simulator.state import State

__all__ = ["batch_results", "cancel_batch", "create_batch", "delete_batch", "list_batches", "retrieve_batch"]

MOST_REQUESTS: Final = 100_000
LIFE_SECONDS: Final = 24 * 3600.0
KEPT_SECONDS: Final = 29 * 24 * 3600.0
"""How long results are kept, from the batch's creation on; after that it is archived."""
NOT_IN_A_BATCH: Final[dict[str, Callable[[Any], bool]]] = {"stream": bool, "max_tokens": lambda value: value == 0}
"""Parameters whose values no request of a batch may have (docs: Batch processing, "What can be batched")."""
CANCELING_SECONDS: Final = 2.0
CUSTOM_ID: Final = lazy(r"^[a-zA-Z0-9_-]{1,64}$")


def _refuse(message: str, rule: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, rule=rule)


def _check(requests: Any) -> list[dict[str, Any]]:
    if not isinstance(requests, list) or not requests:
        raise _refuse("requests: Field required" if requests is None else "requests: at least one is required", "batch")
    if len(requests) > MOST_REQUESTS:
        raise _refuse(f"requests: List should have at most {MOST_REQUESTS} items", "batch")
    seen: set[str] = set()
    for index, item in enumerate(requests):
        if not isinstance(item, dict) or not isinstance(item.get("params"), dict):
            raise _refuse(f"requests.{index}.params: Field required", "batch")
        name = item.get("custom_id")
        if not isinstance(name, str) or not CUSTOM_ID.match(name):
            raise _refuse(f"requests.{index}.custom_id: String should match pattern '{CUSTOM_ID.pattern}'", "batch-id")
        if name in seen:
            raise _refuse(f"requests.{index}.custom_id: must be unique in the batch: {name}", "batch-id")
        seen.add(name)
        for field, is_refused in NOT_IN_A_BATCH.items():
            if field in item["params"] and is_refused(value := item["params"][field]):
                message = f"requests.{index}.params.{field}: {encode(value).decode()} is not permitted in a batch"
                raise _refuse(message, f"batch-{field.replace('_', '-')}")
        extra = next((key for key in item if key not in {"custom_id", "params"}), None)
        if extra is not None:
            raise _refuse(f"requests.{index}.{extra}: Extra inputs are not permitted", "unknown-fields")
    return requests


def _ends_at(state: State, batch: StoredBatch) -> float:
    planned = batch.created + min(state.options.batch_seconds, LIFE_SECONDS)
    return planned if batch.cancelled is None else min(planned, batch.cancelled + CANCELING_SECONDS)


def _is_archived(state: State, batch: StoredBatch) -> bool:
    return state.clock.now() >= batch.created + KEPT_SECONDS


def _results(state: State, batch: StoredBatch) -> list[dict[str, Any]] | None:
    """Return the results of a batch that has ended, which are computed once; None while it runs."""
    if state.clock.now() < _ends_at(state, batch):
        return None
    if batch.results is None:
        done = len(batch.requests)
        unfinished = "canceled"
        if batch.cancelled is not None:
            share = (batch.cancelled - batch.created) / max(state.options.batch_seconds, 1e-9)
            done = min(done, int(done * share))
        elif state.options.batch_seconds > LIFE_SECONDS:
            done, unfinished = int(done * LIFE_SECONDS / state.options.batch_seconds), "expired"
        return batch.keep_results(
            [
                {
                    "custom_id": item["custom_id"],
                    "result": answer_item(state, batch, item) if index < done else {"type": unfinished},
                }
                for index, item in enumerate(batch.requests)
            ]
        )
    return batch.results


def _describe(state: State, batch: StoredBatch, call: ServedCall) -> dict[str, Any]:
    results = _results(state, batch)
    counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
    if results is None:
        counts["processing"] = len(batch.requests)
        status = "in_progress" if batch.cancelled is None else "canceling"
    else:
        status = "ended"
        for line in results:
            counts[line["result"]["type"]] += 1
    host = call.headers.get("host", "localhost")
    archived = _is_archived(state, batch)
    return {
        "type": "message_batch",
        "id": batch.id,
        "processing_status": status,
        "request_counts": counts,
        "created_at": rfc3339(batch.created),
        "expires_at": rfc3339(batch.created + LIFE_SECONDS),
        "ended_at": None if results is None else rfc3339(_ends_at(state, batch)),
        "cancel_initiated_at": None if batch.cancelled is None else rfc3339(batch.cancelled),
        "archived_at": rfc3339(batch.created + KEPT_SECONDS) if archived else None,
        "results_url": None if results is None or archived else f"http://{host}/v1/messages/batches/{batch.id}/results",
    }


def _find(state: State, call: ServedCall) -> StoredBatch:
    name = call.path_params["id"]
    batch = state.batches.of(call.organization).get(name)
    if batch is None:
        raise ServiceError("not_found_error", f"Message Batch {name} not found", rule="batch-known")
    return batch


def _noted(*batches: StoredBatch) -> dict[str, Any]:
    """Return the facts for the journal: what the answers of batches did not carry out."""
    notes = list(dict.fromkeys(each for batch in batches for each in batch.notes))
    return {"notes": notes} if notes else {}


def create_batch(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/messages/batches`."""
    body = read_body(call)
    batch = StoredBatch(
        id=state.ids.new("msgbatch_"),
        organization=call.organization,
        requests=_check(body.get("requests")),
        version=call.version,
        betas=call.betas,
        created=state.clock.now(),
        headers=safe_headers(call.headers),
    )
    state.batches.add(batch)
    return ServerReply.json(_describe(state, batch, call))


def list_batches(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/messages/batches`, newest first."""
    own = [*reversed(state.batches.of(call.organization).values())]
    page = cut_page(call, [_describe(state, batch, call) for batch in own])
    shown = {each["id"] for each in page["data"]}
    return ServerReply.json(page, note=_noted(*(batch for batch in own if batch.id in shown)))


def retrieve_batch(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/messages/batches/{id}`."""
    batch = _find(state, call)
    return ServerReply.json(_describe(state, batch, call), note=_noted(batch))


def cancel_batch(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/messages/batches/{id}/cancel`."""
    batch = _find(state, call)
    if _results(state, batch) is not None:
        raise _refuse(f"Message Batch {batch.id} has ended and cannot be canceled", "batch-ended")
    batch.cancel(state.clock.now())
    return ServerReply.json(_describe(state, batch, call))


def batch_results(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/messages/batches/{id}/results`: one JSON line for each request."""
    batch = _find(state, call)
    results = _results(state, batch)
    if results is None:
        raise _refuse(f"Message Batch {batch.id} has no results yet: it is still in progress", "batch-running")
    if _is_archived(state, batch):
        raise ServiceError(
            "not_found_error",
            f"Message Batch {batch.id} is archived: its results were kept for 29 days",
            rule="batch-archived",
        )
    return ServerReply(
        lines=[encode(line) + b"\n" for line in results], content_type="application/x-jsonl", note=_noted(batch)
    )


def delete_batch(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/messages/batches/{id}`."""
    batch = _find(state, call)
    if _results(state, batch) is None:
        raise _refuse(f"Message Batch {batch.id} is still in progress: cancel it first", "batch-running")
    state.batches.remove(batch)
    return ServerReply.json({"id": batch.id, "type": "message_batch_deleted"})
