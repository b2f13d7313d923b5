/** Errors that a server writes as lines of a stream that are no event. */
import { describe, expect, it } from "vitest"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { reading } from "../support/read.js"

const problem = {
  code: 400,
  message: "the request exceeds the available context size, try increasing it",
  type: "exceed_context_size_error"
}

const readers = {
  chat: reading(OpenAIChat.make({ provider: "llamacpp", maxTokensField: "max_tokens" })),
  responses: reading(OpenAIResponses.make({ provider: "llamacpp" }))
}

describe.each(Object.entries(readers))("a stream of the protocol %s", (_, read) => {
  it.each([
    ["as a bare object", `${JSON.stringify(problem)}\n\n`],
    ["after error:", `error: ${JSON.stringify(problem)}\n\n`],
    ["after a comment and error:", `: waiting\n\nerror: ${JSON.stringify(problem)}\n\n`]
  ])("fails with the error of a line, before an end marker and at the end of the body: %s", (_, line) => {
    for (const end of ["", "data: [DONE]\n\n"]) {
      expect(read([line + end]).error).toMatchObject({ _tag: "ContextWindowExceededError" })
    }
  })
})
