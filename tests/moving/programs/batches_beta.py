"""Batches by the beta's names, with params as plain dicts, a poll, results by id, errors, a cancel and a delete."""
import time
from collections import Counter

import anthropic
from anthropic.types.beta.messages.batch_create_params import Request
from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse, MessageBatchSucceededResult

client = anthropic.Anthropic()
asked = [
    {
        "custom_id": f"req-{number}",
        "params": {
            "model": "claude-3-haiku-20240307", "max_tokens": 100,
            "system": [{"type": "text", "text": "Be short", "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": f"Say {number}"}],
        },
    }
    for number in range(5)
]
batch: MessageBatch = client.messages.batches.create(requests=asked)
print(batch.id, batch.created_at.isoformat(), batch.expires_at > batch.created_at)
for _ in range(50):
    batch = client.messages.batches.retrieve(message_batch_id=batch.id)
    counts = batch.request_counts
    print(counts.processing, counts.succeeded, counts.errored, counts.canceled, counts.expired)
    if batch.processing_status == "ended":
        break
    time.sleep(0.1)
results: dict[str, str] = {}
kinds: Counter = Counter()
for result in client.messages.batches.results(batch.id):
    assert isinstance(result, MessageBatchIndividualResponse)
    kinds[result.result.type] += 1
    if isinstance(result.result, MessageBatchSucceededResult):
        results[result.custom_id] = result.result.message.content[0].text
assert sorted(results) == [f"req-{n}" for n in range(5)] and kinds["succeeded"] == 5
other = client.beta.messages.batches.create(
    requests=[
        Request(
            custom_id="a",
            params=MessageCreateParamsNonStreaming(
                model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
            ),
        )
    ]
)
try:
    print(client.beta.messages.batches.cancel(other.id).processing_status)
except anthropic.BadRequestError as e:
    print(e)
page = client.messages.batches.list(limit=1)
assert page.has_more and page.data[0].id and page.has_next_page()
assert page.get_next_page().data
assert len(list(client.messages.batches.list(limit=1))) == 2
print(client.messages.batches.delete(batch.id))
