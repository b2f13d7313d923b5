/** The prompts of a batch, as they are stored. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ChatRequest } from "../../../domain/ChatRequest.js"
import { Message } from "../../../domain/Message.js"
import { sha256 } from "../../../http/sha256.js"

/** A prompt of a batch: the text of the user, a conversation, or a conversation for a model of its own. */
export type BatchPrompt = string | ReadonlyArray<Message> | Pick<ChatRequest, "messages" | "model">

/** The schema of a prompt as it is stored. */
export const StoredPrompt = Schema.Struct({ messages: Schema.Array(Message), model: Schema.optional(Schema.String) })

/** A prompt as it is stored. */
export type StoredPrompt = typeof StoredPrompt.Type

/** Converts any form of a prompt to the stored one. */
export const storedPrompt = (prompt: BatchPrompt): StoredPrompt => {
  if (typeof prompt === "string") return { messages: [{ role: "user", content: prompt }] }
  return "messages" in prompt
    ? { messages: prompt.messages, ...(prompt.model === undefined ? {} : { model: prompt.model }) }
    : { messages: prompt }
}

// The limits of a page in prompts and in UTF-16 code units, so that no stored value is large. A longer prompt is a page of
// its own.
const maxPrompts = 100
const maxLength = 1_000_000

/** All prompts of a batch, in pages of JSON. */
export interface PromptPages {
  readonly pages: ReadonlyArray<string>
  /** Identifies the prompts and their order. */
  readonly digest: string
}

const encode = Schema.encode(Schema.parseJson(StoredPrompt))
const decodePage = Schema.decode(Schema.parseJson(Schema.Array(StoredPrompt)))

/** Encodes the prompts of a batch. */
export const promptPages = (prompts: ReadonlyArray<BatchPrompt>): Effect.Effect<PromptPages> =>
  Effect.gen(function* () {
    const pages: Array<string> = []
    let page: Array<string> = []
    let length = 0
    const close = () => {
      if (page.length > 0) pages.push(`[${page.join(",")}]`)
      page = []
      length = 0
    }
    for (const prompt of prompts) {
      // A value that is not a message is a defect, as it is in the payload of a workflow.
      const text = yield* Effect.orDie(encode(storedPrompt(prompt)))
      if (page.length === maxPrompts || length + text.length > maxLength) close()
      page.push(text)
      length += text.length
    }
    close()
    const hashes = yield* Effect.forEach(pages, sha256)
    return { pages, digest: yield* sha256(hashes.join("\n")) }
  })

/** The prompts of a page. */
export const promptsOf = (page: string): Effect.Effect<ReadonlyArray<StoredPrompt>> => Effect.orDie(decodePage(page))
