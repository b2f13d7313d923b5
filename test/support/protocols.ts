/** Every protocol with its recorded streams, to be read without the network. */
import { readdirSync, readFileSync } from "node:fs"
import type { ProtocolName } from "llm-connectivity/testing"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { reading } from "./read.js"

/** Reads a stream of a protocol, network read by network read, to its clean end. */
export const readings: { readonly [Each in ProtocolName]: ReturnType<typeof reading> } = {
  "openai-chat": reading(OpenAIChat.make({ provider: "test", maxTokensField: "max_completion_tokens" })),
  "openai-responses": reading(OpenAIResponses.make({ provider: "test" })),
  "anthropic-messages": reading(AnthropicMessages.make({ provider: "test" })),
  "google-gemini": reading(GoogleGemini.make({ provider: "test" }))
}

export interface Fixture {
  readonly name: string
  readonly protocol: ProtocolName
  readonly bytes: Uint8Array
}

const protocolOf = (folder: string): ProtocolName => {
  const found = (["openai-chat", "openai-responses", "anthropic-messages", "google-gemini"] as const).find(
    (protocol) => protocol === folder
  )
  if (found === undefined) throw new Error(`no protocol is called ${folder}`)
  return found
}

const folder = new URL("../fixtures/", import.meta.url)

/** All streams in test/fixtures. */
export const fixtures: ReadonlyArray<Fixture> = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".sse"))
  .sort()
  .map((path) => ({
    name: path.replace(".sse", ""),
    protocol: protocolOf(path.split("/")[0] ?? ""),
    bytes: new Uint8Array(readFileSync(new URL(path, folder)))
  }))
