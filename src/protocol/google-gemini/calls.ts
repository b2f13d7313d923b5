/** One function call: its id, which Gemini may leave out, and its arguments, which Vertex may send in pieces. */
import type { PartialArg } from "./schema.js"

/** The id of a call to which Gemini gave none. */
export const makeId = (index: number): string => `call_${index}`

/** Says whether an id is one of ours, which means nothing to Gemini. */
export const isMadeId = (id: string): boolean => /^call_\d+$/.test(id)

/** Writes whole arguments as the text that a tool call carries. */
export const toText = (args: unknown): string => (typeof args === "string" ? args : JSON.stringify(args ?? {}))

/** The pieces so far, the last one first: adding one costs the same however many there are. */
export interface Pieces {
  readonly piece: PartialArg
  readonly before: Pieces | undefined
}

type Container = { [key: string]: unknown } | Array<unknown>

/** Puts pieces together: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling */
export const assemble = (last: Pieces): string => {
  const pieces: Array<PartialArg> = []
  for (let at: Pieces | undefined = last; at !== undefined; at = at.before) pieces.push(at.piece)
  const root = newObject()
  for (const piece of pieces.reverse()) put(root, pathOf(piece.jsonPath ?? ""), piece)
  return JSON.stringify(root)
}

// Without a prototype, so that a path through `__proto__` is a key like any other.
const newObject = (): { [key: string]: unknown } => Object.create(null)

/** Takes a JSON path such as `$.recipe.steps[0]['with space']` apart. */
const pathOf = (jsonPath: string): ReadonlyArray<string | number> =>
  Array.from(
    jsonPath.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/g),
    ([, name, index, single, double]) =>
      index === undefined ? (name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1")) : Number(index)
  )

const put = (root: Container, path: ReadonlyArray<string | number>, piece: PartialArg): void => {
  let container = root
  for (const [depth, step] of path.entries()) {
    const next = path[depth + 1]
    if (next === undefined) set(container, step, joined(get(container, step), piece))
    else {
      const known = get(container, step)
      const inner = isContainer(known) ? known : typeof next === "number" ? [] : newObject()
      if (inner !== known) set(container, step, inner)
      container = inner
    }
  }
}

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null

const get = (container: Container, step: string | number): unknown =>
  Array.isArray(container) ? container[Number(step)] : container[step]

const set = (container: Container, step: string | number, value: unknown): void => {
  if (!Array.isArray(container)) container[step] = value
  // Members come in order; a wild index must not make a list of a billion.
  else container[Math.min(Number(step) || 0, container.length)] = value
}

/** A text may itself come in pieces, the last of them empty. */
const joined = (known: unknown, piece: PartialArg): unknown => {
  if (piece.stringValue != null) return typeof known === "string" ? known + piece.stringValue : piece.stringValue
  return piece.numberValue ?? piece.boolValue ?? null
}
