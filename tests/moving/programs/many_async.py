"""Ten questions at once, behind a semaphore, in a client that closes itself."""
import asyncio

import anthropic


async def ask(client: anthropic.AsyncAnthropic, gate: asyncio.Semaphore, number: int) -> str:
    async with gate:
        message = await client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": f"Say {number}"}]
        )
    return message.content[0].text


async def main() -> None:
    async with anthropic.AsyncAnthropic(max_retries=3, timeout=30.0) as client:
        gate = asyncio.Semaphore(3)
        answers = await asyncio.gather(*(ask(client, gate, number) for number in range(10)), return_exceptions=True)
    assert all(isinstance(answer, str) for answer in answers), answers


asyncio.run(main())
