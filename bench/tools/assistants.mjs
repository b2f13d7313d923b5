/** The same assistant, with one tool, in this library and in the AI SDK, each as its documentation shows. */
import { createOpenAI } from "@ai-sdk/openai"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { generateText, isStepCount, streamText, tool } from "ai"
import { Cause, Effect, Exit, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import { z } from "zod"
import { LLMClient, OpenAI } from "../../dist/index.js"
import { ApprovalStore, Approvals, Tool, ToolLoop } from "../../dist/tools/index.js"

/**
 * @typedef {object} Conversation A loop that waits for an approval.
 * @property {(change?: (json: string) => string) => Promise<void>} approve Approves what was asked for, after a change of
 *   what the client sends. Rejects if that is refused.
 *
 * @typedef {object} Assistant
 * @property {(limited?: boolean) => Promise<string>} ask Resolves with the text when the stream ends, rejects when it fails.
 * @property {() => Promise<Conversation>} askForApproval
 *
 * @typedef {object} Setting
 * @property {{ openai: string }} baseUrls
 * @property {string} apiKey
 * @property {(args: { city: string }, id: string) => Promise<string>} execute What the tool does.
 */

const description = "Returns the weather of a city"
const messages = [{ role: "user", content: "What is the weather in Lisbon?" }]
/** Signs approvals. */
export const secret = "a secret of the server of 32 bytes"

/** @param {Setting} setting @returns {Assistant} */
export const ours = ({ baseUrls, apiKey, execute }) => {
  const weather = (needsApproval) =>
    Tool.make("weather", {
      description,
      parameters: { city: Schema.String },
      needsApproval,
      execute: (args, { id }) => Effect.tryPromise({ try: () => execute(args, id), catch: (error) => error })
    })
  const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini" }).pipe(
    Layer.provide(OpenAI.layer({ apiKey: Redacted.make(apiKey), baseUrl: baseUrls.openai })),
    Layer.provide(FetchHttpClient.layer)
  )
  const approvals = Approvals.layer({ secret: Redacted.make(secret), store: ApprovalStore.memory })
  const runtime = ManagedRuntime.make(Layer.merge(client, approvals))
  const run = async (effect) => {
    const exit = await runtime.runPromiseExit(effect)
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    return exit.value
  }
  return {
    ask: () => run(ToolLoop.run({ messages }, { tools: [weather(false)] })).then(({ content }) => content),
    askForApproval: async () => {
      const tools = [weather(true)]
      const { messages: asked, pendingApprovals } = await run(ToolLoop.run({ messages }, { tools }))
      const approvals = pendingApprovals.map((approval) => ({ approval, decision: "approve" }))
      const sent = JSON.stringify({ messages: asked, approvals })
      return {
        approve: async (change = (json) => json) => {
          const { messages, approvals } = JSON.parse(change(sent))
          await run(ToolLoop.run({ messages }, { tools, resume: { approvals } }))
        }
      }
    }
  }
}

/** @param {Setting & { secret?: string }} setting @returns {Assistant} */
export const theirs = ({ baseUrls, apiKey, execute, secret }) => {
  const model = createOpenAI({ apiKey, baseURL: baseUrls.openai }).chat("gpt-4o-mini")
  const weather = tool({
    description,
    inputSchema: z.object({ city: z.string() }),
    execute: (args, { toolCallId }) => execute(args, toolCallId)
  })
  const stopWhen = isStepCount(8)
  const asking = {
    model,
    tools: { weather },
    toolApproval: { weather: "user-approval" },
    stopWhen,
    ...(secret === undefined ? {} : { experimental_toolApprovalSecret: secret })
  }
  return {
    ask: async (limited = true) => {
      let answer = ""
      const { textStream } = streamText({ model, messages, tools: { weather }, ...(limited ? { stopWhen } : {}) })
      for await (const text of textStream) answer += text
      return answer
    },
    askForApproval: async () => {
      const { content, response } = await generateText({ ...asking, messages })
      const approvals = content.filter(({ type }) => type === "tool-approval-request")
      const answers = approvals.map(({ approvalId }) => ({
        type: "tool-approval-response",
        approvalId,
        approved: true
      }))
      const sent = JSON.stringify([...messages, ...response.messages, { role: "tool", content: answers }])
      return {
        approve: async (change = (json) => json) => {
          await generateText({ ...asking, messages: JSON.parse(change(sent)) })
        }
      }
    }
  }
}
