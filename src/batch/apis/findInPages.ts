/** Finds a batch in the provider's list, newest first. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LLMError } from "../../domain/LLMError.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/** How the list of a provider is read. */
export interface PagedList<R> {
  /** The page after the batch of an id, or after a token; `""` for the first. */
  readonly page: (after: string) => Effect.Effect<JsonObject, LLMError, R>
  readonly itemsOf: (page: JsonObject) => unknown
  readonly matches: (batch: JsonObject) => boolean
  /** Whether a batch that matches belongs to another submission. */
  readonly isTaken?: (id: string) => Effect.Effect<boolean, LLMError>
  readonly idOf: (batch: JsonObject) => string
  /** What comes after a page whose last batch has the id; `""` after the last page. */
  readonly nextOf: (page: JsonObject, last: string) => string
  /** Whether the batch and all after it are older than what is sought. */
  readonly isOlder: (batch: JsonObject) => boolean
}

// Pages of a hundred batches. Ten thousand batches between two attempts are unlikely, and a damaged list may never end.
const maxPages = 100

/** Finds the newest batch that matches; `undefined` if there is none. */
export const findInPages = (
  list: PagedList<Scope.Scope>,
  after = "",
  pages = maxPages
): Effect.Effect<string | undefined, LLMError, Scope.Scope> =>
  Effect.gen(function* () {
    const page = yield* list.page(after)
    const items = list.itemsOf(page)
    const batches = (Array.isArray(items) ? items : []).filter(isObject)
    for (const batch of batches) {
      if (list.isOlder(batch)) return undefined
      if (!list.matches(batch)) continue
      const id = list.idOf(batch)
      if (id !== "" && !(yield* list.isTaken?.(id) ?? Effect.succeed(false))) return id
    }
    const next = list.nextOf(page, list.idOf(batches.at(-1) ?? {}))
    return next === "" || pages === 1 ? undefined : yield* findInPages(list, encodeURIComponent(next), pages - 1)
  })
