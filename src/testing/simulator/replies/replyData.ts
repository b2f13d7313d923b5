/** Data for default answers: number words, lists, facts and filler sentences. */

const small =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " "
  )
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ")

/** A whole number from 0 to 100 in words. */
export const numberInWords = (value: number): string => {
  if (value >= 100) return "one hundred"
  const word = small[value]
  if (word !== undefined) return word
  const rest = value % 10
  const ten = tens[Math.floor(value / 10) - 2] ?? ""
  return rest === 0 ? ten : `${ten}-${small[rest]}`
}

const values = new Map(Array.from({ length: 101 }, (_, value) => [numberInWords(value), value] as const))

/** Parses a number from digits or a word. */
export const numberNamed = (text: string): number | undefined =>
  /^\d+$/.test(text) ? Number(text) : values.get(text.toLowerCase())

/** Lists, each with the pattern of its topic. */
export const lists: ReadonlyArray<readonly [RegExp, ReadonlyArray<string>]> = [
  [
    /languages?.*(?:program|cod)|(?:program|cod)\w* languages?/i,
    ["TypeScript", "Python", "Rust", "Go", "Haskell", "Kotlin", "Elixir", "Java", "Swift", "C"]
  ],
  [/languages?/i, ["English", "Spanish", "Mandarin", "Arabic", "Hindi", "French", "Swahili", "Japanese"]],
  [/colou?rs?/i, ["red", "green", "blue", "yellow", "orange", "purple", "white", "black"]],
  [/fruits?/i, ["apple", "pear", "cherry", "mango", "banana", "grape", "orange", "fig"]],
  [/vegetables?/i, ["carrot", "leek", "tomato", "onion", "spinach", "pepper", "bean", "beetroot"]],
  [/planets?/i, ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]],
  [/animals?/i, ["fox", "otter", "heron", "hare", "badger", "whale", "bee", "lynx"]],
  [/countr(?:y|ies)/i, ["Chile", "Norway", "Kenya", "Japan", "Portugal", "Canada", "India", "Ghana"]],
  [/cit(?:y|ies)/i, ["Paris", "Lima", "Nairobi", "Kyoto", "Lisbon", "Toronto", "Mumbai", "Accra"]],
  [/names?/i, ["Ada", "Grace", "Alan", "Barbara", "Edsger", "Margaret", "Donald", "Frances"]],
  [
    /(?:books?|novels?)/i,
    ["Middlemarch", "Emma", "Ulysses", "Beloved", "Dracula", "Walden", "Frankenstein", "The Trial"]
  ]
]

/** Capitals of a few countries. */
export const capitals: { readonly [country: string]: string } = {
  france: "Paris",
  germany: "Berlin",
  italy: "Rome",
  spain: "Madrid",
  portugal: "Lisbon",
  japan: "Tokyo",
  norway: "Oslo",
  kenya: "Nairobi",
  canada: "Ottawa",
  england: "London"
}

/** One-sentence explanations. */
export const facts: { readonly [thing: string]: string } = {
  effect: "Effect is a TypeScript library for programs whose errors, dependencies and concurrency are in their types.",
  typescript: "TypeScript is JavaScript with types that are checked before the program runs.",
  streaming: "Streaming means to send an answer piece by piece while it is written, so that nobody waits for its end.",
  llm: "An LLM is a large language model: a program that has learnt from much text how texts go on.",
  token: "A token is the piece of text that a model reads and writes at a time, about four characters of English.",
  recursion: "Recursion is when a function calls itself on a smaller part of its problem until the part is trivial.",
  backpressure: "Backpressure is how a slow reader makes a fast writer wait, so that nothing piles up between them.",
  fiber: "A fiber is a thread that a library runs instead of the system: cheap to start, and easy to interrupt.",
  monad: "A monad is a way to chain steps whose results come with something more, such as a failure or a wait.",
  "rate limit": "A rate limit is how many requests a server takes in a while before it asks its callers to wait.",
  "server-sent event": "Server-sent events are lines of text that a server keeps sending on one open response."
}

/** Sentences to fill a long text with. */
export const sentences: ReadonlyArray<string> = [
  "The lamp at the end of the pier was lit before anyone had asked for it.",
  "A boat came in with the tide, slowly, and its crew said nothing at first.",
  "Somebody counted the crates, and somebody else wrote the numbers down.",
  "By noon the fog had gone, and the hills stood closer than the day before.",
  "They talked about the weather, because the weather was all that had changed.",
  "In the evening the harbour was quiet, and the water kept its own time.",
  "Nobody knew who had painted the door blue, but everybody had an opinion.",
  "The letter arrived a week late and was read aloud twice.",
  "When the clock struck, three people looked up and one smiled.",
  "It was a small town, and small towns remember everything."
]
