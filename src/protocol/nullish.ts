/** The schema of a field that may be missing or `null`. */
import * as Schema from "effect/Schema"

/** Makes the schema of a field that may be missing or `null`. */
export const nullish = <A>(schema: Schema.Schema<A>): Schema.optional<Schema.NullOr<Schema.Schema<A>>> =>
  Schema.optional(Schema.NullOr(schema))
