"""graphiti_core: a structured answer through a forced tool."""

import asyncio

from graphiti_core.llm_client.anthropic_client import AnthropicClient
from graphiti_core.llm_client.config import LLMConfig
from graphiti_core.prompts.models import Message
from pydantic import BaseModel


class City(BaseModel):
    name: str


async def main():
    client = AnthropicClient(LLMConfig(model="claude-sonnet-4-5", api_key="sk-ant-api03-" + "x" * 80))
    asked = [Message(role="system", content="Be brief"), Message(role="user", content='Name the city "Paris"')]
    answer = await client.generate_response(asked, response_model=City, max_tokens=500)
    assert answer["name"]


asyncio.run(main())
