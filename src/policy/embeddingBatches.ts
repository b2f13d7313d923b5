/** Fits the batches of embeddings to all providers that may get them. */
import type { Provider } from "../provider/Provider.js"

/** Makes the batches of a provider so small that the others can take them too. */
export const withBatchesFor = (others: ReadonlyArray<Provider>, provider: Provider): Provider => {
  const { embeddings } = provider
  if (embeddings === undefined) return provider
  const sizes = others.flatMap((other) => other.embeddings?.maxBatchSize ?? [])
  return { ...provider, embeddings: { ...embeddings, maxBatchSize: Math.min(embeddings.maxBatchSize, ...sizes) } }
}
