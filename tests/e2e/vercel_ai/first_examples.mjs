// Vercel's AI SDK: a text, a typed recipe, and the weather agents of its first pages. Prints one JSON line.
import { anthropic } from "@ai-sdk/anthropic";
import { generateText, isStepCount, Output, streamText, tool, ToolLoopAgent } from "ai";
import { z } from "zod";

const model = anthropic("claude-opus-5-5");

const tools = {
  weather: tool({
    description: "Get the weather in a location (in Fahrenheit)",
    inputSchema: z.object({ location: z.string().describe("The location to get the weather for") }),
    execute: async ({ location }) => ({ location, temperature: 77 }),
  }),
  convertFahrenheitToCelsius: tool({
    description: "Convert temperature from Fahrenheit to Celsius",
    inputSchema: z.object({ temperature: z.number().describe("Temperature in Fahrenheit") }),
    execute: async ({ temperature }) => ({ celsius: Math.round((temperature - 32) * (5 / 9)) }),
  }),
};
const calls = (steps) => steps.flatMap((step) => step.toolCalls.map((call) => [call.toolName, call.input]));
const seen = {};

seen.text = (await generateText({ model, prompt: "What is an agent?" })).text;

const recipe = z.object({
  name: z.string(),
  ingredients: z.array(z.object({ name: z.string(), amount: z.string() })),
  steps: z.array(z.string()),
});
seen.recipe = (
  await generateText({ model, output: Output.object({ schema: z.object({ recipe }) }), prompt: "Generate a lasagna recipe." })
).output.recipe;

const stream = streamText({
  model,
  prompt: "What is the weather in New York?",
  tools: { weather: tools.weather },
  stopWhen: isStepCount(5),
});
let streamed = "";
for await (const piece of stream.textStream) streamed += piece;
seen.streamed = { calls: calls(await stream.steps), said: streamed };

const agent = new ToolLoopAgent({ model, tools });
const result = await agent.generate({ prompt: "What is the weather in San Francisco in celsius?" });
seen.agent = { calls: calls(result.steps), said: result.text };

console.log(JSON.stringify(seen));
