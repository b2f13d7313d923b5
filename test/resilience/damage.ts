/** Damages streams at random, the same way for the same seed, and checks what no stream may do. */
import { Effect, Schema } from "effect"
import { LLMError, StreamChunk } from "llm-connectivity"
import { clients, protocols, reached } from "../support/contract.js"
import { type Fixture, fixtures, readings } from "../support/protocols.js"
import type { Reading } from "../support/read.js"
import { serve, sse } from "../support/server.js"
import { type End, readStream } from "./ask.js"
import type { ClientName } from "./faults.js"

/** Random numbers that a seed decides (mulberry32). */
export class Dice {
  constructor(private seed: number) {}

  /** A whole number from 0 up to, but not including, a limit. */
  below(limit: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<A>(values: readonly [A, ...ReadonlyArray<A>]): A {
    return values[this.below(values.length)] ?? values[0]
  }
}

type Damage = (bytes: Buffer, dice: Dice) => Buffer

const spot = (bytes: Buffer, dice: Dice): number => dice.below(bytes.length + 1)

const replaced = (bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])

const range = (bytes: Buffer, dice: Dice): readonly [number, number] => {
  const from = spot(bytes, dice)
  return [from, Math.min(bytes.length, from + dice.below(200))]
}

const randomBytes = (dice: Dice): Buffer => Buffer.from(Array.from({ length: dice.below(40) }, () => dice.below(256)))

/** Changes the events of a stream, as text. */
const withEvents =
  (change: (events: Array<string>, dice: Dice) => void): Damage =>
  (bytes, dice) => {
    const events = bytes.toString("utf8").split("\n\n")
    change(events, dice)
    return Buffer.from(events.join("\n\n"))
  }

const junk = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  "\u0000\u001b[2J\ud800",
  [],
  {},
  [null],
  [[[[[]]]]],
  { type: "text" },
  { __proto__: null, constructor: 1 },
  "error",
  "tool_calls",
  4.5,
  "x".repeat(3000)
] as const

/** Every object and list inside, with the value itself. */
const insides = (value: unknown): ReadonlyArray<object> =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(insides)] : []

/** Puts something else where a field of an event was, deletes it, or adds one. */
const misshape = withEvents((events, dice) => {
  const at = dice.below(events.length)
  const [, before = "", json = ""] = /^([\s\S]*?data: ?)(\{.*)$/m.exec(events[at] ?? "") ?? []
  try {
    const event: unknown = JSON.parse(json)
    const [first, ...others] = insides(event)
    if (first === undefined) return
    const inside = dice.pick([first, ...others])
    const keys = Object.keys(inside)
    const key = keys[dice.below(keys.length)] ?? "0"
    const deed = dice.below(10)
    if (deed === 0) Reflect.deleteProperty(inside, key)
    else if (deed === 1)
      Reflect.set(inside, dice.pick(["index", "type", "error", "length", "0", "item"]), dice.pick(junk))
    else if (deed === 2 && Array.isArray(inside)) inside.push(dice.pick(junk), ...inside)
    else Reflect.set(inside, key, dice.pick(junk))
    events[at] = `${before}${JSON.stringify(event)}`
  } catch {
    // It had been damaged before so that it is no JSON any more.
  }
})

const damages: readonly [Damage, ...ReadonlyArray<Damage>] = [
  misshape,
  misshape,
  misshape,
  (bytes, dice) => replaced(bytes, ...twice(spot(bytes, dice)), randomBytes(dice)),
  (bytes, dice) => replaced(bytes, ...range(bytes, dice), Buffer.alloc(0)),
  (bytes, dice) => replaced(bytes, ...range(bytes, dice), randomBytes(dice)),
  (bytes, dice) => replaced(bytes, ...twice(spot(bytes, dice)), bytes.subarray(...range(bytes, dice))),
  (bytes, dice) => bytes.subarray(0, spot(bytes, dice)),
  (bytes) => Buffer.from(bytes.toString("latin1").replace(/\n/g, "\r\n"), "latin1"),
  (bytes) => Buffer.from(bytes.toString("latin1").replace(/\n/g, "\r"), "latin1"),
  withEvents((events, dice) => void events.splice(dice.below(events.length), 1)),
  withEvents((events, dice) => {
    const [event = ""] = events.slice(dice.below(events.length))
    events.splice(dice.below(events.length), 0, event)
  }),
  withEvents((events, dice) => {
    const other = fixtures[dice.below(fixtures.length)]?.bytes ?? new Uint8Array()
    const [event = ""] = Buffer.from(other).toString("utf8").split("\n\n").slice(dice.below(4))
    events.splice(dice.below(events.length), 0, event)
  })
]

const twice = (at: number): readonly [number, number] => [at, at]

/** One stream that has been damaged. */
export interface Damaged {
  readonly protocol: Fixture["protocol"]
  /** As the network cuts it. */
  readonly reads: ReadonlyArray<Uint8Array>
}

/** The damaged stream of a seed. */
const damaged = (seed: number): Damaged => {
  const dice = new Dice(seed)
  const [first, ...others] = fixtures
  if (first === undefined) throw new Error("there are no fixtures")
  const { protocol, bytes } = dice.pick([first, ...others])
  let result: Buffer = Buffer.from(bytes)
  for (let left = 1 + dice.below(3); left > 0; left--) result = dice.pick(damages)(result, dice)
  const reads: Array<Uint8Array> = []
  for (let at = 0; at < result.length; ) {
    const size = 1 + dice.below(dice.pick([4, 100, 1000, 10_000]))
    reads.push(result.subarray(at, at + size))
    at += size
  }
  return { protocol, reads }
}

const isChunk = Schema.is(StreamChunk)
const isError = Schema.is(LLMError.schema)

/** The text of all chunks, part by part: a provider may go back to an earlier part. */
const textByPart = (chunks: ReadonlyArray<StreamChunk>): string => {
  const texts = new Map<number, string>()
  let open = -1
  for (const { part, content } of chunks) {
    open = part?.index ?? open
    texts.set(open, (texts.get(open) ?? "") + content)
  }
  return [...texts.values()].join("")
}

/** What a reading does that none may; nothing, that is. */
const wrongs = ({ chunks, error, response, partial }: Reading): ReadonlyArray<string> => {
  const finishes = chunks.filter((chunk) => chunk.finishReason !== null)
  const rules: ReadonlyArray<readonly [string, boolean]> = [
    ["it is neither complete nor failed, or both", (response === undefined) === (error === undefined)],
    ["its failure is none of ours", error !== undefined && !isError(error)],
    ["its failure is no line of reasonable length", error !== undefined && !/^[^\n]{10,800}$/.test(error.message)],
    ["it finishes more than once or although it failed", finishes.length !== (error === undefined ? 1 : 0)],
    ["it does not finish with its last chunk", error === undefined && chunks.at(-1)?.finishReason === null],
    ["one of its chunks is none", !chunks.every((chunk) => isChunk(chunk))],
    ["its answer is not the sum of its chunks", partial.content !== textByPart(chunks)]
  ]
  return rules.flatMap(([what, isWrong]) => (isWrong ? [what] : []))
}

/** Reads the damaged streams of some seeds, and tells how many ended how. */
export const readDamaged = (from: number, count: number) => {
  const ends: Record<string, number> = {}
  const problems: Array<string> = []
  for (let seed = from; seed < from + count; seed++) {
    const { protocol, reads } = damaged(seed)
    try {
      const reading = readings[protocol](reads)
      const end = reading.error === undefined ? "complete" : reading.error._tag
      ends[end] = (ends[end] ?? 0) + 1
      for (const what of wrongs(reading)) problems.push(`seed ${seed} (${protocol}): ${what}`)
    } catch (cause) {
      problems.push(`seed ${seed} (${protocol}): it throws ${cause}`)
    }
  }
  return { ends, problems }
}

const named = (end: End | undefined): string => (typeof end === "object" ? end._tag : (end ?? "complete"))

/** Reads damaged streams over HTTP; tells which end otherwise than in memory. */
export const damagedOverHttp = (client: ClientName, from: number, count: number) =>
  Effect.gen(function* () {
    const server = yield* serve((response, { url }) => {
      sse(response, ...damaged(Number(url.split("/")[1])).reads).end()
    })
    const problems: Array<string> = []
    const readOne = (seed: number) =>
      Effect.gen(function* () {
        const { protocol, reads } = damaged(seed)
        const { error, partial } = readings[protocol](reads)
        const layer = protocols[protocol].client(reached(`${server.url}/${seed}`), { http: clients[client] })
        const seen = yield* Effect.provide(readStream(), layer)
        if (named(seen.end) !== named(error) || seen.text !== partial.content) {
          problems.push(`seed ${seed} (${protocol}): ${named(seen.end)} instead of ${named(error)}`)
        }
      })
    yield* Effect.forEach(
      Array.from({ length: count }, (_, index) => from + index),
      readOne,
      { concurrency: 8, discard: true }
    )
    return problems
  }).pipe(Effect.scoped)
