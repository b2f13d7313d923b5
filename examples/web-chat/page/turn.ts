/** One question and its answer, on the page. */
import { ChatStreamError, type StreamChunk } from "llm-connectivity/browser"
import { MarkdownView } from "./markdown.js"
import { one } from "./one.js"
import { noteOf, retryIn, sentenceOf } from "./words.js"

export class Turn {
  readonly element: HTMLElement
  /** The text of the answer so far. */
  answer = ""
  /** The last chunk of a complete answer. */
  end: StreamChunk | undefined
  private readonly view: MarkdownView
  private timer: ReturnType<typeof setInterval> | undefined

  /** The id is that of the run that answers the question; another try is another run. */
  constructor(
    readonly question: string,
    public id: string,
    onRetry: (turn: Turn) => void
  ) {
    const copy = document.importNode(one(document, "template#turn", HTMLTemplateElement).content, true)
    this.element = one(copy, ".turn", HTMLElement)
    this.part(".question").textContent = question
    this.view = new MarkdownView(this.part(".answer"))
    this.button.addEventListener("click", () => onRetry(this))
  }

  /** Whether its run was read, or is being read. */
  get isBegun(): boolean {
    return this.element.dataset["state"] !== undefined
  }

  /** Resets the turn for a request or a retry. */
  begin(): void {
    clearInterval(this.timer)
    this.answer = ""
    this.end = undefined
    this.view.clear()
    for (const name of [".reasoning p", ".note"]) this.part(name).textContent = ""
    for (const name of [".reasoning", ".note", ".failure"]) this.part(name).hidden = true
    this.element.dataset["state"] = "waiting"
    this.element.ariaBusy = "true"
  }

  /** Appends a chunk, never as HTML. */
  add(chunk: StreamChunk): void {
    if (chunk.reasoning !== "") {
      this.part(".reasoning").hidden = false
      this.part(".reasoning p").append(chunk.reasoning)
    }
    if (chunk.content !== "") {
      this.element.dataset["state"] = "streaming"
      this.answer += chunk.content
      this.view.add(chunk.content)
    }
    if (chunk.finishReason !== null) this.end = chunk
  }

  /** Shows the finish reason and returns it as text. */
  finish(): string {
    return this.settle("complete", this.end === undefined ? "Ended" : noteOf(this.end))
  }

  /** The answer without its Markdown, for screen readers. */
  get spoken(): string {
    return Array.from(this.part(".answer").children, ({ textContent }) => textContent).join("\n")
  }

  /** Shows a failure, or that someone has stopped the answer. */
  fail(error: unknown): string {
    const known = error instanceof ChatStreamError ? error : undefined
    if (known?.reason === "Stopped") return this.settle("stopped", "Stopped by you")
    const sentence = known === undefined ? "This page has a mistake." : sentenceOf(known)
    this.part(".what").textContent = sentence
    this.part(".details").textContent = known?.message ?? String(error)
    this.part(".failure").hidden = false
    // An answer that the server has forgotten can be asked for again.
    this.button.hidden = known?.retryable === false && known.reason !== "NotFound"
    this.countDown((known?.retryAfter ?? 0) / 1000)
    return this.settle("failed", "", sentence)
  }

  private settle(state: string, note: string, announcement = note): string {
    this.element.dataset["state"] = state
    this.element.ariaBusy = "false"
    this.part(".note").textContent = note
    this.part(".note").hidden = note === ""
    return announcement
  }

  /** Enables the retry button after the delay. */
  private countDown(seconds: number): void {
    const until = Date.now() + seconds * 1000
    const show = () => {
      const remaining = Math.ceil((until - Date.now()) / 1000)
      this.button.disabled = remaining > 0
      this.button.textContent = retryIn(remaining)
      if (remaining <= 0) clearInterval(this.timer)
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
