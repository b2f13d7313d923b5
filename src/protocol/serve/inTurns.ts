/** Orders what several parallel parts stream: one part after the other, or in turns. */

/**
 * The events of several parts. Each part opens, grows and may close; in turns, all open first, then each grows by one
 * event at a time, and all close at the end.
 */
export const inTurns = <Event>(
  openings: ReadonlyArray<ReadonlyArray<Event>>,
  growth: ReadonlyArray<ReadonlyArray<Event>>,
  isInterleaved: boolean,
  closings: ReadonlyArray<ReadonlyArray<Event>> = []
): ReadonlyArray<Event> => {
  if (!isInterleaved) {
    return openings.flatMap((opening, index) => [...opening, ...(growth[index] ?? []), ...(closings[index] ?? [])])
  }
  const longest = Math.max(0, ...growth.map((events) => events.length))
  const turns = Array.from({ length: longest }, (_, turn) => growth.flatMap((events) => events.slice(turn, turn + 1)))
  return [...openings.flat(), ...turns.flat(), ...closings.flat()]
}
