/** Lists the texts of a request, of which no error repeats one. */

// Words of the protocols and of JSON Schema. A short text is also looked for as a word, and an error must be able to say
// these.
const vocabulary: ReadonlySet<string> = new Set(
  (
    "system user assistant tool text image file reasoning tool-call refusal provider json auto none required " +
    "minimal low medium high xhigh object string number integer boolean array null true false " +
    "function message messages content default enabled disabled"
  ).split(" ")
)

/** The fields of JSON Schema whose own fields are names that the caller chose. */
const namesIn: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions"])

/** Every string inside a value, and the names of a JSON Schema. Deep and cyclic values are no problem. */
export function* textsIn(value: unknown): Generator<string> {
  const seen = new Set<unknown>()
  const remaining: Array<unknown> = [value]
  while (remaining.length > 0) {
    const next = remaining.pop()
    if (typeof next === "string") {
      if (!vocabulary.has(next)) yield next
    } else if (typeof next === "object" && next !== null && !ArrayBuffer.isView(next) && !seen.has(next)) {
      seen.add(next)
      for (const [field, inner] of Object.entries(next)) {
        remaining.push(inner)
        if (namesIn.has(field) && typeof inner === "object" && inner !== null) remaining.push(Object.keys(inner))
      }
    }
  }
}
