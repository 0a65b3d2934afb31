"""A fresh process to its first plain answer."""

from __future__ import annotations

from bench.case import ASK, MODEL, Case, Target
from bench.cases.imports import program

_SYNC = """from {module} import {name}
with {name}(api_key='sk-ant-bench', base_url='URL') as client:
    assert client.messages.create(**{ask}).content[0].text.startswith('The quick')
"""
_ASYNC = """import asyncio
from {module} import {name}
async def main():
    async with {name}(api_key='sk-ant-bench', base_url='URL') as client:
        message = await client.messages.create(**{ask})
        assert message.content[0].text.startswith('The quick')
asyncio.run(main())
"""
_FLOOR = """import http.client, json, urllib.parse
url = urllib.parse.urlsplit('URL')
connection = http.client.HTTPConnection(url.netloc)
connection.request('POST', url.path + '/v1/messages', json.dumps({ask}))
assert json.loads(connection.getresponse().read())['content'][0]['text'].startswith('The quick')
"""
_PYDANTIC_AI = """import asyncio
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider
agent = Agent(AnthropicModel('{model}', provider=AnthropicProvider(api_key='sk-ant-bench', base_url='URL')))
assert agent.run_sync('Tell me a story, please.', model_settings={{'max_tokens': 1000}}).output.startswith('The quick')
"""


def _fill(template: str, module: str = "", name: str = "") -> str:
    return program(template.format(module=module, name=name, ask=ASK, model=MODEL))


CASE = Case(
    name="first",
    title="a fresh process to its first plain answer",
    unit="process",
    path="/plain",
    scripts={
        "keybearer-sync": _fill(_SYNC, "keybearer", "Client"),
        "anthropic-sync": _fill(_SYNC, "anthropic", "Anthropic"),
        "keybearer-async": _fill(_ASYNC, "keybearer", "AsyncClient"),
        "anthropic-async": _fill(_ASYNC, "anthropic", "AsyncAnthropic"),
        "pydantic-ai": _fill(_PYDANTIC_AI),
        "floor": _fill(_FLOOR),
    },
    targets=(
        Target("first answer: CPU, sync", "process_cpu_ms", 1 / 10, "1/10"),
        Target("first answer: CPU, async", "process_cpu_ms", 1 / 5, "1/5", "keybearer-async", "anthropic-async"),
    ),
    note="CPU of the whole process, the interpreter's own start included. The floor is http.client and json.",
)
