/** Which of the catalog's models gave an answer. */
import { Option } from "effect"
import type { ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"

/** An answer as far as its price depends on it. */
export interface Answered {
  /** The provider's name in model strings, such as `openai`. */
  readonly provider: string
  /** The model as the provider named it. */
  readonly model: string
  /** The model as it was asked for, where that is known. */
  readonly asked?: string | undefined
}

/**
 * Finds the model that the provider named, or else the one that was asked for where the provider only added a date to
 * it, as OpenAI does: the catalog may not list that date yet, but what one asks for costs what its own entry says.
 */
export const modelInfoOf = (catalog: ModelCatalogService, answered: Answered): Option.Option<ModelInfo> =>
  Option.orElse(catalog.find(answered.provider, answered.model), () =>
    isDated(answered) ? catalog.find(answered.provider, answered.asked ?? "") : Option.none()
  )

/** Names the model for a sum: as the catalog does, and without the date that the provider added to what was asked for. */
export const nameOf = (catalog: ModelCatalogService, answered: Answered): string => {
  const { provider, model, asked = model } = answered
  const name = isDated(answered) ? asked : model
  return Option.match(catalog.find(provider, name), { onNone: () => name, onSome: (facts) => facts.model })
}

/** Says whether the provider named the model that was asked for, with nothing but a date added. */
const isDated = ({ model, asked = "" }: Answered): boolean =>
  asked !== "" && model.startsWith(asked) && /^-(?:\d{4}-\d\d-\d\d|\d{8})$/.test(model.slice(asked.length))
