/** The calls of one answer: which blocks of the wire they are, and the arguments that each delta adds. */
import type { ToolCallDelta } from "../../domain/StreamChunk.js"
import type { Block } from "./schema.js"

/** The calls so far. */
export interface Calls {
  readonly count: number
  /** By the wire's index of the block, which is kept after its end as some gateways end it too early. */
  readonly blocks: ReadonlyMap<number, Call>
}

interface Call {
  readonly index: number
  /** The arguments with which the block started; they count only if no deltas follow. */
  readonly initial: string
}

type Index = number | null | undefined
type Read = readonly [Calls, ReadonlyArray<ToolCallDelta>]

/** No calls yet. */
export const none: Calls = { count: 0, blocks: new Map() }

const keyOf = (index: Index): number => index ?? -1

const withCall = (calls: Calls, key: number, call: Call): Calls => ({
  count: Math.max(calls.count, call.index + 1),
  blocks: new Map(calls.blocks).set(key, call)
})

/** A block begins that is a call. */
export const start = (calls: Calls, index: Index, block: Block): Read => {
  const at = calls.count
  const delta: ToolCallDelta = { index: at, id: block.id || `call_${at}`, name: block.name ?? "", arguments: "" }
  return [withCall(calls, keyOf(index), { index: at, initial: argumentsOf(block.input) }), [delta]]
}

/** A block begins that is no call, so that deltas to it are none of ours. */
export const otherBlock = (calls: Calls, index: Index): Calls => {
  if (!calls.blocks.has(keyOf(index))) return calls
  const blocks = new Map(calls.blocks)
  blocks.delete(keyOf(index))
  return { ...calls, blocks }
}

/** A block gets more JSON; that of tools which the provider calls itself shows nothing. */
export const append = (calls: Calls, index: Index, json: string): Read => {
  const call = calls.blocks.get(keyOf(index))
  if (call === undefined || json === "") return [calls, []]
  const next = call.initial === "" ? calls : withCall(calls, keyOf(index), { ...call, initial: "" })
  return [next, [{ index: call.index, arguments: json }]]
}

/** A block ends: the arguments with which it started are all there are. */
export const stop = (calls: Calls, index: Index): Read => {
  const call = calls.blocks.get(keyOf(index))
  return call === undefined ? [calls, []] : append(calls, index, call.initial)
}

/** The message ends, and with it every block. */
export const stopAll = (calls: Calls): Read =>
  Array.from(calls.blocks.keys()).reduce<Read>(
    ([before, deltas], key) => {
      const [after, more] = stop(before, key)
      return [after, [...deltas, ...more]]
    },
    [calls, []]
  )

const argumentsOf = (input: unknown): string => {
  if (typeof input === "string") return input
  if (typeof input !== "object" || input === null || Object.keys(input).length === 0) return ""
  return JSON.stringify(input)
}
