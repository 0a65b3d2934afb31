// The official tool runner in TypeScript: a tool with a zod schema, plain and streamed. Prints one JSON line.
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { z } from "zod";

const client = new Anthropic();
const model = "claude-sonnet-5-5";

const getWeather = betaZodTool({
  name: "get_weather",
  description: "Get the current weather in a given location",
  inputSchema: z.object({ location: z.string().describe("The city and state, e.g. San Francisco, CA") }),
  run: ({ location }) => `The weather in ${location} is foggy and 60°F`,
});
const sum = betaZodTool({
  name: "sum",
  description: "Adds two integers together.",
  inputSchema: z.object({ left: z.number().int(), right: z.number().int() }),
  run: ({ left, right }) => String(left + right),
});
const ask = (content, more = {}) => ({
  model,
  max_tokens: 1024,
  messages: [{ role: "user", content }],
  tools: [getWeather, sum],
  ...more,
});
const collect = (messages) => ({
  calls: messages.flatMap((message) =>
    message.content.filter((block) => block.type === "tool_use").map((block) => [block.name, block.input]),
  ),
  said: messages.at(-1).content.map((block) => block.text ?? "").join(""),
});
const seen = {};

const plain = [];
for await (const message of client.beta.messages.toolRunner(ask("What is the weather in SF?"))) plain.push(message);
seen.plain = collect(plain);

const streamed = [];
for await (const stream of client.beta.messages.toolRunner(ask("What is 9 + 10?", { stream: true })))
  streamed.push(await stream.finalMessage());
seen.streamed = collect(streamed);

console.log(JSON.stringify(seen));
