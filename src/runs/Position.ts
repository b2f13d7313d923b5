/** Positions in a run: which producer wrote an entry, and which of its entries it is. Readers continue from one. */

/** The position of an entry. A later epoch is after every sequence of an earlier one. */
export interface Position {
  /** Counts the producers of a run, from 1. Whoever ends a run for a dead producer begins a new epoch. */
  readonly epoch: number
  /** Counts the entries of one producer, from 1. */
  readonly sequence: number
}

/** Where a reader continues: after an entry, or after the first chunks of the entry that follows it. */
export interface ReadPosition extends Position {
  /** How many chunks of the following entry were read; 0 by default. */
  readonly chunks: number
}

/** Before the first entry. */
export const beginning: ReadPosition = { epoch: 0, sequence: 0, chunks: 0 }

/** Writes a position as `epoch-sequence`, which is also the form of an id in a Redis stream. */
export const formatPosition = ({ epoch, sequence }: Position): string => `${epoch}-${sequence}`

/** Writes the position inside an entry: `1-57.2` is after the first two chunks of entry `1-57`. */
export const formatInside = (entry: Position, chunks: number): string => `${formatPosition(entry)}.${chunks}`

/** Reads a position, `1-57` or `1-57.2`; `undefined` for other texts. */
export const parsePosition = (text: string): ReadPosition | undefined => {
  const [, epoch, sequence, chunks] = /^(\d{1,9})-(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  if (epoch === undefined || sequence === undefined) return undefined
  const position = { epoch: Number(epoch), sequence: Number(sequence), chunks: Number(chunks ?? 0) }
  return chunks === undefined ? position : before(position)
}

// The entry itself has to be read again, without its first chunks.
const before = (position: ReadPosition): ReadPosition => ({
  ...position,
  sequence: Math.max(position.sequence - 1, 0)
})

/** Checks whether a position comes after another. */
export const isAfter = (position: Position, other: Position): boolean =>
  position.epoch === other.epoch ? position.sequence > other.sequence : position.epoch > other.epoch
