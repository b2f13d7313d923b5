/** Says how a request differs from recorded ones: by paths, without values, which may be prompts. */
import { isObject } from "../../http/Json.js"
import type { RecordedRequest } from "./Exchange.js"

const maxDifferences = 20

/** The places at which two requests differ, such as `body.messages[1].content`; at most 20. */
export const differencesOf = (recorded: RecordedRequest, sent: RecordedRequest): ReadonlyArray<string> => {
  const found: Array<string> = []
  if (recorded.method !== sent.method) found.push(`method (recorded ${recorded.method}, sent ${sent.method})`)
  if (recorded.url !== sent.url) found.push(`url (recorded ${recorded.url}, sent ${sent.url})`)
  if (recorded.hash === sent.hash || found.length > 0) return found
  if (recorded.body === undefined) return ["body (the cassette was recorded without prompts)"]
  compare(recorded.body, sent.body, "body", found)
  return found.slice(0, maxDifferences)
}

// Recurses at most 256 levels, as deep as bodies are parsed.
const compare = (recorded: unknown, sent: unknown, path: string, found: Array<string>): void => {
  if (found.length >= maxDifferences || Object.is(recorded, sent)) return
  if (Array.isArray(recorded) && Array.isArray(sent)) {
    if (recorded.length !== sent.length) found.push(`${path} (recorded ${recorded.length} items, sent ${sent.length})`)
    for (let index = 0; index < Math.min(recorded.length, sent.length); index++) {
      compare(recorded[index], sent[index], `${path}[${index}]`, found)
    }
  } else if (isObject(recorded) && isObject(sent)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(sent)])) {
      const place = `${path}.${name}`
      if (!Object.hasOwn(sent, name)) found.push(`${place} (not sent)`)
      else if (!Object.hasOwn(recorded, name)) found.push(`${place} (not recorded)`)
      else compare(recorded[name], sent[name], place, found)
    }
  } else found.push(path)
}

/** The recorded request that differs least from one that was sent. */
export const nearest = (
  recorded: ReadonlyArray<RecordedRequest>,
  sent: RecordedRequest
): ReadonlyArray<string> | undefined => {
  const all = recorded.map((each) => ({ each, differences: differencesOf(each, sent) }))
  const rank = ({ each, differences }: (typeof all)[number]): number =>
    (each.url === sent.url ? 0 : 1000) + (each.method === sent.method ? 0 : 1000) + differences.length
  return all.sort((one, other) => rank(one) - rank(other))[0]?.differences
}
