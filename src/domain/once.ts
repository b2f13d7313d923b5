/** Values that take long to make and may never be asked for: an import should not wait for them. */

/** Makes a value when it is first asked for, and keeps it. */
export const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
