/** One question and its answer, on the page. */
import { ChatStreamError, type StreamChunk } from "llm-connectivity/browser"
import { one } from "./one.js"
import { noteOf, retryIn, sentenceOf } from "./words.js"

export class Turn {
  readonly element: HTMLElement
  /** What has arrived of the answer. */
  answer = ""
  /** The last chunk of a complete answer. */
  end: StreamChunk | undefined
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(
    readonly question: string,
    onRetry: (turn: Turn) => void
  ) {
    const copy = document.importNode(one(document, "template#turn", HTMLTemplateElement).content, true)
    this.element = one(copy, ".turn", HTMLElement)
    this.part(".question").textContent = question
    this.button.addEventListener("click", () => onRetry(this))
  }

  /** Waits for an answer, the first one or the next. */
  begin(): void {
    clearInterval(this.timer)
    this.answer = ""
    this.end = undefined
    for (const name of [".answer", ".reasoning p", ".note"]) this.part(name).textContent = ""
    for (const name of [".reasoning", ".note", ".failure"]) this.part(name).hidden = true
    this.element.dataset["state"] = "waiting"
    this.element.ariaBusy = "true"
  }

  /** Shows the next piece: always as text, whatever a model writes. */
  add(chunk: StreamChunk): void {
    if (chunk.reasoning !== "") {
      this.part(".reasoning").hidden = false
      this.part(".reasoning p").append(chunk.reasoning)
    }
    if (chunk.content !== "") {
      this.element.dataset["state"] = "streaming"
      this.answer += chunk.content
      this.part(".answer").append(chunk.content)
    }
    if (chunk.finishReason !== null) this.end = chunk
  }

  /** Shows how the answer ended, and gives it in words. */
  finish(): string {
    return this.settle("complete", this.end === undefined ? "Ended" : noteOf(this.end))
  }

  stop(): string {
    return this.settle("stopped", "Stopped by you")
  }

  fail(error: unknown): string {
    const told = error instanceof ChatStreamError ? error : undefined
    const sentence = told === undefined ? "This page has a mistake." : sentenceOf(told)
    this.part(".what").textContent = sentence
    this.part(".details").textContent = told?.message ?? String(error)
    this.part(".failure").hidden = false
    this.button.hidden = told?.retryable === false
    this.countDown((told?.retryAfter ?? 0) / 1000)
    return this.settle("failed", "", sentence)
  }

  private settle(state: string, note: string, said = note): string {
    this.element.dataset["state"] = state
    this.element.ariaBusy = "false"
    this.part(".note").textContent = note
    this.part(".note").hidden = note === ""
    return said
  }

  /** Lets the person try again when it makes sense. */
  private countDown(seconds: number): void {
    const until = Date.now() + seconds * 1000
    const show = () => {
      const left = Math.ceil((until - Date.now()) / 1000)
      this.button.disabled = left > 0
      this.button.textContent = retryIn(left)
      if (left <= 0) clearInterval(this.timer)
    }
    this.timer = setInterval(show, 1000)
    show()
  }

  private get button(): HTMLButtonElement {
    return one(this.element, ".retry", HTMLButtonElement)
  }

  private part(selector: string): HTMLElement {
    return one(this.element, selector, HTMLElement)
  }
}
