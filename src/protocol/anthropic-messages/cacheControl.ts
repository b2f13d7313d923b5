/** Marks where a cached prefix ends: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
import type { CacheMark } from "../../domain/ContentPart.js"
import type { JsonObject } from "../../http/Json.js"

/** The field of a block or a tool that ends a prefix to cache. */
export const cacheControl = (mark: CacheMark | undefined): JsonObject =>
  mark === undefined ? {} : { cache_control: { type: "ephemeral", ttl: mark } }
