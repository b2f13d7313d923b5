/** The options of runs. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { checkOptions, countProblem } from "../domain/checkOptions.js"
import { finiteDurationProblem, positiveDurationProblem } from "../domain/durationProblem.js"
import type { ValidationError } from "../domain/LLMError.js"
import type { Extra } from "../http/framing/EventFormat.js"

/** The options of `Runs.layer`. */
export interface RunsOptions {
  /**
   * How long the process of a run may be silent before the run counts as lost; 10 seconds by default. The process reports
   * three times as often, whether or not the provider writes.
   */
  readonly lease?: Duration.DurationInput | undefined
  /** How long runs are kept after their end; 1 hour by default. */
  readonly retention?: Duration.DurationInput | undefined
  /** How long running runs may go on when the layer is closed, on SIGTERM for instance; 10 seconds by default. */
  readonly grace?: Duration.DurationInput | undefined
  /** The largest size of a run, as JSON in UTF-16 code units; 8 Mi by default. A larger run fails. */
  readonly maxSize?: number | undefined
  /**
   * When readers in this process get an entry: once the store has begun to write it (`begun`, the default), or once it is
   * stored (`stored`), so that nothing was ever read that is lost when the process dies.
   */
  readonly deliver?: "begun" | "stored" | undefined
  /** What to keep of chunks besides what pages get; `["providerMetadata"]` by default, to continue the conversation. */
  readonly keep?: ReadonlyArray<Extra> | undefined
}

/** The options with their defaults, times in milliseconds. */
export interface RunSettings {
  readonly leaseMillis: number
  readonly retentionMillis: number
  readonly grace: Duration.Duration
  readonly maxSize: number
  readonly deliver: "begun" | "stored"
  readonly keep: ReadonlyArray<Extra>
}

/** Fills in the defaults, or says which option cannot be right. */
export const settingsOf = ({
  lease = "10 seconds",
  retention = "1 hour",
  grace = "10 seconds",
  maxSize = 8 * 1024 * 1024,
  deliver = "begun",
  keep = ["providerMetadata"]
}: RunsOptions): Effect.Effect<RunSettings, ValidationError> =>
  Effect.map(
    checkOptions("Runs", [
      positiveDurationProblem("lease", lease),
      positiveDurationProblem("retention", retention),
      finiteDurationProblem("grace", grace),
      countProblem("maxSize", maxSize)
    ]),
    () => ({
      leaseMillis: Duration.toMillis(lease),
      retentionMillis: Duration.toMillis(retention),
      grace: Duration.decode(grace),
      maxSize,
      deliver,
      keep
    })
  )
