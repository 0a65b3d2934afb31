"""One client in several event loops, in threads, in a thread pool, with a timeout and a semaphore, and closed by a context."""
import asyncio
import concurrent.futures
import threading

import anthropic
from anthropic import Anthropic, AsyncAnthropic

asked = {"model": "claude-haiku-4-5", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]}
client = AsyncAnthropic()


async def ask():
    return (await client.messages.create(**asked)).content[0].text


assert asyncio.run(ask()) and asyncio.run(ask())
loop = asyncio.new_event_loop()
assert loop.run_until_complete(ask())
loop.close()
sync = Anthropic()
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    answers = list(pool.map(lambda n: sync.messages.create(**asked).content[0].text, range(8)))
assert len(answers) == 8
results = []
threads = [threading.Thread(target=lambda: results.append(asyncio.run(ask()))) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
assert len(results) == 2


async def main():
    async with asyncio.timeout(30):
        async with AsyncAnthropic() as inner:
            queue = asyncio.Queue()
            for n in range(6):
                queue.put_nowait(n)

            async def worker():
                done = []
                while not queue.empty():
                    queue.get_nowait()
                    done.append(await inner.messages.create(**asked))
                return done

            done = await asyncio.gather(worker(), worker())
            assert sum(map(len, done)) == 6
    assert inner.is_closed()
    in_thread = await asyncio.to_thread(sync.messages.create, **asked)
    assert in_thread.content


asyncio.run(main())
