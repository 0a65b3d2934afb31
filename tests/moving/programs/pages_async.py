"""Batches, files, models and pages in asyncio."""
import asyncio
import io
from pathlib import Path

import anthropic
from anthropic import AsyncAnthropic
from anthropic.pagination import AsyncPage


async def main():
    client = AsyncAnthropic()
    batch = await client.messages.batches.create(
        requests=[
            {"custom_id": f"r{n}", "params": {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}}
            for n in range(3)
        ]
    )
    while (batch := await client.messages.batches.retrieve(batch.id)).processing_status != "ended":
        await asyncio.sleep(0.05)
    rows = {}
    async for row in await client.messages.batches.results(batch.id):
        rows[row.custom_id] = row.result.message.content[0].text if row.result.type == "succeeded" else None
    assert len(rows) == 3 and all(rows.values())
    async for one in client.messages.batches.list(limit=1):
        assert one.id == batch.id
    Path("a.txt").write_text("tea")
    made = [await client.beta.files.upload(file=Path("a.txt")), await client.beta.files.upload(file=("b.txt", io.BytesIO(b"x"), "text/plain"))]
    page = await client.beta.files.list(limit=1)
    assert page.has_next_page() and (await page.get_next_page()).data
    assert {f.id async for f in client.beta.files.list(limit=1)} == {f.id for f in made}
    names = []
    async for page in (await client.beta.files.list(limit=1)).iter_pages():
        names += [f.filename for f in page.data]
    assert sorted(names) == ["a.txt", "b.txt"]
    await asyncio.gather(*(client.beta.files.delete(f.id) for f in made))
    first = await client.models.list(limit=3)
    assert isinstance(first.data[0], anthropic.types.ModelInfo) and len(first.data) == 3 and first.first_id
    assert (await client.models.retrieve(first.data[0].id)).display_name
    count = await client.messages.count_tokens(model="claude-haiku-4-5", system="x", messages=[{"role": "user", "content": "Hi"}])
    assert isinstance(count.input_tokens, int)
    await client.close()


asyncio.run(main())
