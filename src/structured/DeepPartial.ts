/** What may be there of a value while it is being written. */

/**
 * A value of which anything may be missing yet: members, items at the end of lists, the end of texts. A text is any
 * `string`, as it may be the beginning of the one that the schema asks for.
 */
export type DeepPartial<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean | null | undefined
      ? T
      : T extends ReadonlyArray<infer Item>
        ? PartialList<T, Item>
        : T extends object
          ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
          : T

/** Tuples keep their places; of a list there are some items. */
type PartialList<T extends ReadonlyArray<unknown>, Item> = number extends T["length"]
  ? ReadonlyArray<DeepPartial<Item>>
  : { readonly [Place in keyof T]?: DeepPartial<T[Place]> }
