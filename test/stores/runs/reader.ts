/** A reader in a process of its own: reads a run from a position, and prints the position and the text of each chunk. */
import { createParser } from "eventsource-parser"

const [url = "", position = ""] = process.argv.slice(2)

const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)

const response = await fetch(url, { headers: position === "" ? {} : { "last-event-id": position } })
const parser = createParser({
  onEvent: ({ id, event, data }) => say(event === undefined ? [id, JSON.parse(data).content ?? ""] : event)
})
const decoder = new TextDecoder()
for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }))
