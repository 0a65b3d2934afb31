"""langchain_anthropic: its chat model, plainly, as a stream and with a tool."""

from langchain_anthropic import ChatAnthropic
from langchain_core.tools import tool


@tool
def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"sunny in {city}"


model = ChatAnthropic(model="claude-sonnet-5-5", max_tokens=256)
assert model.invoke("Say hello").content
assert [chunk for chunk in model.stream("Say hello")]
assert model.bind_tools([get_weather]).invoke('Call get_weather for "Paris"').tool_calls
