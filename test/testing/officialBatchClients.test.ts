/** The providers' own clients submit batches to the Simulator, and read their status and results. */
import Anthropic from "@anthropic-ai/sdk"
import { expect, it } from "@effect/vitest"
import { GoogleGenAI, JobState } from "@google/genai"
import { Effect } from "effect"
import { Simulator } from "llm-connectivity/testing"
import OpenAI, { toFile } from "openai"

const using = <Client, A>(make: (simulator: typeof Simulator.Service) => Client, use: (client: Client) => Promise<A>) =>
  Effect.flatMap(Simulator, (simulator) => Effect.promise(() => use(make(simulator)))).pipe(
    Effect.provide(Simulator.layer({ pace: 0, script: () => ({ content: "Hello." }), batches: { polls: 1 } }))
  )

const user = { role: "user" as const, content: "Hi" }

it.live("OpenAI's client", () =>
  using(
    ({ apiKey, baseUrls }) => new OpenAI({ apiKey, baseURL: baseUrls.openai, maxRetries: 0 }),
    async (client) => {
      const body = { model: "gpt-4o-mini", messages: [user] }
      const line = { custom_id: "a", method: "POST", url: "/v1/chat/completions", body }
      const file = await client.files.create({
        file: await toFile(Buffer.from(`${JSON.stringify(line)}\n`), "batch.jsonl"),
        purpose: "batch"
      })
      const { id } = await client.batches.create({
        input_file_id: file.id,
        endpoint: "/v1/chat/completions",
        completion_window: "24h"
      })
      expect((await client.batches.retrieve(id)).status).toBe("in_progress")
      const ended = await client.batches.retrieve(id)
      expect([ended.status, ended.request_counts]).toEqual(["completed", { total: 1, completed: 1, failed: 0 }])
      const content = await (await client.files.content(ended.output_file_id ?? "")).text()
      expect(JSON.parse(content)).toMatchObject({
        custom_id: "a",
        response: { status_code: 200, body: { choices: [{ message: { content: "Hello." } }] } }
      })
      const listed: Array<string> = []
      for await (const batch of client.batches.list()) listed.push(batch.id)
      expect(listed).toEqual([id])
      expect((await client.batches.cancel(id)).id).toBe(id)
    }
  )
)

it.live("Anthropic's client", () =>
  using(
    ({ apiKey, baseUrls }) => new Anthropic({ apiKey, baseURL: baseUrls.anthropic, maxRetries: 0 }),
    async (client) => {
      const params = { model: "claude-haiku-4-5", max_tokens: 10, messages: [user] }
      const { id } = await client.messages.batches.create({ requests: [{ custom_id: "a", params }] })
      expect((await client.messages.batches.retrieve(id)).processing_status).toBe("in_progress")
      expect((await client.messages.batches.retrieve(id)).processing_status).toBe("ended")
      const results: Array<unknown> = []
      for await (const result of await client.messages.batches.results(id)) results.push(result)
      expect(results).toMatchObject([
        { custom_id: "a", result: { type: "succeeded", message: { content: [{ text: "Hello." }] } } }
      ])
      const listed: Array<string> = []
      for await (const batch of client.messages.batches.list()) listed.push(batch.id)
      expect(listed).toEqual([id])
      expect((await client.messages.batches.cancel(id)).id).toBe(id)
    }
  )
)

it.live("Google's client, with requests inside the batch and in a file", () =>
  using(
    ({ apiKey, url }) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }),
    async (client) => {
      const request = { contents: [{ role: "user", parts: [{ text: "Hi" }] }] }
      const { name = "" } = await client.batches.create({ model: "gemini-2.5-flash", src: [request] })
      expect((await client.batches.get({ name })).state).toBe(JobState.JOB_STATE_PENDING)
      const ended = await client.batches.get({ name })
      expect(ended.state).toBe(JobState.JOB_STATE_SUCCEEDED)
      expect(ended.dest?.inlinedResponses?.[0]?.response?.candidates?.[0]?.content?.parts).toEqual([{ text: "Hello." }])

      const file = new Blob([`${JSON.stringify({ key: "a", request })}\n`], { type: "application/jsonl" })
      const uploaded = await client.files.upload({ file, config: { mimeType: "application/jsonl" } })
      const inFile = await client.batches.create({ model: "gemini-2.5-flash", src: uploaded.name ?? "" })
      await client.batches.get({ name: inFile.name ?? "" })
      const done = await client.batches.get({ name: inFile.name ?? "" })
      expect(done.dest?.fileName).toMatch(/^files\//)
      const listed: Array<unknown> = []
      for await (const batch of await client.batches.list()) listed.push(batch.name)
      expect(listed).toEqual([inFile.name, name])
      await client.batches.cancel({ name })
    }
  )
)
