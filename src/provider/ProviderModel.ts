/** What a model string stands for, once its provider is loaded. */
import type { ConfigError } from "effect"
import type { ValidationError } from "../domain/LLMError.js"
import type { Provider } from "./Provider.js"

/** What can keep a model string from being served. */
export type LoadError = ConfigError.ConfigError | ValidationError

/** A provider, and its own id of a model. */
export interface ProviderModel {
  readonly provider: Provider
  readonly model: string
}
