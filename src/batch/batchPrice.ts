/** The cost of a response of a batch. */
import type { ModelCatalogService } from "../catalog/ModelCatalog.js"
import { priceOf, toDollars } from "../catalog/price.js"
import type { ChatResponse } from "../domain/ChatResponse.js"

/**
 * Adds the cost at batch prices: half of the standard price for all tokens. OpenAI
 * (https://platform.openai.com/docs/guides/batch), Anthropic
 * (https://platform.claude.com/docs/en/build-with-claude/batch-processing#pricing) and Google
 * (https://ai.google.dev/gemini-api/docs/batch-api) all charge this.
 */
export const atBatchPrice = (catalog: ModelCatalogService, response: ChatResponse): ChatResponse => {
  const price = response.usage === null ? null : priceOf(catalog, response, response.usage)
  return { ...response, cost: price === null ? null : toDollars(price / 2n) }
}
