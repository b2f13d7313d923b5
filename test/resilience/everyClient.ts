/** Over which HTTP clients the cases of a table run: `npm test` takes one for each, `npm run test:http` all. */
import { inject } from "vitest"
import { clientNames } from "./ask.js"
import type { ClientName } from "./faults.js"

declare module "vitest" {
  interface ProvidedContext {
    /** Whether each case runs over every HTTP client. */
    readonly everyClient: boolean
  }
}

/** The clients of the case at a place of its table. Neighbouring cases get different ones. */
export const clientsAt = (place: number): ReadonlyArray<ClientName> =>
  clientNames.filter((_, index) => inject("everyClient") || index === place % clientNames.length)
