/** The response that is being read, which may be replaced by another one. */
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import { Read } from "../../domain/Read.js"

/** The response that is being read, in a scope of its own. A mutable class, as every read goes through it. */
export class CurrentResponse {
  private reading: Pull
  private own: Scope.CloseableScope | undefined

  constructor(
    opening: Opening,
    private readonly scope: Scope.Scope
  ) {
    this.reading = this.begin(opening)
  }

  /** Reads on; the first read opens the response. */
  readonly pull: Pull = Read.suspend(() => this.reading)

  /** What `pull` reads, once it has read anything. */
  get opened(): Pull {
    return this.reading
  }

  /** Releases what the response holds, its socket first of all. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    this.own === undefined ? Effect.void : Scope.close(this.own, Exit.void)
  )

  /** Reads another response from now on. */
  restart(opening: Opening): void {
    this.reading = this.begin(opening)
  }

  // Not a generator: one that waited for the first chunks would retain them until V8 collects the old generation.
  private begin(opening: Opening): Pull {
    return Effect.flatMap(Scope.fork(this.scope, ExecutionStrategy.sequential), (own) => {
      this.own = own
      return Effect.flatMap(Scope.extend(opening, own), (pull) => {
        this.reading = pull
        return pull
      })
    })
  }
}
