/** What can be made to go wrong, by the names that it has on the command line. */
import type { Fault, Position } from "../../testing/simulator/faults/Fault.js"
import type { ErrorKind } from "../../protocol/serve/ServedError.js"

/** How a provider can refuse. */
export const errors = {
  authentication: "authentication",
  permission: "permission",
  "insufficient-credits": "insufficientCredits",
  "rate-limit": "rateLimit",
  overloaded: "overloaded",
  "model-not-found": "modelNotFound",
  "context-window": "contextWindow",
  "invalid-request": "invalidRequest",
  server: "server"
} as const satisfies { readonly [name: string]: ErrorKind }

/** Where and how a fault happens. */
export interface Setting {
  readonly position: Position
  /** Milliseconds. */
  readonly delay: number
  readonly error: ErrorKind
}

/** What can go wrong on the way. */
export const faults = {
  reset: ({ position }) => ({ type: "reset", ...position }),
  truncate: ({ position }) => ({ type: "truncate", ...position }),
  stall: ({ position }) => ({ type: "stall", ...position }),
  "cut-character": ({ position }) => ({ type: "cutCharacter", ...position }),
  "malformed-event": ({ position }) => ({ type: "malformedEvent", ...position }),
  "error-event": ({ position, error }) => ({ type: "errorEvent", error, ...position }),
  "reset-before-headers": () => ({ type: "resetBeforeHeaders" }),
  "slow-headers": ({ delay }) => ({ type: "slowHeaders", delay }),
  "slow-first-content": ({ delay }) => ({ type: "slowFirstContent", delay }),
  trickle: () => ({ type: "trickle" }),
  page: () => ({ type: "page" }),
  "empty-body": () => ({ type: "emptyBody" }),
  "wrong-content-type": () => ({ type: "wrongContentType" }),
  redirect: () => ({ type: "redirect" }),
  gzip: () => ({ type: "gzip" }),
  "endless-event": () => ({ type: "endlessEvent" }),
  "endless-stream": () => ({ type: "endlessStream" }),
  noise: () => ({ type: "noise" }),
  "duplicate-finish": () => ({ type: "duplicateFinish" }),
  linger: () => ({ type: "linger" }),
  "reset-on-reuse": () => ({ type: "resetOnReuse" })
} as const satisfies { readonly [name: string]: (setting: Setting) => Fault }

const namesOf = <Names extends string>(of: { readonly [Name in Names]: unknown }): ReadonlyArray<Names> => {
  const isName = (name: string): name is Names => Object.hasOwn(of, name)
  return Object.keys(of).filter(isName)
}

/** The names of the refusals. */
export const errorNames = namesOf(errors)

/** The names of the faults. */
export const faultNames = namesOf(faults)
