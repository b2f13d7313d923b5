/** For readers that cannot take back what they have given. */
import * as Effect from "effect/Effect"
import { NetworkError } from "../../domain/LLMError.js"
import { Read } from "../../domain/Read.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"

/**
 * Fails at `chunk.reset`, where the response starts again after the reader has given something of it; `hasGiven` says
 * whether it has. `reader` names the reader in the error.
 */
export const withoutReset = <E, R>(
  pull: Read<StreamChunk, E, R>,
  reader: string,
  hasGiven: () => boolean = () => true
): Read<StreamChunk, E | NetworkError, R> =>
  Read.map<StreamChunk, StreamChunk, E | NetworkError, R>(pull, {
    onElements: (chunks) =>
      chunks.some(({ reset }) => reset === true) && hasGiven() ? Effect.fail(startedAgain(reader)) : chunks,
    onFailure: Effect.failCause
  })

const startedAgain = (reader: string): NetworkError =>
  new NetworkError({
    provider: "",
    model: "",
    reason: "Truncated",
    message: `the answer was cut off and started again, and ${reader} cannot take back what came before; remove "reset" from recoverMidStream`
  })
