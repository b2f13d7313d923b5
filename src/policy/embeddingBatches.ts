/** Fits the batches of embeddings to all providers that may get them. */
import type { Provider } from "../provider/Provider.js"

/** Makes the batches of a provider so small that the others can take them too. */
export const withBatchesFor = (others: ReadonlyArray<Provider>, provider: Provider): Provider => {
  const { embeddings } = provider
  if (embeddings === undefined) return provider
  const all = [embeddings, ...others.flatMap((other) => other.embeddings ?? [])]
  const maxBatchSize = Math.min(...all.map((each) => each.maxBatchSize))
  const maxBatchTokens = Math.min(...all.map((each) => each.maxBatchTokens ?? Number.POSITIVE_INFINITY))
  return { ...provider, embeddings: { ...embeddings, maxBatchSize, maxBatchTokens } }
}
