// The official TypeScript SDK against the simulator: prints one JSON line of what each step saw.
import Anthropic, { toFile } from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: process.env.SIM_URL, apiKey: process.env.SIM_KEY, maxRetries: 2 });
const model = "claude-haiku-4-5";
const seen = {};
const ask = (content, more = {}) => ({ model, max_tokens: 300, messages: [{ role: "user", content }], ...more });

seen.plain = (await client.messages.create(ask("Reply with exactly: hello"))).content[0].text;

const stream = client.messages.stream(ask("Count to 20"));
let text = "";
stream.on("text", (piece) => (text += piece));
const final = await stream.finalMessage();
seen.streamed = [text, final.stop_reason];

const tools = [
  { name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
];
const first = await client.messages.create(ask("What is the weather in Oslo?", { tools }));
const call = first.content.find((block) => block.type === "tool_use");
const second = await client.messages.create({
  ...ask("", { tools }),
  messages: [
    { role: "user", content: "What is the weather in Oslo?" },
    { role: "assistant", content: first.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "snow" }] },
  ],
});
seen.tool = [call.input, second.content[0].text];

seen.retried = (await client.messages.create(ask("Reply with exactly: again"), {
  headers: { "x-sim-fault": "529; times=1; retry_after_ms=1" },
})).content[0].text;

try {
  await client.messages.create(ask("x", { model: "claude-nope" }));
} catch (error) {
  seen.refused = [error.constructor.name, error.status, typeof error.requestID];
}

const file = await client.files.upload({ file: await toFile(Buffer.from("notes"), "notes.txt", { type: "text/plain" }) });
seen.file = [file.filename, file.size_bytes];

const batch = await client.messages.batches.create({ requests: [{ custom_id: "a", params: ask("Hello") }] });
seen.batch = batch.processing_status;

const models = [];
for await (const each of client.models.list({ limit: 4 })) models.push(each.id);
seen.models = models.length;
seen.counted = (await client.messages.countTokens({ model, messages: [{ role: "user", content: "Hello" }] })).input_tokens;

console.log(JSON.stringify(seen));
