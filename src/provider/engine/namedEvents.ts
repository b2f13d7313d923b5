/** Decides what the name of an event says, where the wire names events. */

/**
 * Gives the event of a named frame, or `undefined` if it does not belong to the response. Some servers write the type
 * of an event only as its name. Others send events of their own under other names, and text under the name of a
 * keep-alive.
 */
export const namedEvent = (json: object, name: string, typesEvents: boolean): object | undefined => {
  if (name === "message") return json
  if (typesEvents) return "type" in json ? json : { ...json, type: name }
  return contents.some((field) => field in json) ? json : undefined
}

/** The fields of a response in protocols that name no events. */
const contents = ["choices", "candidates", "error", "usage", "usageMetadata"] as const
