/**
 * Tells the tool calls of chat completions apart. Servers number calls badly (every call 0, or the end of a call under
 * the next number), repeat, omit or delay ids and names, or send a call again at the end. A delta belongs to the call
 * that identifies it best: a new id with a name begins a call, then a new name with arguments after complete ones; the
 * index comes last. Arguments never go to a call whose arguments are complete.
 */
import type { ProviderMetadata } from "../domain/ContentPart.js"
import type { FinishReason } from "../domain/StreamChunk.js"
import { decodedArguments, isPlaceholderText, isQuoted, withoutRepetition } from "./argumentsText.js"
import { CallIds } from "./CallIds.js"
import { JsonProgress } from "./JsonProgress.js"
import { type CallVerdict, judgeNameless } from "./namelessCalls.js"
import type { PartWriter } from "./PartWriter.js"
import { TextDigest } from "./TextDigest.js"

/** A delta as the server sent it: `""` and `undefined` for what it left out. */
export interface WireDelta {
  readonly index: number | undefined
  readonly id: string
  readonly name: string
  readonly arguments: string
  readonly providerMetadata: ProviderMetadata | undefined
}

/** The calls of an event. */
export interface WireCalls {
  readonly deltas: ReadonlyArray<WireDelta>
  /** Whether each delta is a whole call, as in a non-streaming response. */
  readonly isWhole: boolean
  readonly finishReason: FinishReason | null
  /** Whether text has arrived. */
  readonly hasText: boolean
}

/** A call so far. It is output once its name is known, and its id or the second piece of its arguments. */
class Call {
  name: string
  id: string
  /** Its index in the output, once a chunk has opened it. */
  opened: { readonly index: number; readonly part: number } | undefined
  /** The arguments that no chunk carries yet. */
  held = ""
  pieces = 0
  /** Whether the arguments are `{}` or `null`, which some servers send before the real ones. */
  isPlaceholder = false
  /** Whether the arguments are a text that holds their JSON. */
  isQuoted = false
  /** Whether its name came again after its arguments: the next arguments are another call's. */
  isRestarted = false
  metadata: ProviderMetadata | undefined
  json = new JsonProgress()
  digest = new TextDigest()

  constructor(
    delta: WireDelta,
    readonly index: number | undefined,
    /** The event that named it. */
    public namedIn: number
  ) {
    this.name = delta.name
    this.id = delta.id
  }

  get isComplete(): boolean {
    return this.json.state === "complete"
  }

  append(delta: string): void {
    if (this.isPlaceholder && beginsObject(delta)) {
      this.held = ""
      this.json = new JsonProgress()
      this.digest = new TextDigest()
    }
    const isFirst = this.json.state === "empty"
    const text = isFirst ? withoutRepetition(delta) : this.restOf(delta)
    this.json.push(text)
    this.digest.push(text)
    this.held += text
    this.isPlaceholder = isFirst && isPlaceholderText(text)
    this.isQuoted ||= isFirst && isQuoted(text)
    if (!isBlank(text)) this.pieces++
  }

  /** Some servers send all of the arguments so far with every delta. No value goes on with a brace like that. */
  private restOf(delta: string): string {
    return (this.json.state === "open" && beginsObject(delta) && this.digest.restOf(delta)) || delta
  }

  /** Takes what may be output: not the beginning of arguments that later ones may replace or complete. */
  release(isForced: boolean): string {
    if (!isForced && (this.isPlaceholder || (this.isQuoted && !this.isComplete))) return ""
    const text = this.isPlaceholder || this.isQuoted ? decodedArguments(this.held) : this.held
    this.held = ""
    return text
  }
}

/** The tool calls of one response. Mutable, so that a delta costs the same however many calls came before. */
export class ToolCalls {
  /** How many calls have been output. */
  count = 0
  private readonly ids = new CallIds()
  private readonly order: Array<Call> = []
  private readonly byId = new Map<string, Call>()
  private readonly byIndex = new Map<number, Call>()
  /** The calls with something to output. */
  private readonly unsettled = new Set<Call>()
  private last: Call | undefined
  private events = 0
  private finishReason: FinishReason | null = null

  /** Whether an event without deltas may complete a call that is held back. */
  get isHolding(): boolean {
    return this.unsettled.size > 0
  }

  /** Whether any call has begun. */
  get hasBegun(): boolean {
    return this.order.length > 0
  }

  /** Reads the deltas of an event and writes what they complete. */
  read({ deltas, isWhole, finishReason, hasText }: WireCalls, writer: PartWriter): CallVerdict {
    this.events++
    this.finishReason ??= finishReason
    const isRepeat = this.order.length > 0
    for (const [position, delta] of deltas.entries()) {
      if (isWhole) this.readWhole(delta, isRepeat ? this.order[position] : undefined, writer)
      else this.readDelta(delta, finishReason !== null, writer)
    }
    if (this.finishReason === null) return "fine"
    for (const call of this.unsettled) this.settle(call, writer)
    return this.judge(this.finishReason, hasText)
  }

  private judge(reason: FinishReason, hasText: boolean): CallVerdict {
    if (this.unsettled.size === 0) return "fine"
    const hasArguments = Array.from(this.unsettled).some((call) => call.json.state !== "empty" && !call.isPlaceholder)
    this.unsettled.clear()
    return judgeNameless({ reason, hasText, count: this.count }, hasArguments)
  }

  /** A whole call: another one, or in an event that repeats all calls, the one at its position. */
  private readWhole(delta: WireDelta, known: Call | undefined, writer: PartWriter): void {
    if (known === undefined) {
      this.add(this.begin(delta, writer), delta, writer)
    } else if (known.json.state === "empty") this.add(known, delta, writer)
  }

  private readDelta(delta: WireDelta, isLast: boolean, writer: PartWriter): void {
    const found = this.find(delta)
    if (found !== undefined && this.isRepeat(found, delta, isLast)) return
    const call = found === undefined || this.isNext(found, delta) ? this.begin(delta, writer, found) : found
    this.add(call, delta, writer)
  }

  /** Finds the call that a delta belongs to, or whose number or id the next call reuses. */
  private find({ index, id, name, arguments: text }: WireDelta): Call | undefined {
    const known = id === "" ? undefined : this.byId.get(id)
    if (known !== undefined) return known
    const { last } = this
    const numbered = index === undefined ? last : this.byIndex.get(index)
    if (last === undefined || last === numbered) return numbered
    // No call begins inside an object: this goes on with the open call, whose number or id has changed.
    const isOther = numbered === undefined || numbered.isComplete
    const isLast = (name === "" || name === last.name) && (id === "" || last.id === "")
    const isInside = last.json.state === "open" && (last.json.isString || !beginsObject(text))
    if (isOther && isLast && isInside && !isBlank(text)) return last
    if (name !== "") return numbered
    // The end of the last call under another number, or its id.
    if (id === "") return !last.isComplete && (numbered === undefined || numbered.isComplete) ? last : numbered
    return numbered === undefined && last.id === "" && last.name !== "" && last.json.state === "empty" && text !== ""
      ? last
      : numbered
  }

  private isRepeat(call: Call, { id, name, arguments: text }: WireDelta, isLast: boolean): boolean {
    if (!call.isComplete || isBlank(text) || !call.digest.equals(text)) return false
    return (name === "" || name === call.name) && (id === "" ? isLast || name === "" : id === call.id)
  }

  /** Checks whether a delta begins another call, although its id or index is that of a known one. */
  private isNext(call: Call, delta: WireDelta): boolean {
    const { id, name, arguments: text } = delta
    const isAfter = call.isComplete && !isBlank(text)
    if (name !== "" && call.name !== "" && name !== call.name) return true
    if (id === "") {
      if (name !== "") return isAfter || (call.namedIn === this.events && call.name !== "")
      return isAfter && !call.isPlaceholder && (call.isRestarted || beginsObject(text))
    }
    if (call.id === "") return isAfter
    if (call.id === id) return isAfter ? name !== "" || this.isNewObject(call, text) : this.isElsewhere(call, delta)
    // Another id.
    if (name === "") return call.isComplete || (isBlank(text) && call.json.state === "empty")
    return call.json.state !== "open" || isBlank(text) || beginsObject(text)
  }

  private isNewObject(call: Call, text: string): boolean {
    return !call.isPlaceholder && beginsObject(text)
  }

  /** A call that shares its id with one that is still open. */
  private isElsewhere(call: Call, { index, name, arguments: text }: WireDelta): boolean {
    return (
      index !== undefined && index !== call.index && name !== "" && call.json.state === "open" && beginsObject(text)
    )
  }

  private begin(delta: WireDelta, writer: PartWriter, before?: Call): Call {
    if (this.last !== undefined) this.settle(this.last, writer)
    const name = delta.name === "" && before?.isRestarted === true ? before.name : delta.name
    const call = new Call({ ...delta, name }, delta.index, this.events)
    if (before !== undefined) before.isRestarted = false
    this.order.push(call)
    this.unsettled.add(call)
    return call
  }

  private add(call: Call, delta: WireDelta, writer: PartWriter): void {
    const { index, id, name, arguments: text, providerMetadata } = delta
    if (call.name === "" && name !== "") call.name = name
    if (name !== "") call.namedIn = this.events
    call.id ||= id
    if (id !== "") this.byId.set(id, call)
    if (index !== undefined) this.byIndex.set(index, call)
    this.last = call
    if (providerMetadata !== undefined) this.describe(call, providerMetadata, writer)
    if (isBlank(text) && call.isComplete) {
      if (name !== "") call.isRestarted = true
      return
    }
    call.append(text)
    this.write(call, writer, this.finishReason !== null)
  }

  private describe(call: Call, metadata: ProviderMetadata, writer: PartWriter): void {
    if (call.opened === undefined) call.metadata = metadata
    else writer.addMetadata({ index: call.opened.part, type: "tool-call", providerMetadata: metadata })
  }

  /** Writes what a call holds, if its name and id are known or need not be waited for. */
  private write(call: Call, writer: PartWriter, isForced: boolean): void {
    if (call.opened === undefined) {
      const isReady = call.id !== "" || call.pieces > 1 || (call.isComplete && !call.isPlaceholder)
      if (call.name === "" || !(isReady || isForced)) return
      const index = this.count++
      const text = call.release(isForced)
      const id = this.ids.take(call.id, index)
      const part = writer.addCall({ index, id, name: call.name, arguments: text }, call.metadata)
      call.opened = { index, part }
    } else {
      const text = call.release(isForced)
      if (text !== "") writer.continueCall({ index: call.opened.index, arguments: text })
    }
    if (call.held === "") this.unsettled.delete(call)
    else this.unsettled.add(call)
  }

  private settle(call: Call, writer: PartWriter): void {
    if (this.unsettled.has(call)) this.write(call, writer, true)
  }
}

const isBlank = (text: string): boolean => text === "" || text.trim() === ""

const beginsObject = (text: string): boolean => /^\s*\{/.test(text)
