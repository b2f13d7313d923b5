/** Tracks the tool calls of a message: which block each delta belongs to, and which calls wait for their arguments. */
import type { FinishReason, ToolCallDelta } from "../../domain/StreamChunk.js"
import { isPlaceholderText } from "../argumentsText.js"
import { CallIds } from "../CallIds.js"
import { type CallVerdict, judgeNameless } from "../namelessCalls.js"
import type { Block } from "./schema.js"

interface Call {
  readonly id: string
  readonly name: string
  /** Its index in the output; `undefined` without a name. */
  readonly index: number | undefined
  /** The arguments in the start of the block; they count only if no deltas follow. */
  initial: string
  hasArguments: boolean
  isStopped: boolean
}

/** The wire's index of a block; some gateways leave it out. */
export type BlockIndex = number | null | undefined

const noDeltas: ReadonlyArray<ToolCallDelta> = []

/** The tool calls of one message. Mutable, so that a delta costs the same however many calls came before. */
export class Calls {
  /** How many calls have been output. */
  count = 0
  private readonly ids = new CallIds()
  /** By the block's index on the wire. Calls stay after their block ends, because some gateways end it too early. */
  private readonly blocks = new Map<number, Call | undefined>()
  private readonly byId = new Map<string, Call>()
  /** The calls whose initial arguments are not output yet, and those without a name. */
  private readonly waiting = new Set<Call>()
  private readonly nameless = new Set<Call>()
  /** The call of the last block, whose deltas some servers number differently. */
  private current: Call | undefined

  /** A block of another type starts: further deltas under its index do not belong to a call. */
  startOther(index: BlockIndex): ReadonlyArray<ToolCallDelta> {
    const deltas = this.flush(this.blocks.get(keyOf(index)))
    this.blocks.set(keyOf(index), undefined)
    this.current = undefined
    return deltas
  }

  /** A call starts. The flag says whether it opens a part: not if it has no name, or started before. */
  start(index: BlockIndex, block: Block): readonly [ReadonlyArray<ToolCallDelta>, boolean] {
    const name = block.name ?? ""
    const id = block.id ?? ""
    const known = id === "" ? undefined : this.byId.get(id)
    const repeats = known !== undefined && known.name === name && !known.hasArguments && !known.isStopped
    const before = repeats ? noDeltas : this.flush(this.blocks.get(keyOf(index)))
    const call = repeats ? known : this.add(id, name)
    call.initial = argumentsOf(block.input)
    if (call.initial !== "") this.waiting.add(call)
    this.blocks.set(keyOf(index), call)
    this.current = call
    if (repeats || call.index === undefined) return [before, false]
    const opening: ToolCallDelta = { index: call.index, id: this.ids.take(id, call.index), name, arguments: "" }
    return [[...before, opening], true]
  }

  private add(id: string, name: string): Call {
    const index = name === "" ? undefined : this.count++
    const call: Call = { id, name, index, initial: "", hasArguments: false, isStopped: false }
    if (id !== "") this.byId.set(id, call)
    if (name === "") this.nameless.add(call)
    return call
  }

  /** Appends arguments to a call. The JSON of tools that the provider runs itself is ignored. */
  append(index: BlockIndex, json: string): ReadonlyArray<ToolCallDelta> {
    const isKnown = this.blocks.has(keyOf(index))
    const call = isKnown ? this.blocks.get(keyOf(index)) : this.current?.isStopped === false ? this.current : undefined
    if (call === undefined || json === "") return noDeltas
    if (!call.hasArguments && isPlaceholderText(json)) {
      // Real arguments may follow.
      call.initial ||= json
      this.waiting.add(call)
      return noDeltas
    }
    this.waiting.delete(call)
    call.initial = ""
    call.hasArguments = true
    return call.index === undefined ? noDeltas : [{ index: call.index, arguments: json }]
  }

  /** A block ends: without deltas, its arguments are those in its start. */
  stop(index: BlockIndex): ReadonlyArray<ToolCallDelta> {
    const call = this.blocks.get(keyOf(index))
    if (call !== undefined) call.isStopped = true
    return this.flush(call)
  }

  /** The message ends, and with it every block. */
  stopAll(): ReadonlyArray<ToolCallDelta> {
    return this.waiting.size === 0 ? noDeltas : Array.from(this.waiting).flatMap((call) => this.flush(call))
  }

  /** Judges the calls without a name once the finish reason is known. */
  judge(reason: FinishReason, hasText: boolean): CallVerdict {
    if (this.nameless.size === 0) return "fine"
    const hasArguments = Array.from(this.nameless).some((call) => call.hasArguments)
    this.nameless.clear()
    return judgeNameless({ reason, hasText, count: this.count }, hasArguments)
  }

  private flush(call: Call | undefined): ReadonlyArray<ToolCallDelta> {
    if (call === undefined || !this.waiting.delete(call)) return noDeltas
    const { initial, index } = call
    call.initial = ""
    call.hasArguments = true
    return index === undefined ? noDeltas : [{ index, arguments: initial }]
  }
}

const keyOf = (index: BlockIndex): number => index ?? -1

const argumentsOf = (input: unknown): string => {
  if (typeof input === "string") return input
  if (typeof input !== "object" || input === null || Object.keys(input).length === 0) return ""
  return JSON.stringify(input)
}
