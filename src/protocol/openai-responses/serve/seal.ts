/** What a provider needs to get back with reasoning, as the `encrypted_content` of a reasoning item. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type { ProviderMetadata } from "../../../domain/ContentPart.js"
import { parseJson } from "../../../http/Json.js"
import { metadataOf } from "../../serve/ReadRequest.js"

/** The sealed content. It is encoded and not encrypted: the providers' own signatures protect what is in it. */
export const seal = (metadata: ProviderMetadata | undefined): string | undefined =>
  metadata === undefined ? undefined : Encoding.encodeBase64(JSON.stringify(metadata))

/** Opens a seal; gives nothing for a text that is not a seal. */
export const unseal = (sealed: string): ReturnType<typeof metadataOf> =>
  metadataOf(Either.match(Encoding.decodeBase64String(sealed), { onLeft: () => undefined, onRight: parseJson }))
