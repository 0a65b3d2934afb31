"""langgraph: the weather agent of its README, and the arithmetic graph of its quickstart."""

import json

from langchain.agents import create_agent
from langchain.chat_models import init_chat_model
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

MODEL = "anthropic:claude-sonnet-4-6"


def get_weather(city: str) -> str:
    """Get weather for a given city."""
    return f"It's always sunny in {city}!"


@tool
def add(a: int, b: int) -> int:
    """Adds `a` and `b`.

    Args:
        a: First int
        b: Second int
    """
    return a + b


@tool
def multiply(a: int, b: int) -> int:
    """Multiply `a` and `b`.

    Args:
        a: First int
        b: Second int
    """
    return a * b


def ask(graph, question):
    state = graph.invoke({"messages": [{"role": "user", "content": question}]})
    calls = [call for message in state["messages"] for call in getattr(message, "tool_calls", ())]
    return {"calls": [[call["name"], call["args"]] for call in calls], "said": state["messages"][-1].text}


llm = init_chat_model(MODEL).bind_tools([add, multiply])
arithmetic = (
    StateGraph(MessagesState)
    .add_node("llm", lambda state: {"messages": [llm.invoke(state["messages"])]})
    .add_node("tools", ToolNode([add, multiply]))
    .add_edge(START, "llm")
    .add_conditional_edges("llm", tools_condition)
    .add_edge("tools", "llm")
    .compile()
)
weather = create_agent(MODEL, tools=[get_weather], system_prompt="You are a helpful assistant")
print(json.dumps({"weather": ask(weather, "what is the weather in sf"), "added": ask(arithmetic, "Add 3 and 4.")}))
