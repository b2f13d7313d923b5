/** The form of a stream on the wire, without what it says: line ends, blanks, names, fields and their order. */

/** The form of one stream, or of several together. */
export interface WireForm {
  /** How lines end: `LF` or `CRLF`. */
  readonly lineEnds: ReadonlyArray<string>
  /** What a line of data begins with. */
  readonly prefixes: ReadonlyArray<string>
  /** Whether a blank follows the colons of JSON. */
  readonly colons: ReadonlyArray<string>
  /** Whether events have names, which repeat their type. */
  readonly names: ReadonlyArray<string>
  /** The last event: a text that is not JSON, or a type. */
  readonly ends: ReadonlyArray<string>
  /** The text of pings. */
  readonly pings: ReadonlyArray<string>
  /** The lists of fields, in their order, of every object by its path: `type.field[].field`. */
  readonly fields: { readonly [path: string]: ReadonlyArray<ReadonlyArray<string>> }
}

const isObject = (value: unknown): value is { readonly [field: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The variants of a tagged object have paths of their own. */
const tagged = (path: string, value: object): string => {
  const type = Reflect.get(value, "type")
  return typeof type === "string" && path.includes(".") ? `${path}(${type})` : path
}

const addFields = (value: unknown, path: string, fields: Map<string, Set<string>>): void => {
  if (Array.isArray(value)) for (const each of value) addFields(each, `${path}[]`, fields)
  if (!isObject(value)) return
  const own = tagged(path, value)
  fields.set(own, (fields.get(own) ?? new Set()).add(JSON.stringify(Object.keys(value))))
  for (const [field, inner] of Object.entries(value)) {
    // Callers name the fields of the first; a response is the same object in every event that has one.
    if (!["args", "arguments", "input", "parameters", "schema"].includes(field))
      addFields(inner, field === "response" ? "response" : `${own}.${field}`, fields)
  }
}

/** The form of streams. */
export const formOf = (streams: ReadonlyArray<string>): WireForm => {
  const seen = { lineEnds: new Set<string>(), prefixes: new Set<string>(), colons: new Set<string>() }
  const [names, ends, pings] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const fields = new Map<string, Set<string>>()
  for (const stream of streams) {
    seen.lineEnds.add(stream.includes("\r\n") ? "CRLF" : "LF")
    const events = stream.split(/\r?\n\r?\n/).filter((event) => /^data:/m.test(event))
    for (const event of events) {
      const [, prefix = "", data = ""] = /^(data: ?)(.*)$/m.exec(event) ?? []
      const name = /^event: ?(.*)$/m.exec(event)?.[1]
      seen.prefixes.add(prefix)
      if (!data.startsWith("{")) continue
      const json: unknown = JSON.parse(data)
      const type = isObject(json) && typeof json["type"] === "string" ? json["type"] : "chunk"
      names.add(name === undefined ? "none" : name === type ? "the type" : name)
      if (type === "ping") pings.add(data)
      else seen.colons.add(data.startsWith('{"') ? (/^\{"\w+": /.test(data) ? "blank" : "no blank") : data.slice(0, 3))
      addFields(json, type, fields)
    }
    const last = /^data: ?(.*)$/m.exec(events.at(-1) ?? "")?.[1] ?? ""
    ends.add(last.startsWith("{") ? String(Reflect.get(JSON.parse(last), "type") ?? "a chunk") : last)
  }
  return {
    lineEnds: Array.from(seen.lineEnds),
    prefixes: Array.from(seen.prefixes),
    colons: Array.from(seen.colons),
    names: Array.from(names),
    ends: Array.from(ends),
    pings: Array.from(pings),
    fields: Object.fromEntries(
      Array.from(fields, ([path, lists]) => [path, Array.from(lists, (list): Array<string> => JSON.parse(list))])
    )
  }
}

/** Whether the fields of a list stand in the order of another, as far as both have them. */
const isInOrder = (fields: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean => {
  const common = other.filter((field) => fields.includes(field))
  return fields.filter((field) => other.includes(field)).every((field, index) => field === common[index])
}

/** A recorder that sorts fields says nothing of their order. */
const isSorted = ([_, ...fields]: ReadonlyArray<string>): boolean =>
  fields.length > 1 && fields.every((field, index) => index === 0 || (fields[index - 1] ?? "") < field)

/** What of a form is in none of the recorded ones; `documented` are fields that no recording happens to have. */
export const differences = (
  form: WireForm,
  recorded: WireForm,
  documented: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const kind of ["lineEnds", "prefixes", "colons", "names", "ends", "pings"] as const) {
    for (const each of form[kind]) if (!recorded[kind].includes(each)) found.push(`${kind}: ${each}`)
  }
  for (const [path, lists] of Object.entries(form.fields)) {
    if (documented.some((each) => path === each || path.startsWith(`${each}.`))) continue
    const known = recorded.fields[path]
    if (known === undefined) {
      found.push(`${path} is in no recording`)
      continue
    }
    const always = known[0]?.filter((field) => known.every((list) => list.includes(field))) ?? []
    for (const list of lists) {
      const extra = list.filter(
        (field) => !known.some((each) => each.includes(field)) && !documented.includes(`${path}.${field}`)
      )
      const missing = always.filter((field) => !list.includes(field))
      if (extra.length > 0) found.push(`${path} has ${extra.join(", ")}`)
      if (missing.length > 0) found.push(`${path} lacks ${missing.join(", ")}`)
      const ordered = known.filter((each) => !isSorted(each))
      if (ordered.length > 0 && !ordered.some((each) => isInOrder(list, each)))
        found.push(`${path} has another order: ${list.join(", ")}`)
    }
  }
  return found
}
