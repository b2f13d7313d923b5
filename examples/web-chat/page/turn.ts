/** One question and its answer, on the page. */
import { ChatStreamError, type StreamChunk, type ToolCallDelta } from "llm-connectivity/browser"
import { Approval, type Decisions } from "./approval.js"
import { MarkdownView } from "./markdown.js"
import { one } from "./one.js"
import { noteOf, retryIn, sentenceOf } from "./words.js"

/** What the user does with a turn. */
export interface TurnListener {
  readonly onRetry: (turn: Turn) => void
  readonly onDecided: (turn: Turn, decisions: Decisions) => void
}

export class Turn {
  readonly element: HTMLElement
  /** The text of the answer so far. */
  answer = ""
  /** The last chunk of each of its runs that is complete. */
  ends: ReadonlyArray<StreamChunk> = []
  /** How many of its runs were read, or are being read. */
  private begun = 0
  private view: MarkdownView
  private calls: ReadonlyArray<ToolCallDelta> = []
  private approval: Approval | undefined
  private timer: ReturnType<typeof setInterval> | undefined

  /** The id is that of the first run that answers the question; each decision is followed by one more. */
  constructor(
    readonly question: string,
    private first: string,
    public decisions: ReadonlyArray<Decisions>,
    private readonly listener: TurnListener
  ) {
    const copy = document.importNode(one(document, "template#turn", HTMLTemplateElement).content, true)
    this.element = one(copy, ".turn", HTMLElement)
    this.part(".question").textContent = question
    this.view = new MarkdownView(this.part(".answer"))
    this.button.addEventListener("click", () => listener.onRetry(this))
  }

  get id(): string {
    return this.first
  }

  /** The run that is read. */
  get run(): string {
    return this.runAt(this.begun - 1)
  }

  /** The run that waited before this one, and what was decided about it; none for the first one. */
  get decided(): { readonly run: string; readonly decisions: Decisions } | undefined {
    const decisions = this.decisions[this.begun - 2]
    return decisions && { run: this.runAt(this.begun - 2), decisions }
  }

  /** All tabs give the same run the same id, so that the server starts it once. */
  private runAt(index: number): string {
    return index <= 0 ? this.first : `${this.first}-${index}`
  }

  /** Whether there is a run that was not read yet. */
  get hasNext(): boolean {
    return this.begun <= this.decisions.length
  }

  /** Begins anew, with another run. */
  restart(id: string): void {
    this.first = id
    this.decisions = []
    this.begun = 0
  }

  /** Prepares for the chunks of the next run. */
  begin(): void {
    clearInterval(this.timer)
    if (this.begun === 0) this.empty()
    this.begun += 1
    this.approval?.close()
    this.approval = undefined
    this.calls = []
    this.view = new MarkdownView(this.part(".answer"))
    for (const name of [".note", ".failure"]) this.part(name).hidden = true
    this.part(".note").textContent = ""
    this.element.dataset["state"] = "waiting"
    this.element.ariaBusy = "true"
  }

  private empty(): void {
    this.answer = ""
    this.ends = []
    this.view.clear()
    this.part(".answer").replaceChildren()
    this.part(".reasoning p").textContent = ""
    this.part(".reasoning").hidden = true
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
    this.calls = [...this.calls, ...chunk.toolCalls]
    if (chunk.finishReason !== null) this.ends = [...this.ends, chunk]
  }

  /** Shows the finish reason and returns it as text. Calls that wait get their buttons, unless someone has decided. */
  finish(): string {
    if (this.calls.length > 0) this.askFor(this.calls)
    const end = this.ends.at(-1)
    const state = this.approval === undefined ? "complete" : "asking"
    return this.settle(state, end === undefined ? "Ended" : noteOf(end))
  }

  private askFor(calls: ReadonlyArray<ToolCallDelta>): void {
    const approval = new Approval(calls, (decisions) => this.listener.onDecided(this, decisions))
    this.part(".answer").append(...approval.elements)
    if (this.hasNext) approval.close()
    else this.approval = approval
  }

  /** Lets nobody decide about its calls while another answer arrives. */
  set isBlocked(isBlocked: boolean) {
    if (this.approval !== undefined) this.approval.isBlocked = isBlocked
  }

  /** The answer without its Markdown, for screen readers. */
  get spoken(): string {
    return Array.from(this.part(".answer").children, ({ textContent }) => textContent).join("\n")
  }

  /** Shows a failure, or that someone has stopped the answer. */
  fail(error: unknown): string {
    const known = error instanceof ChatStreamError ? error : undefined
    if (known?.reason === "Stopped") return this.settle("stopped", "Stopped by you")
    const isDecided = this.begun > 1
    // What would follow is not read any more.
    this.begun = this.decisions.length + 1
    const sentence = known === undefined ? "This page has a mistake." : sentenceOf(known, isDecided)
    this.part(".what").textContent = sentence
    this.part(".details").textContent = known?.message ?? String(error)
    this.part(".failure").hidden = false
    // An answer that the server has forgotten can be asked for again, and so can an approval that it refused.
    this.button.hidden = known?.retryable === false && known.reason !== "NotFound" && !isDecided
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
