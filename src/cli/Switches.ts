/** Reads what @effect/cli knows of a command's options: how they are written and what they do. */
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"
import * as Options from "@effect/cli/Options"
import type * as Usage from "@effect/cli/Usage"
import { Option } from "effect"

/** How one option is written. */
export interface Switch {
  /** Its name without dashes, such as `model`. */
  readonly name: string
  /** Its letter, such as `m`. */
  readonly letter: string | undefined
  /** What stands for its value; `undefined` where it has none. */
  readonly value: string | undefined
  readonly isRepeatable: boolean
  readonly help: string
}

/** The options of a command, in their order. */
export const switchesOf = <A>(options: Options.Options<A>): ReadonlyArray<Switch> => {
  const helps = helpsOf(Options.getHelp(options))
  return namedIn(Options.getUsage(options), false).map(({ usage, isRepeatable }, index) => ({
    name: usage.names.find((name) => name.startsWith("--"))?.slice(2) ?? "",
    letter: usage.names.find((name) => !name.startsWith("--"))?.slice(1),
    value: Option.getOrUndefined(usage.acceptedValues),
    isRepeatable,
    help: helps[index] ?? ""
  }))
}

interface NamedUsage {
  readonly usage: Usage.Named
  readonly isRepeatable: boolean
}

const namedIn = (usage: Usage.Usage, isRepeatable: boolean): ReadonlyArray<NamedUsage> => {
  switch (usage._tag) {
    case "Named":
      return [{ usage, isRepeatable }]
    case "Optional":
      return namedIn(usage.usage, isRepeatable)
    case "Repeated":
      return namedIn(usage.usage, true)
    case "Alternation":
    case "Concat":
      return [...namedIn(usage.left, isRepeatable), ...namedIn(usage.right, isRepeatable)]
    case "Empty":
    case "Mixed":
      return []
  }
}

/** The description of each option, which stands after the library's own about the type of its value. */
const helpsOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "DescriptionList":
      return doc.definitions.map(([, block]) => paragraphsOf(block)[1] ?? "")
    case "Sequence":
      return [...helpsOf(doc.left), ...helpsOf(doc.right)]
    default:
      return []
  }
}

/** The paragraphs of a document. */
export const paragraphsOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Header":
    case "Paragraph":
      return [textOf(doc.value)]
    case "Sequence":
      return [...paragraphsOf(doc.left), ...paragraphsOf(doc.right)]
    case "Enumeration":
      return doc.elements.flatMap(paragraphsOf)
    case "DescriptionList":
      return doc.definitions.flatMap(([term, block]) => [textOf(term), ...paragraphsOf(block)])
    case "Empty":
      return []
  }
}

const textOf = (span: Span.Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return `${textOf(span.left)}${textOf(span.right)}`
    default:
      return textOf(span.value)
  }
}
