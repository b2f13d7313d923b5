/**
 * Joins the arguments that Vertex streams in pieces, each at a JSON path:
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 */
import { maxJsonDepth } from "../../domain/JsonText.js"
import type { PartialArg } from "./schema.js"

type Path = ReadonlyArray<string | number>

/** The pieces of arguments, as a linked list from the last: adding one takes constant time. */
export interface Pieces {
  readonly piece: PartialArg
  readonly path: Path
  readonly before: Pieces | undefined
}

type Container = { [key: string]: unknown } | Array<unknown>

/** Adds a piece; `undefined` if its path has more levels than JSON may have. */
export const addPiece = (before: Pieces | undefined, piece: PartialArg): Pieces | undefined => {
  const path = pathOf(piece.jsonPath ?? "")
  return path === undefined ? undefined : { piece, path, before }
}

/** Writes the arguments of all pieces as JSON. */
export const joinPieces = (last: Pieces): string => {
  const pieces: Array<Pieces> = []
  for (let at: Pieces | undefined = last; at !== undefined; at = at.before) pieces.push(at)
  const root = newObject()
  for (const { path, piece } of pieces.reverse()) put(root, path, piece)
  return JSON.stringify(root)
}

// Without a prototype, so that `__proto__` in a path is an ordinary key.
const newObject = (): { [key: string]: unknown } => Object.create(null)

const step = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/g

/** Splits a JSON path such as `$.recipe.steps[0]['with space']`. */
const pathOf = (jsonPath: string): Path | undefined => {
  const path: Array<string | number> = []
  for (const [, name, index, single, double] of jsonPath.matchAll(step)) {
    // The arguments are one level themselves.
    if (path.length === maxJsonDepth - 1) return undefined
    path.push(index === undefined ? (name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1")) : Number(index))
  }
  return path
}

const put = (root: Container, path: Path, piece: PartialArg): void => {
  let container = root
  for (const [depth, at] of path.entries()) {
    const next = path[depth + 1]
    if (next === undefined) set(container, at, joined(get(container, at), piece))
    else {
      const current = get(container, at)
      const inner = isContainer(current) ? current : typeof next === "number" ? [] : newObject()
      if (inner !== current) set(container, at, inner)
      container = inner
    }
  }
}

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null

const get = (container: Container, at: string | number): unknown =>
  Array.isArray(container) ? container[Number(at)] : container[at]

const set = (container: Container, at: string | number, value: unknown): void => {
  if (!Array.isArray(container)) container[at] = value
  // Members arrive in order. A wrong index must not create a list of a billion members.
  else container[Math.min(Number(at) || 0, container.length)] = value
}

/** A string may itself arrive in pieces, the last of them empty. */
const joined = (current: unknown, piece: PartialArg): unknown => {
  if (piece.stringValue != null) return typeof current === "string" ? current + piece.stringValue : piece.stringValue
  return piece.numberValue ?? piece.boolValue ?? null
}
