"""smolagents: the weather agent of its examples, once with JSON tool calls and once with tool calls in Python code."""

import json

from smolagents import CodeAgent, LiteLLMModel, ToolCallingAgent, tool


@tool
def get_weather(location: str, celsius: bool | None = False) -> str:
    """Get weather in the next days at given location.

    Args:
        location: the location
        celsius: the temperature unit
    """
    unit = "C" if celsius else "F"
    return f"The weather in {location} is UNGODLY with torrential rains and temperatures below -10 {unit}"


model = LiteLLMModel(model_id="anthropic/claude-sonnet-4-5")
question = "What's the weather like in Paris?"
print(
    json.dumps(
        {
            "tool_calling": ToolCallingAgent(tools=[get_weather], model=model, verbosity_level=0).run(question),
            "code": CodeAgent(tools=[get_weather], model=model, verbosity_level=0).run(question),
        }
    )
)
