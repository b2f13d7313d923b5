/**
 * Remembers what providers want back with turns that called tools, such as signatures of reasoning: making a prompt of
 * an answer (`Prompt.fromResponseParts`, and so `Chat`) drops the metadata that carries it.
 */
import { textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, ProviderData } from "../../domain/Message.js"

interface Turn {
  readonly text: string
  readonly providerData: ReadonlyArray<ProviderData>
}

/** The last turns, by the ids of their calls. */
export class TurnMemory {
  private readonly turns = new Map<string, Turn>()

  constructor(private readonly size: number) {}

  /** Keeps what comes with a turn, and forgets the oldest beyond the size. */
  keep(message: AssistantMessage): void {
    const key = keyOf(message)
    if (key === "" || message.providerData === undefined) return
    this.turns.delete(key)
    this.turns.set(key, { text: textsOf(message), providerData: message.providerData })
    const [oldest] = this.turns.size > this.size ? this.turns.keys() : []
    if (oldest !== undefined) this.turns.delete(oldest)
  }

  /** Gives a turn what came with it, unless it has something already or is no longer as it was. */
  recall(message: AssistantMessage): AssistantMessage {
    if (message.providerData !== undefined) return message
    const turn = this.turns.get(keyOf(message))
    return turn === undefined || turn.text !== textsOf(message)
      ? message
      : { ...message, providerData: turn.providerData }
  }
}

const keyOf = (message: AssistantMessage): string => (message.toolCalls ?? []).map((call) => call.id).join("\n")

// Places in a turn are counted in characters.
const textsOf = (message: AssistantMessage): string => `${message.reasoning ?? ""}\n${textOf(message.content)}`
