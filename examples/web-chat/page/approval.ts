/** The calls that wait for an approval, on the page: their arguments as text, and two buttons for each. */
import type { ToolCallDelta } from "llm-connectivity/browser"
import { one } from "./one.js"

/** The decision about each call, by its id. */
export interface Decisions {
  readonly [call: string]: "approve" | "deny"
}

export class Approval {
  readonly elements: ReadonlyArray<HTMLElement>
  private decisions: Decisions = {}

  constructor(
    private readonly calls: ReadonlyArray<ToolCallDelta>,
    onDecided: (decisions: Decisions) => void
  ) {
    this.elements = calls.map((call) =>
      elementOf(call, (decision) => {
        this.decisions = { ...this.decisions, [call.id ?? ""]: decision }
        // The server wants one answer for all calls of a step.
        if (Object.keys(this.decisions).length === this.calls.length) onDecided(this.decisions)
        else this.focusNext()
      })
    )
  }

  private focusNext(): void {
    const next = this.elements.find(({ dataset }) => dataset["decision"] === undefined)
    if (next !== undefined) one(next, ".approve", HTMLButtonElement).focus()
  }

  /** Removes the buttons: someone has decided. The calls stay on the page. */
  close(): void {
    for (const element of this.elements) one(element, "fieldset", HTMLFieldSetElement).remove()
  }

  /** Lets nobody decide while another answer arrives. */
  set isBlocked(isBlocked: boolean) {
    for (const element of this.elements) {
      const fieldset = element.querySelector("fieldset")
      if (fieldset !== null && element.dataset["decision"] === undefined) fieldset.disabled = isBlocked
    }
  }
}

const elementOf = (call: ToolCallDelta, decide: (decision: "approve" | "deny") => void): HTMLElement => {
  const copy = document.importNode(one(document, "template#call", HTMLTemplateElement).content, true)
  const element = one(copy, ".call", HTMLElement)
  one(element, ".tool", HTMLElement).textContent = call.name ?? ""
  one(element, ".arguments", HTMLElement).textContent = visible(pretty(call.arguments))
  const fieldset = one(element, "fieldset", HTMLFieldSetElement)
  for (const decision of ["approve", "deny"] as const) {
    one(element, `.${decision}`, HTMLButtonElement).addEventListener("click", () => {
      element.dataset["decision"] = decision
      decide(decision)
      // Afterwards, as a button that is disabled loses the focus.
      fieldset.disabled = true
    })
  }
  return element
}

const pretty = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2)
  } catch {
    return json
  }
}

/** Shows characters that are invisible or change the direction of text, which could hide what is approved. */
const visible = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (each) => (each === "\n" ? each : `\\u{${each.codePointAt(0)?.toString(16)}}`))
