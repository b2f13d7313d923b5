/** Continues background responses, which OpenAI keeps: https://platform.openai.com/docs/guides/background */
import type { Resumption } from "../Protocol.js"
import type { Event } from "./schema.js"

/** How a response of a request with `background: true` is continued. */
export const resumption: Resumption<Event> = {
  isKept: (body) => body["background"] === true,
  numberOf: (event) => event.sequence_number,
  eventsPath: (id, after) => withId(id, `?stream=true&starting_after=${after}`),
  cancelPath: (id) => withId(id, "/cancel")
}

/** The id comes from the provider, and must not lead to another path. */
const withId = (id: string, rest: string): string | undefined =>
  /^[\w-]+$/.test(id) ? `/responses/${id}${rest}` : undefined
