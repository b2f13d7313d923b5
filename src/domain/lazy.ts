/** Values that are expensive to build and often unused, so that an import does not wait for them. */
import * as Schema from "effect/Schema"

/** Makes a value on the first call and returns the same value afterwards. */
export const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/**
 * Makes a schema on first use. Building the schemas of requests and messages takes longer than loading the rest of the
 * library, and a program that only reads responses needs none of them.
 */
export const lazySchema = <A>(make: () => Schema.Schema<A>): Schema.Schema<A> => Schema.suspend(make)
