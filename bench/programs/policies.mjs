/** Reads responses from memory through one set of policies, and sends the CPU per read in microseconds. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { collect, LLMClient, Provider } from "../../dist/index.js"
import { policySets, policyState } from "../contestants/policies.mjs"
import { median } from "../harness/statistics.mjs"

const [set] = process.argv.slice(2)

const reads = 5_000
const warmUps = 12
const rounds = 16

const chunk = (content, finishReason, usage) => ({
  content,
  reasoning: "",
  toolCalls: [],
  finishReason,
  usage,
  rawChunk: null
})

const usage = {
  inputTokens: 3,
  outputTokens: 3,
  totalTokens: 6,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}

const last = { ...chunk("", "stop", usage), origin: { provider: "openai", model: "gpt-4o-mini" } }

/** A provider whose every read gives one chunk in the next microtask. */
const memory = Provider.make({
  name: "openai",
  open: () =>
    Effect.sync(() => {
      let read = 0
      const next = () => {
        read++
        return read <= reads ? [chunk(" word", null, null)] : read === reads + 1 ? [last] : []
      }
      return Effect.async((resume) => queueMicrotask(() => resume(Effect.succeed(next()))))
    })
})

class Memory extends Context.Tag("Memory")() {}

const provided = Layer.merge(Layer.succeed(Memory, memory), policyState)

const runtime = ManagedRuntime.make(
  set === "none"
    ? provided
    : LLMClient.fromProvider(Memory, { model: "gpt-4o-mini", ...policySets[set] }).pipe(Layer.provideMerge(provided))
)

const read = async () => {
  const request = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }], maxTokens: 10_000 }
  const stream = set === "none" ? memory.chatStream(request) : LLMClient.chatStream(request)
  const before = process.cpuUsage()
  const { content } = await runtime.runPromise(collect(stream))
  const { user, system } = process.cpuUsage(before)
  if (content.length !== reads * " word".length) throw new Error(`read ${content.length} characters`)
  return (user + system) / reads
}

for (let time = 0; time < warmUps; time++) await read()
const samples = []
for (let time = 0; time < rounds; time++) samples.push(await read())
process.send(median(samples))
process.exit()
