/** The model's own turn, as it must go back: https://ai.google.dev/gemini-api/docs/thought-signatures */
import { Schema } from "effect"
import { textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage } from "../../domain/Message.js"

/** Where a part stood: after so many characters of reasoning and content, and after so many calls. */
const position = () => Schema.Struct({ reasoning: Schema.Number, content: Schema.Number, toolCalls: Schema.Number })

/**
 * A part that must go back as it came. A signature belongs to one part, which may be neither split nor merged with
 * another; a part of another kind (code, an image, a tool of Google's own) is kept whole, as nothing else holds it.
 */
export const keptPart = () =>
  Schema.Union(
    Schema.Struct({
      kind: Schema.Literal("text", "thought"),
      at: position(),
      length: Schema.Number,
      signature: Schema.String
    }),
    Schema.Struct({ kind: Schema.Literal("call"), at: position(), signature: Schema.String }),
    Schema.Struct({ kind: Schema.Literal("other"), at: position(), part: Schema.Object })
  )

export type Position = Schema.Schema.Type<ReturnType<typeof position>>
export type KeptPart = Schema.Schema.Type<ReturnType<typeof keptPart>>

/** A call as it goes back, not yet signed. */
export interface CallPart {
  readonly functionCall: {
    readonly id?: string
    readonly name: string
    readonly args: { readonly [name: string]: unknown }
  }
  readonly thoughtSignature?: string
}

const areKept = (data: unknown): data is ReadonlyArray<KeptPart> => Schema.is(Schema.Array(keptPart()))(data)

const keptOf = (message: AssistantMessage, provider: string): ReadonlyArray<KeptPart> =>
  (message.providerData ?? []).flatMap(({ provider: giver, data }) => (giver === provider && areKept(data) ? data : []))

/**
 * Puts a turn together from its message: the kept parts each where it stood, text and calls between them. Thoughts go
 * back only where they are signed, as Gemini reads nothing of others. With `signs`, calls of which none is signed
 * (another provider's, say) get the value that Google gives for them, without which it refuses the conversation.
 */
export const partsOf = (
  message: AssistantMessage,
  calls: ReadonlyArray<CallPart>,
  provider: string,
  signs: boolean
): ReadonlyArray<unknown> => {
  const kept = keptOf(message, provider)
  const areSigned = kept.some((part) => part.kind === "call")
  const turn = new Turn(message, areSigned || !signs ? calls : withoutCheck(calls))
  for (const part of kept) turn.add(part)
  return turn.end()
}

const withoutCheck = (calls: ReadonlyArray<CallPart>): ReadonlyArray<CallPart> =>
  calls.map((call, index) => (index === 0 ? { ...call, thoughtSignature: "skip_thought_signature_validator" } : call))

/** A turn in the making; everything before its two positions has been written. */
class Turn {
  private readonly parts: Array<unknown> = []
  private readonly text: string
  private content = 0
  private call = 0

  constructor(
    private readonly message: AssistantMessage,
    private readonly calls: ReadonlyArray<CallPart>
  ) {
    this.text = textOf(message.content)
  }

  add(kept: KeptPart): void {
    this.advance(kept.at.content, kept.at.toolCalls)
    if (kept.kind === "other") this.parts.push(kept.part)
    else if (kept.kind === "call") this.addCall(kept.signature)
    else if (kept.kind === "text") {
      const text = this.text.slice(this.content, this.content + kept.length)
      this.content += text.length
      this.parts.push({ text, thoughtSignature: kept.signature })
    } else {
      const text = (this.message.reasoning ?? "").slice(kept.at.reasoning, kept.at.reasoning + kept.length)
      this.parts.push({ text, thought: true, thoughtSignature: kept.signature })
    }
  }

  end(): ReadonlyArray<unknown> {
    this.advance(this.text.length, this.calls.length)
    return this.parts
  }

  private addCall(signature: string): void {
    const call = this.calls[this.call]
    if (call === undefined) return
    this.parts.push({ ...call, thoughtSignature: signature })
    this.call++
  }

  private advance(content: number, call: number): void {
    if (content > this.content) {
      const text = this.text.slice(this.content, content)
      if (text !== "") this.parts.push({ text })
      this.content = content
    }
    if (call > this.call) this.parts.push(...this.calls.slice(this.call, call))
    this.call = Math.max(this.call, call)
  }
}
