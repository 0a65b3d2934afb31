"""dspy: a question, a sentiment, an extraction and the weather agent, as in its first pages and docstrings."""

import json
from typing import Literal

import dspy


class Classify(dspy.Signature):
    """Classify sentiment of a given sentence."""

    sentence: str = dspy.InputField()
    sentiment: Literal["positive", "negative", "neutral"] = dspy.OutputField()
    confidence: float = dspy.OutputField()


class ExtractInfo(dspy.Signature):
    """Extract structured information from text."""

    text: str = dspy.InputField()
    title: str = dspy.OutputField()
    headings: list[str] = dspy.OutputField()
    entities: list[dict[str, str]] = dspy.OutputField(desc="a list of entities and their metadata")


def get_weather(city: str) -> str:
    return f"The weather in {city} is sunny."


dspy.configure(lm=dspy.LM("anthropic/claude-sonnet-4-5", cache=False))
sentence = "This book was super fun to read, though not the last chapter."
text = (
    "Apple Inc. announced its latest iPhone 14 today."
    "The CEO, Tim Cook, highlighted its new features in a press release."
)
print(
    json.dumps(
        {
            "math": dspy.ChainOfThought("question -> answer: float")(question="What is 6 * 7?").toDict(),
            "sentiment": dspy.Predict(Classify)(sentence=sentence).toDict(),
            "extracted": dspy.Predict(ExtractInfo)(text=text).toDict(),
            "weather": dspy.ReAct(signature="question->answer", tools=[get_weather])(
                question="What is the weather like in Tokyo?"
            ).toDict(),
        }
    )
)
