/** Checks the vectors of a response: one per text, in order, of equal length, and all numbers finite. */
import * as Either from "effect/Either"

type Vector = ReadonlyArray<number>

/** A vector and the position of its text. */
export interface IndexedVector {
  readonly index: number
  readonly vector: Vector
}

/** Orders the vectors by their texts, or says what is wrong with them. */
export const orderVectors = (
  vectors: ReadonlyArray<IndexedVector>,
  count: number
): Either.Either<ReadonlyArray<Vector>, string> => {
  if (vectors.length !== count) return Either.left(`it has ${vectors.length} vectors for ${count} texts`)
  const ordered = new Map<number, Vector>()
  for (const { index, vector } of vectors) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      return Either.left(`a vector has the index ${index}, for ${count} texts`)
    }
    if (ordered.has(index)) return Either.left(`two vectors have the index ${index}`)
    ordered.set(index, vector)
  }
  return checkVectors(Array.from({ length: count }, (_, index) => ordered.get(index) ?? []))
}

const checkVectors = (vectors: ReadonlyArray<Vector>): Either.Either<ReadonlyArray<Vector>, string> => {
  const length = vectors[0]?.length ?? 0
  if (vectors.some((vector) => vector.length === 0)) return Either.left("a vector is empty")
  if (vectors.some((vector) => vector.length !== length)) return Either.left("its vectors have different lengths")
  // `JSON.parse` reads 1e400 as Infinity.
  return vectors.every((vector) => vector.every(Number.isFinite))
    ? Either.right(vectors)
    : Either.left("a vector has a number that is not finite")
}

/** Decodes a vector in base64: 32-bit floats, little-endian. `undefined` if the text is something else. */
export const decodeBase64Vector = (text: string): Vector | undefined =>
  Either.getOrUndefined(
    Either.try(() => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0))).pipe(
      Either.filterOrLeft(
        ({ length }) => length % 4 === 0,
        () => undefined
      ),
      Either.map((bytes) => {
        const view = new DataView(bytes.buffer)
        return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(at * 4, true))
      })
    )
  )
