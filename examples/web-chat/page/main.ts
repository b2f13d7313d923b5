/** The page: a conversation with one answer at a time, the same in all tabs and after a reload. */
import { ChatStreamError, newRunId, readRun, type StreamChunk, startRun, stopRun } from "llm-connectivity/browser"
import type { Decisions } from "./approval.js"
import { load, onSaved, save } from "./kept.js"
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

/** The answer that is being read. */
interface Running {
  readonly turn: Turn
  /** Ends the reading, and not the run. */
  readonly controller: AbortController
}

let turns: ReadonlyArray<Turn> = []
let running: Running | undefined
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

const urlOf = ({ run }: Turn): string => `/runs/${run}`

const headers = { "content-type": "application/json" }

/** Shows an answer as it arrives; returns how it ended, as text. */
const show = async (turn: Turn, chunks: AsyncIterable<StreamChunk>): Promise<string> => {
  try {
    for await (const chunk of chunks) {
      turn.add(chunk)
      follow()
    }
    return turn.finish()
  } catch (error) {
    return turn.fail(error)
  }
}

const read = async (turn: Turn, open: (signal: AbortSignal) => AsyncIterable<StreamChunk>): Promise<void> => {
  const mine = { turn, controller: new AbortController() }
  run(mine)
  if (turn.element.contains(document.activeElement)) toQuestion()
  turn.begin()
  isAtEnd = true
  follow()
  // Screen readers announce the start and the complete answer, because announcing every token would overwhelm.
  spoken.textContent = "Answering"
  const ending = await show(turn, open(mine.controller.signal))
  if (running !== mine) return
  run(undefined)
  spoken.textContent = `${turn.spoken} ${ending}`
  total.textContent = sumOf(turns)
  follow()
  readOn()
}

/** Sends the question once. `startRun` reconnects by itself. */
const ask = (turn: Turn): void => {
  save(turns)
  const body = JSON.stringify({ messages: messagesOf(turn) })
  void read(turn, (signal) => startRun(urlOf(turn), { headers, body, signal }))
}

const askAgain = (turn: Turn): void => {
  if (running !== undefined) return
  turn.restart(newRunId())
  ask(turn)
}

/** Sends the decisions. Any tab may do so: the same decisions start one run. */
async function* goOn(turn: Turn, signal: AbortSignal): AsyncGenerator<StreamChunk, void, undefined> {
  try {
    yield* startRun(urlOf(turn), { headers, body: JSON.stringify(turn.decided), signal })
  } catch (error) {
    // Another tab has decided otherwise, and was first.
    if (!(error instanceof ChatStreamError && error.reason === "Conflict")) throw error
    yield* readRun(urlOf(turn), { signal })
  }
}

const decide = (turn: Turn, decisions: Decisions): void => {
  turn.decisions = [...turn.decisions, decisions]
  save(turns)
  readOn()
}

const listener = { onRetry: askAgain, onDecided: decide }

/** Reads the next answer that was requested or resumed before the reload or by another tab. */
const readOn = (): void => {
  const turn = turns.find(({ hasNext }) => hasNext)
  if (turn === undefined || running !== undefined) return
  void read(turn, (signal) => (turn.decided === undefined ? readRun(urlOf(turn), { signal }) : goOn(turn, signal)))
}

/** Shows the stored conversation. */
const catchUp = (): void => {
  const kept = load()
  const differs = turns.findIndex(({ id }, index) => id !== kept[index]?.id)
  truncate(differs === -1 ? turns.length : differs)
  for (const [index, { decisions }] of kept.entries()) {
    const turn = turns[index]
    if (turn !== undefined && turn.decisions.length < decisions.length) turn.decisions = decisions
  }
  for (const { id, question, decisions } of kept.slice(turns.length)) {
    append(new Turn(question, id, decisions, listener))
  }
  welcome.hidden = turns.length > 0
  readOn()
}

const append = (turn: Turn): void => {
  turns = [...turns, turn]
  list.append(turn.element)
}

/** Removes the turns after the first ones. */
const truncate = (length: number): void => {
  const removed = turns.slice(length)
  turns = turns.slice(0, length)
  for (const turn of removed) turn.element.remove()
  if (running !== undefined && removed.includes(running.turn)) {
    running.controller.abort()
    run(undefined)
  }
  total.textContent = sumOf(turns)
}

/** Stops the run, for all tabs. If the server cannot be reached the answer goes on, and so does the button. */
const stopRunning = (): void => {
  if (running !== undefined) stopRun(urlOf(running.turn)).catch(() => {})
}

// On a touch screen, focus opens the keyboard and covers the answer.
const toQuestion = (): void => {
  if (matchMedia("(hover: hover)").matches) question.focus()
}

/** Replaces Send with Stop while an answer arrives, and moves the keyboard focus. */
const run = (next: Running | undefined): void => {
  running = next
  const focused = document.activeElement
  for (const turn of turns) turn.isBlocked = next !== undefined
  send.hidden = next !== undefined
  stop.hidden = next === undefined
  if (focused === send) stop.focus()
  if (focused === stop) toQuestion()
}

const sumOf = (turns: ReadonlyArray<Turn>): string => {
  const ends = turns.flatMap(({ ends }) => ends)
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
  const turn = new Turn(text, newRunId(), [], listener)
  append(turn)
  if (welcome.contains(document.activeElement)) toQuestion()
  welcome.hidden = true
  question.value = ""
  ask(turn)
}

const beginAnew = (): void => {
  stopRunning()
  truncate(0)
  save(turns)
  welcome.hidden = false
  spoken.textContent = ""
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
  if (key === "Escape") stopRunning()
})
stop.addEventListener("click", stopRunning)
one(document, "#new", HTMLButtonElement).addEventListener("click", beginAnew)
for (const suggestion of welcome.querySelectorAll("button")) {
  suggestion.addEventListener("click", () => begin(suggestion.textContent ?? ""))
}

onSaved(catchUp)
catchUp()
toQuestion()
