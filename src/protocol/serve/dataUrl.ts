/** Reads the address of an image or file, which may hold the bytes themselves. */
import { invalid } from "./openAIRules.js"
import type { ServedError } from "./ServedError.js"

/** Where a provider finds an image or file. */
export type MediaSource =
  | { readonly url: string }
  | {
      /** The bytes in base64. */
      readonly data: string
      /** For example `image/png`. */
      readonly mediaType: string
    }

// Longer ones are no media type.
const maxHeadLength = 200

/** The source that a URL names; a data URL holds it. `undefined` for one that is neither base64 nor on the web. */
export const sourceOf = (url: string): MediaSource | undefined => {
  if (/^https?:\/\//i.test(url.slice(0, 10))) return { url }
  const comma = url.slice(0, maxHeadLength).indexOf(",")
  const [, mediaType] = /^data:([\w.+-]+\/[\w.+-]+);base64$/i.exec(url.slice(0, Math.max(comma, 0))) ?? []
  return mediaType === undefined ? undefined : { data: url.slice(comma + 1), mediaType }
}

/** The resolution at which the model sees an image. */
export const detailOf = (detail: unknown): { readonly detail?: "low" | "high" | "auto" } =>
  detail === "low" || detail === "high" || detail === "auto" ? { detail } : {}

/** The rejection of an address without a source; `path` is the name of its field. */
export const wrongAddress = (path: string): ServedError => ({
  ...invalid(`Invalid '${path}': expected a URL that begins with https:// or with data: and holds base64.`, path),
  code: "invalid_value"
})
