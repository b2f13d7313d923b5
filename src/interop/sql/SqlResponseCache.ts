/** Cached responses in SQLite or PostgreSQL. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { ResponseCacheService } from "../../policy/cache/ResponseCache.js"
import type { Database } from "./Database.js"

/** Makes the cache. While the scope is open it deletes what has expired, once in a minute. */
export const make = (db: Database): Effect.Effect<ResponseCacheService, never, Scope.Scope> => {
  const { sql, now } = db
  const sweep = db.run(sql`DELETE FROM llm_cache WHERE expires_at <= ${now}`)
  const service: ResponseCacheService = {
    // A database without an answer is as a cache without one.
    get: (key) =>
      db
        .run(sql<{ readonly body: string }>`SELECT body FROM llm_cache
        WHERE cache_key = ${key} AND expires_at > ${now}`)
        .pipe(
          Effect.map(([row]) => row?.body),
          Effect.orElseSucceed(() => undefined)
        ),
    set: (key, entry, ttlMillis) =>
      Effect.ignore(
        db.run(sql`INSERT INTO llm_cache (cache_key, body, expires_at)
          VALUES (${key}, ${entry}, ${now} + ${Math.ceil(ttlMillis)})
          ON CONFLICT (cache_key) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at`)
      )
  }
  return Effect.as(Effect.forkScoped(Effect.repeat(Effect.ignore(sweep), Schedule.spaced("1 minute"))), service)
}
