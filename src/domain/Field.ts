/** Schemas of the fields of a request, whose failures say what to write instead. */
import { Schema } from "effect"

/**
 * A schema that is made when it is first used. To build those of requests and messages takes longer than to load all of
 * our code, and a program that only reads answers needs none of them.
 */
export const lazySchema = <A>(make: () => Schema.Schema<A>): Schema.Schema<A> => Schema.suspend(make)

/** A field that may be left out, or be `undefined`. */
export const nullish = <A>(schema: Schema.Schema<A>): Schema.optional<Schema.Schema<A>> => Schema.optional(schema)

/** Replaces everything that a failed schema would report by one sentence, to stand behind the path of the field. */
export const says =
  (message: string) =>
  <A>(schema: Schema.Schema<A>): Schema.Schema<A> =>
    schema.annotations({ message: () => ({ message, override: true }) })

/** A finite number within bounds, both included. */
export const between = (low: number, high: number): Schema.Schema<number> =>
  Schema.Finite.pipe(Schema.between(low, high), says(`must be a number from ${low} to ${high}`))

/** A whole number above 0. */
export const positive = (): Schema.Schema<number> =>
  Schema.Int.pipe(Schema.positive(), says("must be a whole number above 0"))

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, ...Array<string>]>(
  ...words: Words
): Schema.Schema<Words[number]> => Schema.Literal(...words).pipe(says(`must be one of ${words.join(", ")}`))
