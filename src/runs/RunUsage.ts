/** What a provider has reported so far for a run, so that a run that is cut off keeps its usage. */
import * as Usage from "../domain/Usage.js"
import { isEvent, type RunItem } from "./RunItem.js"

/** Sums the usage over all steps of a loop. Mutable, as it sees every chunk. */
export class RunUsage {
  private steps: Usage.Usage | null = null
  private current: Usage.Usage | null = null

  /** Counts the items of a network read. */
  add(items: ReadonlyArray<RunItem>): void {
    for (const item of items) {
      if (!isEvent(item)) this.current = item.usage ?? this.current
      else if (item.type === "chunk") this.current = item.chunk.usage ?? this.current
      else if (item.type === "step-finished") {
        this.steps = this.total
        this.current = null
      }
    }
  }

  /** The sum; `null` if nothing was reported. */
  get total(): Usage.Usage | null {
    if (this.steps === null || this.current === null) return this.steps ?? this.current
    return Usage.sum(this.steps, this.current)
  }
}
