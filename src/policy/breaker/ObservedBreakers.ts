/** Circuit breakers whose states are reported to the calls that notice a change. */
import * as Effect from "effect/Effect"
import type { Origin } from "../../domain/StreamChunk.js"
import type { CallObserver, CircuitState } from "../../provider/CallObserver.js"
import type { StateUnavailable } from "../StateUnavailable.js"
import type { BreakersService } from "./Breakers.js"
import type { Admission, BreakerSettings } from "./state.js"
import type { Report } from "./watchOutcome.js"

/** A breaker as one request uses it. */
export interface BreakerUse {
  readonly name: string
  /** What it guards. */
  readonly target: Origin
  readonly observer: CallObserver | undefined
}

// More than one program uses. Names of models can come from its users.
const maxSeen = 1000

/** The breakers of one policy. Mutable, as it remembers what it has reported. */
export class ObservedBreakers {
  /** The states that were reported last. Closed breakers are left out. */
  private readonly seen = new Map<string, CircuitState>()

  constructor(
    private readonly breakers: BreakersService,
    private readonly settings: BreakerSettings
  ) {}

  /**
   * Decides whether a request may be sent. The decision of a store on another machine can reserve the probe although the
   * caller leaves before it arrives, so it is awaited, and the probe is given back.
   */
  admit(use: BreakerUse): Effect.Effect<Admission, StateUnavailable> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.tap(this.breakers.admit(use.name, this.settings), (admission) => {
        this.note(use, admission.state, admission.type === "rejected" && admission.reason === "open")
        if (admission.type === "rejected") return Effect.void
        const abandon = this.reporter(use, admission.isWatched)({ type: "abandoned" })
        return Effect.onInterrupt(restore(Effect.void), () => abandon)
      })
    )
  }

  /** Takes the outcome of an admitted request. One that is not watched says nothing by its success. */
  reporter(use: BreakerUse, isWatched: boolean): Report {
    return (outcome) =>
      !isWatched && (outcome.type === "success" || outcome.type === "abandoned")
        ? Effect.void
        : Effect.map(this.breakers.report(use.name, this.settings, outcome), (state) => {
            if (state !== undefined) this.note(use, state, false)
          })
  }

  private note({ name, target, observer }: BreakerUse, state: CircuitState, isRejected: boolean): void {
    const isNew = state !== (this.seen.get(name) ?? "closed")
    if (isNew) this.remember(name, state)
    if (isNew || isRejected) observer?.onEvent({ type: "breaker", name, target, state })
  }

  private remember(name: string, state: CircuitState): void {
    this.seen.delete(name)
    if (state === "closed") return
    this.seen.set(name, state)
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= maxSeen) return
      this.seen.delete(oldest)
    }
  }
}
