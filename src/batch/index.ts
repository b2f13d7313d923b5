/** llm-connectivity/batch: the providers' own batches, at half the price. */
export { BatchHandle, type BatchPart, type RejectedPart } from "./BatchHandle.js"
export type { BatchItem, BatchResult } from "./BatchItem.js"
export type { BatchCounts, BatchState, BatchStatus } from "./BatchStatus.js"
export { BatchStoreError } from "./BatchStoreError.js"
export { type BatchLayer, type BatchLoadError, type BatchModel, ProviderBatch } from "./ProviderBatch.js"
export type { ProviderBatchService, ResultsOptions } from "./ProviderBatchService.js"
