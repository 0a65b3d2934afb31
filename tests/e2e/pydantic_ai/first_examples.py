"""pydantic-ai: the first agent of its README, its roulette wheel and its bank support, and a stream."""

import asyncio
import json
from dataclasses import dataclass

from pydantic import BaseModel, Field
from pydantic_ai import Agent, RunContext

MODEL = "anthropic:claude-sonnet-4-6"


class City(BaseModel):
    name: str
    population: int


class SupportOutput(BaseModel):
    support_advice: str = Field(description="Advice returned to the customer")
    block_card: bool = Field(description="Whether to block the customer's card")
    risk: int = Field(description="Risk level of query", ge=0, le=10)


@dataclass
class Bank:
    customer: str
    balance: float


roulette = Agent(
    MODEL,
    deps_type=int,
    output_type=bool,
    system_prompt="Use the `roulette_wheel` function to see if the customer has won based on the number they provide.",
)


@roulette.tool
async def roulette_wheel(ctx: RunContext[int], square: int) -> str:
    """Check if the square is a winner."""
    return "winner" if square == ctx.deps else "loser"


support = Agent(
    MODEL,
    deps_type=Bank,
    output_type=SupportOutput,
    instructions="You are a support agent in our bank, give the customer support and judge the risk of their query.",
)


@support.instructions
async def name_the_customer(ctx: RunContext[Bank]) -> str:
    return f"The customer's name is {ctx.deps.customer!r}"


@support.tool
async def customer_balance(ctx: RunContext[Bank], include_pending: bool) -> str:
    """Returns the customer's current account balance."""
    return f"${ctx.deps.balance + (0 if include_pending else 1):.2f}"


def calls(result):
    parts = [part for message in result.all_messages() for part in message.parts if part.part_kind == "tool-call"]
    return [[part.tool_name, part.args_as_dict()] for part in parts]


async def main():
    first = await Agent(MODEL, instructions="Be concise, reply with one sentence.").run(
        'Where does "hello world" come from?'
    )
    won = await roulette.run("Put my money on square eighteen", deps=18)
    lost = await roulette.run("I bet five is the winner", deps=18)
    balance = await support.run("What is my balance?", deps=Bank("John", 123.45))
    typed = await Agent(MODEL, output_type=City).run("Describe the city 'Oslo' of 700000 people")
    async with Agent(MODEL).run_stream("Count to 12") as stream:
        streamed = await stream.get_output()
    print(
        json.dumps(
            {
                "first": first.output,
                "won": [won.output, calls(won)],
                "lost": [lost.output, calls(lost)],
                "support": [balance.output.model_dump(), calls(balance)],
                "typed": typed.output.model_dump(),
                "streamed": streamed,
            }
        )
    )


asyncio.run(main())
