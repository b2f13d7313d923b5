/** The labels of metrics, bounded in number: names of models can come from callers. */
import * as MetricLabel from "effect/MetricLabel"

/** The attributes of one data point. */
export interface SeriesAttributes {
  readonly [name: string]: string | undefined
}

/** The labels of one series. The same list is reused, so that Effect finds the series without a search. */
export type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/** Stands for models beyond the bound, as the conventions write it. */
export const otherModel = "_OTHER"

/** Mutable, as it remembers what it has seen. Metrics are never dropped from Effect's registry, so neither is this. */
export class SeriesLabels {
  private readonly models = new Set<string>()
  private readonly labels = new Map<string, Labels>()

  /** `maxModels` bounds the distinct values of all `modelNames` together; the other attributes are few. */
  constructor(
    private readonly modelNames: ReadonlyArray<string>,
    private readonly maxModels: number
  ) {}

  /** Returns the labels of some attributes. */
  of(attributes: SeriesAttributes): Labels {
    let key = ""
    for (const name in attributes) key += `${name}\n${attributes[name] ?? ""}\n`
    const found = this.labels.get(key)
    if (found !== undefined) return found
    const labels = this.make(this.bounded(attributes))
    // Keys of models beyond the bound are not remembered.
    if (this.isKnown(attributes)) this.labels.set(key, labels)
    return labels
  }

  private make(attributes: SeriesAttributes): Labels {
    return Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [MetricLabel.make(name, value)]
    )
  }

  private bounded(attributes: SeriesAttributes): SeriesAttributes {
    const key = this.modelKey(attributes)
    if (this.models.has(key)) return attributes
    if (this.models.size < this.maxModels) {
      this.models.add(key)
      return attributes
    }
    const named = this.modelNames.filter((name) => attributes[name] !== undefined)
    return { ...attributes, ...Object.fromEntries(named.map((name) => [name, otherModel])) }
  }

  private isKnown(attributes: SeriesAttributes): boolean {
    return this.models.has(this.modelKey(attributes))
  }

  private modelKey(attributes: SeriesAttributes): string {
    return this.modelNames.map((name) => attributes[name] ?? "").join("\n")
  }
}
