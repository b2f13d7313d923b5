/** How much of the tests of HTTP clients runs: `npm test` takes one client for each case of a table, `npm run test:http` all. */
import { inject } from "vitest"
import { clientNames } from "./ask.js"
import type { ClientName } from "./faults.js"

declare module "vitest" {
  interface ProvidedContext {
    /** Whether each case runs over every HTTP client. */
    readonly everyClient: boolean
  }
}

/** How often a case is repeated in `npm test`, and in `npm run test:http`. */
export const times = (few: number, many: number): number => (inject("everyClient") ? many : few)

/** The clients of the case at a place of its table. Neighbouring cases get different ones. */
export const clientsAt = (place: number): ReadonlyArray<ClientName> =>
  clientNames.filter((_, index) => inject("everyClient") || index === place % clientNames.length)
