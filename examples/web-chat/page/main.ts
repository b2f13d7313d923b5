/** The page: a conversation with one request at a time. */
import { fetchChunks } from "llm-connectivity/browser"
import { one } from "./one.js"
import { Turn } from "./turn.js"
import { money, tokens } from "./words.js"

const question = one(document, "#question", HTMLTextAreaElement)
const send = one(document, "#send", HTMLButtonElement)
const stop = one(document, "#stop", HTMLButtonElement)
const list = one(document, "#turns", HTMLElement)
const welcome = one(document, "#welcome", HTMLElement)
const spoken = one(document, "#spoken", HTMLElement)
const total = one(document, "#total", HTMLElement)

let turns: ReadonlyArray<Turn> = []
let running: AbortController | undefined
let isAtEnd = true
let lastScroll = 0

/** The messages of a turn: its question after the previous answered turns. */
const messagesOf = (turn: Turn) => {
  const answered = turns.slice(0, turns.indexOf(turn)).filter(({ answer }) => answer !== "")
  const before = answered.flatMap(({ question, answer }) => [
    { role: "user", content: question },
    { role: "assistant", content: answer }
  ])
  return [...before, { role: "user", content: turn.question }]
}

/** Shows an answer as it arrives; returns how it ended, as text. */
const answer = async (turn: Turn, signal: AbortSignal): Promise<string> => {
  try {
    const body = JSON.stringify({ messages: messagesOf(turn) })
    const headers = { "content-type": "application/json" }
    for await (const chunk of fetchChunks("/chat", { method: "POST", headers, body, signal })) {
      turn.add(chunk)
      follow()
    }
    return turn.finish()
  } catch (error) {
    return signal.aborted ? turn.stop() : turn.fail(error)
  }
}

const ask = async (turn: Turn): Promise<void> => {
  if (running !== undefined) return
  const controller = new AbortController()
  run(controller)
  if (turn.element.contains(document.activeElement)) toQuestion()
  turn.begin()
  isAtEnd = true
  follow()
  // Screen readers announce the start and the complete answer, because announcing every token would overwhelm.
  spoken.textContent = "Answering"
  const ending = await answer(turn, controller.signal)
  if (running !== controller) return
  run(undefined)
  spoken.textContent = `${turn.spoken} ${ending}`
  total.textContent = sumOf(turns)
  follow()
}

// On a touch screen, focus opens the keyboard and covers the answer.
const toQuestion = (): void => {
  if (matchMedia("(hover: hover)").matches) question.focus()
}

/** Replaces Send with Stop while an answer arrives, and moves the keyboard focus. */
const run = (controller: AbortController | undefined): void => {
  running = controller
  const focused = document.activeElement
  send.hidden = controller !== undefined
  stop.hidden = controller === undefined
  if (focused === send) stop.focus()
  if (focused === stop) toQuestion()
}

const sumOf = (turns: ReadonlyArray<Turn>): string => {
  const ends = turns.flatMap(({ end }) => (end === undefined ? [] : [end]))
  const count = ends.reduce((sum, { usage }) => sum + (usage?.totalTokens ?? 0), 0)
  const cost = ends.reduce((sum, { cost = 0 }) => sum + cost, 0)
  return count === 0 ? "" : cost === 0 ? tokens(count) : `${tokens(count)} for ${money(cost)}`
}

/** Scrolls to the end unless the user has scrolled up. */
const follow = (): void => {
  requestAnimationFrame(() => {
    if (isAtEnd) scrollTo(0, document.documentElement.scrollHeight)
  })
}

const begin = (text: string): void => {
  if (text === "" || running !== undefined) return
  const turn = new Turn(text, ask)
  turns = [...turns, turn]
  list.append(turn.element)
  if (welcome.contains(document.activeElement)) toQuestion()
  welcome.hidden = true
  question.value = ""
  void ask(turn)
}

const beginAnew = (): void => {
  running?.abort()
  run(undefined)
  turns = []
  list.replaceChildren()
  welcome.hidden = false
  spoken.textContent = ""
  total.textContent = ""
  toQuestion()
}

addEventListener("scroll", () => {
  const below = document.documentElement.scrollHeight - innerHeight - scrollY
  // The text may have grown before this event, so only scrolling up stops the following.
  if (below < 2) isAtEnd = true
  else if (scrollY < lastScroll) isAtEnd = false
  else if (below < 60) isAtEnd = true
  lastScroll = scrollY
})
one(document, "#composer", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  begin(question.value.trim())
})
question.addEventListener("keydown", (event) => {
  // During IME composition, Enter only accepts the word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  begin(question.value.trim())
})
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") running?.abort()
})
stop.addEventListener("click", () => running?.abort())
one(document, "#new", HTMLButtonElement).addEventListener("click", beginAnew)
for (const suggestion of welcome.querySelectorAll("button")) {
  suggestion.addEventListener("click", () => begin(suggestion.textContent ?? ""))
}

toQuestion()
